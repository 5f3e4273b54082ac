// For tests: `npm run dev` in places of its own.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFailed, onTestFinished } from 'vitest'
import { stopApacheKafka } from '../apache-kafka/broker.ts'
import { freePort } from '../machine/ports.ts'
import { stopOrphan } from '../postgres/server.ts'

export const SLOW = { timeout: 600_000, interval: 50 }
export const product = { name: 'Tea', price: '1.50', quantity: 3 }

/** A place for a stack of its own: a data folder, and ports that are most likely free. */
export async function newPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'dev-'))
  onTestFinished(async () => {
    await stopOrphan(join(folder, 'postgres'))
    await stopApacheKafka(join(folder, 'apache-kafka'))
    await rm(folder, { recursive: true, force: true })
  })
  const offset = await freeOffset()
  return { folder, offset, env: { ...process.env, LOCAL_DATA: folder, LOCAL_PORT_OFFSET: String(offset) } }
}

/** One that leaves every port of a stack free, and the next to them. */
async function freeOffset(): Promise<number> {
  const offset = 10_000 + Math.floor(Math.random() * 10_000)
  const ports = [5432, 4444, 9092, 9093, 9094, 8787, 9229].map((port) => port + offset)
  const free = await Promise.all(ports.map((port) => freePort('', port, () => {})))
  return free.join() === ports.join() ? offset : freeOffset()
}

export type Place = Awaited<ReturnType<typeof newPlace>>

/** `npm run dev`, with what it says. */
export function dev({ env }: Place, args: string[] = [], more: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  onTestFailed(() => console.error(`npm run dev ${args.join(' ')}\n${output}`))
  const exited = once(child, 'exit').then(([code]) => code)
  return {
    child,
    exited,
    output: () => output,
    ready: async () => {
      await expect.poll(() => output, SLOW).toMatch(/Ready in .* s\n/)
      return /API +(http:\S+)/.exec(output)?.[1] ?? ''
    },
  }
}

export const post = (api: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${api}/products`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

/** Of a process and of all that it has started. */
export async function commandLinesFrom(root: number | undefined) {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='], { maxBuffer: 10_000_000 })
  const all = [...stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(([, pid, parent, line = '']) => ({
    pid: Number(pid),
    parent: Number(parent),
    line,
  }))
  const below = (pid: number): string[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child.line, ...below(child.pid)])
  return [...all.filter(({ pid }) => pid === root).map(({ line }) => line), ...below(root ?? NaN)]
}

/** On a busy machine what was told to end may outlive by a moment who told it so. */
export const nothingLeft = (place: Place) => expect.poll(() => processes(place), SLOW).toEqual([])

/** What `ps` shows of all processes that were started for this place. */
export async function processes({ folder, offset }: Place, columns = 'args=') {
  const { stdout } = await promisify(execFile)('ps', ['-eo', columns], { maxBuffer: 10_000_000 })
  return stdout.split('\n').filter((line) => line.includes(folder) || line.includes(`127.0.0.1:${8787 + offset}`))
}

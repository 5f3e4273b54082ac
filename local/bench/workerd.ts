import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import * as z from 'zod'
import type { Bundle } from '../rig/killable-worker.ts'

const require = createRequire(import.meta.resolve('miniflare')) // whose workerd it is
const { default: program } = z.object({ default: z.string() }).parse(require('workerd'))
const Listening = z.object({ event: z.literal('listen'), port: z.int() })

const START = 10_000 // ms

/**
 * Runs a bundle in workerd itself: no wrangler and no Miniflare before the Worker. What it logs is written, and goes
 * nowhere.
 */
export async function startWorkerd({ worker }: Pick<Bundle, 'worker'>, bindings: Record<string, string>) {
  const path = join(dirname(worker.scriptPath), 'workerd.capnp')
  await writeFile(path, configuration(worker, bindings))
  const child = spawn(program, ['serve', '--control-fd=3', path], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const killNow = () => child.kill('SIGKILL')
  process.once('exit', killNow)
  const complaints: string[] = []
  const complain = (chunk: unknown) => complaints.push(String(chunk))
  child.stderr?.on('data', complain)
  const control = child.stdio[3]
  if (!(control instanceof Readable)) throw new Error('workerd says nothing')
  const signal = AbortSignal.timeout(START)
  const [line]: unknown[] = await Promise.race([
    once(createInterface(control), 'line', { signal }),
    once(child, 'exit').then(() => []),
  ])
  if (typeof line !== 'string') throw new Error(`workerd did not start: ${complaints.join('')}`)
  child.stderr?.off('data', complain).resume()
  return {
    url: `http://127.0.0.1:${Listening.parse(JSON.parse(line)).port}/`,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      process.off('exit', killNow)
      const exited = once(child, 'exit')
      if (killNow()) await exited
    },
  }
}

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configuration(
  { scriptPath, texts, compatibilityDate, compatibilityFlags }: Bundle['worker'],
  bindings: Record<string, string>,
) {
  const script = basename(scriptPath)
  const modules = [
    `(name = ${quote(script)}, esModule = embed ${quote(script)})`,
    ...texts.map((name) => `(name = ${quote(name)}, text = embed ${quote(name)})`),
  ]
  const values = Object.entries(bindings).map(([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`)
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [${modules.join()}],
      bindings = [${values.join()}],
      compatibilityDate = ${quote(compatibilityDate)},
      compatibilityFlags = [${compatibilityFlags.map(quote).join()}],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
`
}

const quote = (text: string) => JSON.stringify(text)

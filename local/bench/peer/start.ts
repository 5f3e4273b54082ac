import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { errorMessage } from '../../machine/error-message.ts'
import { lastingPort } from '../../machine/ports.ts'

const START = 60_000 // ms: a first start compiles all that it imports
const RETRY = 50 // ms

/** Runs main.py with the Python at a path. Resolves when it answers. */
export async function startPeer(python: string, env: Record<string, string>) {
  const port = await lastingPort()
  const url = `http://127.0.0.1:${port}/`
  const server = ['-m', 'uvicorn', 'main:app', '--app-dir', import.meta.dirname, '--port', String(port)]
  const child = spawn(python, [...server, '--log-level', 'warning', '--no-access-log'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', ...env },
  })
  const killNow = () => child.kill('SIGKILL')
  process.once('exit', killNow)
  let complaints = ''
  child.stderr.on('data', (chunk) => (complaints = `${complaints}${chunk}`.slice(-2_000)))
  const ended = once(child, 'exit').then(
    () => `it has ended\n${complaints.trim()}`,
    (error: unknown) => errorMessage(error),
  )
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  const wrong = await Promise.race([ended, answers(url, gone.signal)])
  if (wrong !== undefined) {
    killNow()
    throw new Error(`The peer has not started. It takes a Python with local/bench/peer/requirements.txt: ${wrong}`)
  }
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      process.off('exit', killNow)
      if (killNow()) await ended
    },
  }
}

/** Resolves when it does, or with what is wrong when its time is over, or it is gone. */
async function answers(url: string, gone: AbortSignal) {
  for (const end = Date.now() + START; Date.now() < end && !gone.aborted; await setTimeout(RETRY)) {
    const response = await fetch(new URL('products', url)).catch(() => undefined)
    if (response?.ok) return undefined
  }
  return `it does not answer in ${START / 1000} s`
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, inject, onTestFinished, test } from 'vitest'
import { portOf } from '../machine/port-of.ts'

const { DATABASE_URL } = inject('services')
const { PATH } = process.env

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test.each([
  ['options', ['--port', '0', '--postgres-port', new URL(DATABASE_URL).port], {}],
  ['the environment', [], { PORT: '0', POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: new URL(DATABASE_URL).port }],
])('it runs on its own, told by %s, until it is asked to end', async (_, args, env) => {
  const child = start(args, env)
  const [line] = await once(child.stdout, 'data')
  const [, url = ''] = /^Neon proxy: (\S+\/sql), in front of Postgres at 127\.0\.0\.1:\d+\n$/.exec(String(line)) ?? []
  const query = {
    method: 'POST',
    headers: { 'Neon-Connection-String': DATABASE_URL },
    body: '{"query":"select 1 as one"}',
  }
  expect(await (await fetch(url, query)).json()).toMatchObject({ rows: [{ one: 1 }] })
  child.kill('SIGTERM')
  expect((await once(child, 'exit'))[0]).toBe(0)
})

test('what is wrong is one line and exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const port = String(portOf(taken))
  for (const [args, reason] of [
    [['--port', port], `listen EADDRINUSE: address already in use 127.0.0.1:${port}`],
    [['--port', 'many'], '"many" is not a port'],
    [['--sport', '1'], "Unknown option '--sport'"],
  ] as const) {
    const child = start([...args])
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect([code, said]).toEqual([1, `Neon proxy: ${reason}\n`])
  }
})

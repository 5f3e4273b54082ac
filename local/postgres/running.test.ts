import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { newFolder } from './fixtures.ts'
import { isAlive } from '../machine/is-alive.ts'
import { run } from './run.ts'
import { isServer } from './running.ts'

/** A process that `ps` shows under this name. */
async function processNamed(name: string) {
  const child = spawn(process.execPath, ['--eval', 'console.log(); setInterval(() => {}, 1000)'], {
    argv0: name,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

test.each([
  ['another program', 'node', false],
  ['a child of some Postgres', 'postgres: checkpointer ', false],
  ['a Postgres that was not launched as here', '/usr/bin/postgres', undefined],
])('%s on the pid of a server: is it that server?', async (_, name, answer) => {
  expect(await isServer(await processNamed(name), await newFolder())).toBe(answer)
})

test('a Postgres that has ended is no server, though its parent has not asked how it ended', async () => {
  const folder = await newFolder()
  await symlink('/bin/sh', join(folder, 'postgres'))
  const script = '"$1" -c "read line" <&3 & echo $!; exec sleep 300' // the program in the place of the shell asks for no child
  const parent = spawn('sh', ['-c', script, '-', join(folder, 'postgres')], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = await once(parent.stdout ?? parent, 'data')
  const pid = Number(line)
  const program = async () => (await run('ps', ['-o', 'args=', '-p', String(parent.pid)])).output
  await expect.poll(program).toMatch(/^sleep 300/)
  const end = parent.stdio[3]
  if (end && 'write' in end) end.write('\n')
  await expect.poll(() => isServer(pid, folder)).toBe(false)
  expect(isAlive(pid)).toBe(true)
})

test('a process that ps does not show may be the server, and one that has ended is not', async () => {
  vi.stubEnv('PATH', '/nowhere')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await isServer(process.pid, '/')).toBe(undefined)
  expect(await isServer(2 ** 22 + 1, '/')).toBe(false) // above the largest pid of Linux
})

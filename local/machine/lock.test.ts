import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lock } from './lock.ts'

const newFolder = () => `/nowhere/${crypto.randomUUID()}`

/** Another process that holds the lock on a folder. */
async function holder(folder: string) {
  const program = `import { lock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
    await lock(${JSON.stringify(folder)}, () => 'the other one')
    console.log('locked')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('the lock of another process is not given, and tells who has it', async () => {
  const folder = newFolder()
  await holder(folder)
  await expect.poll(() => lock(folder, () => 'me')).toBe('the other one') // it may not say so at once on a busy machine
  expect(await lock(newFolder(), () => 'me')).toBeUndefined()
})

test('a killed holder leaves the lock free', async () => {
  const folder = newFolder()
  const child = await holder(folder)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await lock(folder, () => 'me')).toBeUndefined()
  await expect.poll(() => lock(folder, () => 'me again')).toBe('me')
})

test('a holder that stands still is told of, with what to do', async () => {
  const folder = newFolder()
  const child = await holder(folder)
  child.kill('SIGSTOP')
  expect(await lock(folder, () => 'me')).toBe(
    'a process that says nothing. If it is stopped, let it go on with `fg`, or end it',
  )
})

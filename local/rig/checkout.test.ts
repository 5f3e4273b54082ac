import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test('a checkout by Git for Windows has the same files as any other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'checkout-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', folder, '-c', 'core.autocrlf=true', ...args])
  const text = 'one\ntwo\n'
  const picture = Buffer.from('one\r\ntwo\n')
  await git('init', '--quiet')
  await copyFile(join(root, '.gitattributes'), join(folder, '.gitattributes'))
  const names = ['a.ts', 'b.toml', '.env', 'run']
  for (const name of names) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'c.png'), picture)
  await git('add', '.')
  await Promise.all([...names, 'c.png'].map((name) => rm(join(folder, name))))
  await git('checkout-index', '--all')
  for (const name of names) expect(await readFile(join(folder, name), 'utf8')).toBe(text)
  expect(await readFile(join(folder, 'c.png'))).toEqual(picture)
})

test('npm brings the tools whatever NODE_ENV says, and lets no package run a script', async () => {
  const npm = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)('npm', args, {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
    })
    return stdout.trim()
  }
  expect(await npm('ls', '--parseable', 'vitest')).toBe(join(root, 'node_modules/vitest'))
  expect(await npm('config', 'get', 'ignore-scripts')).toBe('true')
})

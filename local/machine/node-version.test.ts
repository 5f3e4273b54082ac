import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import * as z from 'zod'

const root = join(import.meta.dirname, '../..')
const old = 'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.20.2" })'

async function scripts() {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  return Object.values(scripts)
}

test('a Node that is too old is told in a sentence, before a file that it cannot read', async () => {
  const args = ['--import', old, '--import', './local/machine/node-version.js', 'local/no-such-file.ts']
  const failed = await promisify(execFile)(process.execPath, args, { cwd: root }).catch(
    (error: { code: number; stderr: string }) => error,
  )
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^This is Node 20\.20\.2, and this project runs on Node 24 or newer\. .*\n$/),
  })
})

test('what was compiled is kept for the next start, of threads and of programs that are started, too', async () => {
  const folder = `console.log(require('node:module').getCompileCacheDir())`
  const thread = `new (require('node:worker_threads').Worker)(${JSON.stringify(folder)}, { eval: true })`
  const program = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(folder)}], { stdio: 'inherit' })`
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const args = ['--import', './local/machine/node-version.js', '-e', [folder, thread, program].join(';')]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env })
  const kept = stdout.trim().split('\n')
  expect(kept).toHaveLength(3)
  expect(new Set(kept).size).toBe(1)
  expect(kept[0]).toContain(join(root, 'node_modules/.cache/node'))
})

test('no script of ours runs without that', async () => {
  for (const script of await scripts())
    expect(script).not.toMatch(/\bnode (?!--import \.\/local\/machine\/node-version\.js )/)
  expect(await readFile(join(root, 'local/rig/vitest.config.ts'), 'utf8')).toMatch(
    /^import '\.\.\/machine\/node-version\.js'/,
  )
})

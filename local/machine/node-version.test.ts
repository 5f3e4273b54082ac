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

test('no script of ours runs without that', async () => {
  for (const script of await scripts())
    expect(script).not.toMatch(/\bnode (?!--import \.\/local\/machine\/node-version\.js )/)
  expect(await readFile(join(root, 'local/rig/vitest.config.ts'), 'utf8')).toMatch(
    /^import '\.\.\/machine\/node-version\.js'/,
  )
})

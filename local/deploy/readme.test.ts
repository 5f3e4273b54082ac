// What the README says, as somebody takes it who deploys for the first time.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { SECRETS } from './deployment.ts'

const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8')

test('every secret of the table in the README is known, and nothing else goes to a Worker', async () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` .*$/gm)].flatMap(([row, name = '']) =>
    /secret|command|KAFKA/.test(row) ? [name] : [],
  )
  expect(SECRETS.toSorted()).toEqual(rows.toSorted())
})

test('the command of the README makes a token, and the hash by which the API knows it', async () => {
  const [, command = ''] = /```sh\n( *node -e [^`]*)```/.exec(readme) ?? []
  const { stdout } = await promisify(execFile)('sh', ['-c', command])
  const [, token = '', hash = ''] = /^(\w{64})  for the client\n(\w{64})  for API_TOKENS\n$/.exec(stdout) ?? []
  expect(hash).toBe(createHash('sha256').update(token).digest('hex'))
})

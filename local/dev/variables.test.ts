import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readVariables } from './variables.ts'

test('the shell comes before .env.local, and that before .env; what is empty is not set', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'variables-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  expect(await readVariables(folder, {})).toEqual({ values: {}, tokensAsked: false })
  await writeFile(join(folder, '.env'), 'A=common\nB=common\nC=common\nAPI_TOKENS=none\n')
  await writeFile(join(folder, '.env.local'), 'B=own\nC=own\n')
  const shell = { A: '', C: 'shell' }
  expect(await readVariables(folder, shell)).toEqual({
    values: { A: 'common', B: 'own', C: 'shell', API_TOKENS: 'none' },
    tokensAsked: false,
  })
  expect(await readVariables(folder, { API_TOKENS: 'none' })).toMatchObject({ tokensAsked: true })
  await writeFile(join(folder, '.env.local'), 'API_TOKENS=none\n')
  expect(await readVariables(folder, {})).toMatchObject({ tokensAsked: true })
})

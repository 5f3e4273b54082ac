// What a client is made from: the contract as it is served, and a generator that knows nothing else of this API.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { stage } from '../../local/rig/stage.ts'
import { worker } from '../../local/rig/worker.ts'

const { env } = stage()
const api = worker('', env)

const require = createRequire(import.meta.url)
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
const orval = require.resolve('orval/bin/orval')
const STRICT = [
  '--noEmit',
  '--strict',
  '--target',
  'es2024',
  '--module',
  'nodenext',
  '--allowImportingTsExtensions',
  '--types',
  '',
]

/** orval.config.mjs, as lib/README.md has it. */
const config = (origin: string) => `export default {
  products: {
    input: '${origin}/openapi.json',
    output: { target: 'client.ts', client: 'fetch', baseUrl: { getBaseUrlFromSpecification: true } },
  },
}
`

/** An answer of another status has another type, so that every step has to look at it. */
const program = `
import { createProduct, getProduct, importProducts, listProducts } from './client.ts'

const created = await createProduct({ name: 'Kanelbulle', price: 24.9, quantity: 12 }, { headers: { 'Idempotency-Key': 'once' } })
if (created.status !== 201) throw new Error(created.data.detail)

const found = await getProduct(created.data.id)
if (found.status !== 200) throw new Error('not found')
const price: string = found.data.price

const semla = { name: 'Semla', price: '45.00', quantity: 0 }
const json = { headers: { 'Content-Type': 'application/json' } } // of several types that the operation takes
const imported = await importProducts([semla, { name: 'Bulle', price, quantity: 1 }], json)
if (imported.status !== 201) throw new Error(imported.data.detail)

const page = await listProducts({ limit: 2 })
if (page.status !== 200) throw new Error(page.data.detail)
const rest = await listProducts({ after: page.data.next ?? '' })
if (rest.status !== 200) throw new Error(rest.data.detail)

const refused = await createProduct({ name: '', price: '1', quantity: -1 })
if (refused.status !== 422) throw new Error('not refused')

console.log(JSON.stringify({
  created: created.data,
  found: found.data,
  listed: [...page.data.items, ...rest.data.items].map(({ name }) => name),
  issues: refused.data.errors?.length,
}))
`

test('a generated client makes, reads, imports and lists products', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'product-api-client-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const use = join(folder, 'use.ts')
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'orval.config.mjs'), config(api.url()))
  await writeFile(use, program)

  const run = promisify(execFile)
  await run(process.execPath, [orval], { cwd: folder })
  await expect(run(process.execPath, [tsc, ...STRICT, use], { cwd: folder })).resolves.toEqual({
    stdout: '',
    stderr: '',
  })
  const { stdout } = await run(process.execPath, ['--no-warnings', use])
  const { created, found, listed, issues }: Record<string, unknown> = JSON.parse(stdout)
  expect(found).toEqual(created)
  expect(listed).toEqual(['Kanelbulle', 'Semla', 'Bulle'])
  expect(issues).toBe(2)
})

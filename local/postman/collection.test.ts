import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { contract } from '../../lib/contract/document.ts'
import { stage } from '../rig/stage.ts'
import { worker } from '../rig/worker.ts'
import { collection, environment } from './collection.ts'

const { env } = stage()
const token = 'writer'
const open = worker('', env)
const closed = worker('', { ...env, API_TOKENS: createHash('sha256').update(token).digest('hex') })

const file = (name: string) => join(import.meta.dirname, `product-api.postman_${name}.json`)
const newman = createRequire(import.meta.url).resolve('newman/bin/newman.js')

const Report = z.object({
  run: z.object({
    stats: z.record(z.string(), z.object({ total: z.number(), pending: z.number(), failed: z.number() })),
    failures: z.array(
      z.object({ source: z.object({ name: z.string() }).optional(), error: z.object({ message: z.string() }) }),
    ),
  }),
})

/** Runs a collection as `newman run` does, and tells what came of it. */
async function run(path: string, variables: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'product-api-postman-'))
  const report = join(folder, 'report.json')
  const set = Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`])
  const args = [
    newman,
    'run',
    path,
    '-e',
    file('environment'),
    ...set,
    '--reporters',
    'json',
    '--reporter-json-export',
    report,
  ]
  try {
    const code = await new Promise<unknown>((done) =>
      execFile(process.execPath, args, (error) => done(error?.code ?? 0)),
    )
    const { stats, failures } = Report.parse(JSON.parse(await readFile(report, 'utf8'))).run
    return {
      code,
      failures: failures.map(({ source, error }) => `${source?.name}: ${error.message}`),
      assertions: stats.assertions?.total,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('what Postman imports is made from the contract: `npm run postman`', async () => {
  expect(JSON.parse(await readFile(file('collection'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(collection())))
  expect(JSON.parse(await readFile(file('environment'), 'utf8'))).toEqual(environment())
})

test('there is a folder for each handler, and one for the lecture', () => {
  expect(new Set(collection().item.map(({ name }) => name))).toEqual(
    new Set(['Lecture', ...contract().tags.map(({ name }) => name)]),
  )
})

test.each([
  ['open', open, ''],
  ['closed', closed, token],
])('all of it runs green on an API that is %s', async (_, api, token) => {
  const { code, failures, assertions } = await run(file('collection'), { baseUrl: api.url(), token })
  expect({ code, failures }).toEqual({ code: 0, failures: [] })
  expect(assertions).toBeGreaterThan(50)
})

test('it fails where an answer is not what the contract says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'product-api-postman-'))
  const path = join(folder, 'collection.json')
  await writeFile(path, JSON.stringify(collection()).replaceAll('created_at', 'made_at'))
  const { code, failures } = await run(path, { baseUrl: open.url() })
  await rm(folder, { recursive: true })
  expect(code).toBe(1)
  expect(failures).toContainEqual(expect.stringContaining('made_at'))
})

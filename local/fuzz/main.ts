// `npm run fuzz`: a stack of its own, and Schemathesis against it, which makes requests from the contract and holds the answers against it.
// It is a Python tool: its command is an argument, `npm run fuzz -- PATH/TO/st`, or `st` on the PATH.

import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract } from '../../lib/contract/document.ts'
import { readConfigs, writeConfigs } from '../dev/configs.ts'
import { freePort } from '../machine/ports.ts'
import { startServices } from '../dev/services.ts'
import { startWrangler } from '../dev/wrangler.ts'

const SECONDS = 90
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'use_after_free',
  'ensure_resource_availability',
]
/** Schemathesis can write no NDJSON. */
const UNKNOWN_TO_IT = ['application/x-ndjson', 'application/ndjson', 'application/jsonl']

const [command = 'st'] = process.argv.slice(2)
const token = randomUUID()
const folder = await mkdtemp(join(tmpdir(), 'product-api-fuzz-'))
const services = await startServices({ folder, ports: { postgres: 0, neonProxy: 0, kafka: 0 }, log: () => {} })
const values = {
  ...services.env,
  DATABASE_URL: services.roles.writer,
  API_TOKENS: createHash('sha256').update(token).digest('hex'),
}
const wrangler = startWrangler({
  port: await freePort('API', 0, console.log),
  inspectorPort: await freePort('Inspector', 0, console.log),
  ...(await writeConfigs(
    await readConfigs(join(import.meta.dirname, '../..'), '', false),
    values,
    join(folder, 'wrangler'),
  )),
  args: ['--log-level', 'error', '--show-interactive-dev-session=false'],
})
try {
  await Promise.race([wrangler.answers(), wrangler.ended()])
  process.exitCode = await fuzz(wrangler.url)
} finally {
  await wrangler.stop()
  await services.stop()
  await rm(folder, { recursive: true, force: true })
}
process.exit()

async function fuzz(url: string) {
  const document = contract()
  for (const mediaType of UNKNOWN_TO_IT)
    delete document.paths['/products/import']?.post?.requestBody?.content[mediaType]
  const path = join(folder, 'openapi.json')
  await writeFile(path, JSON.stringify(document))

  const bounds = [
    '--max-time',
    String(SECONDS),
    '--generation-deterministic',
    '--continue-on-failure',
    '--workers',
    '2',
  ]
  const args = [
    'run',
    path,
    '--url',
    url,
    '--header',
    `Authorization:Bearer ${token}`,
    '--checks',
    CHECKS.join(),
    ...bounds,
  ]
  const child = spawn(command, args, { cwd: folder, stdio: 'inherit' })
  const [code]: (number | null)[] = await once(child, 'exit')
  return code ?? 1
}

// `npm run fuzz`: a stack of its own, and Schemathesis against it, which makes requests from the contract and holds the
// answers against it. It is a Python tool: its command is an argument, `npm run fuzz -- PATH/TO/st`, or `st` on the
// PATH.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contract } from '../../../lib/contract/document.ts'
import { withOwnStack } from '../own-stack.ts'

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
process.exit(await withOwnStack(fuzz))

async function fuzz({ url, token, folder }: { url: string; token: string; folder: string }) {
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

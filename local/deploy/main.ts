// `npm run deploy`: the migrations, then the relay and the functions, then the gateway. `npm run deploy -- create-product`: that one alone.
// `--secrets-file FILE` gives each the secrets that it needs and no others; `--dry-run` only builds, offline.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parseDeployment, secretsFor } from './deployment.ts'
import { errorMessage } from '../machine/error-message.ts'
import { machineNode } from './machine-node.ts'
import { migrate } from './migrate.ts'

const ROOT = join(import.meta.dirname, '../..')
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')

try {
  const deployment = parseDeployment(process.argv.slice(2))
  const node = deployment.dryRun ? process.execPath : machineNode(process.execPath, process.env)
  if (node === process.execPath) await deploy(deployment)
  else process.exitCode = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1
} catch (error) {
  console.error(`npm run deploy: ${errorMessage(error)}`)
  process.exitCode = 1
}

async function deploy({ workers, migrates, dryRun, secretsFile }: ReturnType<typeof parseDeployment>) {
  const secrets = secretsFile === undefined ? undefined : await readFile(secretsFile, 'utf8')
  if (migrates) {
    const { DATABASE_URL } = { ...parseEnv(secrets ?? ''), ...process.env }
    if (!DATABASE_URL) throw new Error('DATABASE_URL is missing: the migrations come first')
    for (const name of await migrate(DATABASE_URL)) console.log(`Migrated: ${name}`)
  }
  const folder = await mkdtemp(join(tmpdir(), 'product-api-deploy-')) // only we can read it
  try {
    for (const worker of workers) {
      const file = join(folder, worker.name)
      if (secrets !== undefined) await writeFile(file, secretsFor(worker, secrets), { mode: 0o600 })
      const given = [...(secrets === undefined ? [] : ['--secrets-file', file]), ...(dryRun ? ['--dry-run'] : [])]
      console.log(`\n${dryRun ? 'Building' : 'Deploying'} ${worker.name}`)
      execFileSync(process.execPath, [WRANGLER, 'deploy', '--env', worker.name, ...given], {
        cwd: ROOT,
        stdio: 'inherit',
      })
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

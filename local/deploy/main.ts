// `npm run deploy`: the migrations, then the relay and the functions, then the gateway. `npm run deploy --
// create-product`: that one alone.
// `--secrets-file FILE` gives each the secrets that it needs and no others; `--dry-run` only builds, offline.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDeployment, SECRETS, secretsFor, WHOLE } from './deployment.ts'
import { errorMessage } from '../machine/error-message.ts'
import { killTree } from '../machine/process-tree.ts'
import { stopSignal } from '../machine/stop-signal.ts'
import { machineNode } from './machine-node.ts'
import { migrate } from './migrate.ts'
import { migrationsUrl, parseSecrets, readSecrets, refuseOtherDatabase, warnings } from './secrets.ts'

const ROOT = join(import.meta.dirname, '../..')
const WRANGLER = createRequire(import.meta.url).resolve('wrangler') // not its bin, a process in between

const stopping = stopSignal()
try {
  const deployment = parseDeployment(process.argv.slice(2))
  const node = deployment.dryRun ? process.execPath : machineNode(process.execPath, process.env)
  if (node === process.execPath) await deploy(deployment)
  else process.exitCode = await run(node, process.argv.slice(1), ({ kill }) => kill())
} catch (error) {
  console.error(`npm run deploy: ${errorMessage(error)}`)
  process.exitCode = stopping.aborted ? 130 : 1 // 128 + SIGINT
}

async function deploy({ workers, migrates, dryRun, secretsFile }: ReturnType<typeof parseDeployment>) {
  const secrets = secretsFile === undefined ? undefined : await readSecrets(secretsFile)
  if (secretsFile !== undefined && secrets !== undefined) {
    for (const warning of warnings(secrets, SECRETS)) console.error(`Warning: in ${secretsFile} ${warning}`)
    refuseOtherDatabase(parseSecrets(secrets), process.env, secretsFile)
  }
  if (migrates) {
    const databaseUrl = migrationsUrl(secrets === undefined ? process.env : parseSecrets(secrets))
    if (!databaseUrl) throw new Error('DATABASE_URL is missing: the migrations come first')
    for (const name of await migrate(databaseUrl)) console.log(`Migrated: ${name}`)
  }
  const folder = await mkdtemp(join(tmpdir(), 'product-api-deploy-')) // only we can read it
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.on('exit', remove) // also where somebody does not want to wait
  for (const worker of workers) {
    if (stopping.aborted) throw new Error(`stopped before ${worker.name}`)
    const file = join(folder, worker.name)
    if (secrets !== undefined) await writeFile(file, secretsFor(worker, secrets), { mode: 0o600 })
    const given = [...(secrets === undefined ? [] : ['--secrets-file', file]), ...(dryRun ? ['--dry-run'] : [])]
    console.log(`\n${dryRun ? 'Building' : 'Deploying'} ${worker.name}`)
    const environment = worker === WHOLE ? '' : worker.name
    const code = await run(
      process.execPath,
      ['--no-warnings', WRANGLER, 'deploy', '--env', environment, ...given],
      ({ pid }) => {
        remove()
        killTree(pid)
      },
      ROOT,
    )
    if (stopping.aborted) throw new Error(`stopped in the middle of ${worker.name}`)
    if (code !== 0) throw new Error(`wrangler has not deployed ${worker.name}`)
  }
}

/** Runs a program in this terminal, and gives its exit code. `end` ends it where we are to stop. */
async function run(
  program: string,
  args: string[],
  end: (child: { pid: number; kill: () => void }) => void,
  cwd = process.cwd(),
) {
  const child = spawn(program, args, { cwd, stdio: 'inherit' })
  const exited = once(child, 'exit')
  const stop = () => end({ pid: child.pid ?? 0, kill: () => child.kill() })
  stopping.addEventListener('abort', stop)
  const [code]: (number | null)[] = await exited
  stopping.removeEventListener('abort', stop)
  return code ?? 1
}

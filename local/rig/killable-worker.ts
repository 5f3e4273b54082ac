import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { unstable_readConfig } from 'wrangler'

const root = join(import.meta.dirname, '../..')
const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')

export type Bundle = Awaited<ReturnType<typeof bundle>>

/**
 * The bundle that `wrangler deploy` would upload for an environment of wrangler.toml, or for another script in it, in a
 * folder that the caller removes.
 */
export async function bundle(env: string, script?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'product-api-bundle-'))
  await promisify(execFile)(
    process.execPath,
    [wrangler, 'deploy', ...(script === undefined ? [] : [script]), '--dry-run', '--env', env, '--outdir', folder],
    { cwd: root },
  )
  const {
    main = '',
    compatibility_date = '',
    compatibility_flags,
  } = unstable_readConfig({ config: join(root, 'wrangler.toml'), env })
  const scriptPath = join(folder, (script ?? main).replace(/^.*\//, '').replace(/\.ts$/, '.js'))
  const texts = (await readdir(folder)).filter((name) => /^[\da-f]{40}-/.test(name)) // so wrangler names what is text by `rules` of wrangler.toml
  return {
    folder,
    worker: { scriptPath, texts, compatibilityDate: compatibility_date, compatibilityFlags: compatibility_flags },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/**
 * Runs a bundle in workerd, in a process group of its own that can be killed as a machine kills it: without a last
 * word.
 * `environment` is that of workerd, not of the Worker; `alarms` the folder in which its Durable Object outlives it,
 * without which it has none; `output` is what the Worker has logged.
 */
export async function startKillableWorker(
  { worker }: Pick<Bundle, 'worker'>,
  bindings: Record<string, string>,
  environment: Record<string, string> = {},
  alarms?: string,
) {
  const options = JSON.stringify({ ...worker, bindings, alarms })
  const leftovers = await mkdtemp(join(tmpdir(), 'product-api-worker-')) // a killed Worker removes nothing itself
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.ts'), options], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '', TMPDIR: leftovers, ...environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const lines = createInterface(child.stdout)
  const [url] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?]
  if (!url) throw new Error(`The Worker did not start: ${output}`)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null || !child.pid) return
    process.kill(-child.pid, 'SIGKILL')
    await once(child, 'exit')
    await rm(leftovers, { recursive: true, force: true, maxRetries: 5 })
  }
  return { url, pid: child.pid ?? 0, kill, output: () => output, [Symbol.asyncDispose]: kill }
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
/** Variables that wrangler.toml does not name, for a shell to set. */
const KAFKA = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'KAFKA_TLS']
const OPTIONAL = ['ALLOWED_ORIGINS', 'PRODUCTS_TOPIC', 'PRODUCTS_CHANGED_TOPIC', ...KAFKA]
const STOP_MS = 5_000
const RETRY_MS = 100
const QUIET = { WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

export type Options = { port: number; inspectorPort: number; env: Record<string, string>; args: string[] }

/** The real `wrangler dev`. What `env` says comes before what .env says. */
export function startWrangler({ port, inspectorPort, env, args }: Options) {
  const url = `http://127.0.0.1:${port}`
  const address = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', `${inspectorPort}`]
  const cli = createRequire(import.meta.url).resolve('wrangler') // not its bin, a process in between that passes no signal on
  const given = OPTIONAL.flatMap((name) => (process.env[name] ? ['--var', `${name}:${process.env[name]}`] : [])) // unlike secrets it does not read these
  const blanks = Object.keys(env).filter((name) => env[name] === '') // for wrangler they are not set, and .env would come through
  const vars = blanks.flatMap((name) => ['--var', `${name}:`])
  const child = fork(cli, ['dev', ...address, ...vars, ...given, '--test-scheduled', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET, ...env },
    execArgv: ['--no-warnings', '--import', import.meta.resolve('./exit-with-parent.ts')],
  })
  const exited = once(child, 'exit')
  return {
    url,
    /** Resolves when the Worker answers, never if it does not. A mistake in its code keeps a request waiting until it is mended. */
    async answers() {
      await once(child, 'message') // wrangler listens
      while (
        !(await fetch(new URL('/health', url)).then(
          () => true,
          () => false,
        ))
      )
        await setTimeout(RETRY_MS)
    },
    /** Resolves when wrangler ends by itself. */
    async ended() {
      const [code] = await exited
      if (code !== 0) throw new Error(`wrangler dev ended with ${code === null ? 'a signal' : `code ${code}`}`)
    },
    async stop() {
      child.kill('SIGINT')
      const deadline = new AbortController()
      const late = setTimeout(STOP_MS, 'late', { signal: deadline.signal }).catch(() => 'in time')
      if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL')
      deadline.abort()
      await exited
    },
  }
}

/** The arguments with an environment, as wrangler warns when none is chosen, and its name: '' is the top level, the whole API. */
export function chooseEnvironment(args: string[]) {
  const { values } = parseArgs({ args, options: { env: { type: 'string', short: 'e' } }, strict: false })
  const environment = typeof values.env === 'string' ? values.env : process.env.CLOUDFLARE_ENV
  return environment === undefined ? { environment: '', args: ['--env', '', ...args] } : { environment, args }
}

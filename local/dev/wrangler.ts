import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { VARIABLES } from './configs.ts'

const ROOT = join(import.meta.dirname, '../..')
const STOP_MS = 5_000
const RETRY_MS = 100
// Its own settings, whatever the shell has: a configuration here has no environments, and its values come from the environment of wrangler.
const SETTINGS = { CLOUDFLARE_ENV: '', CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'true' }
const QUIET = { WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** `configs` are the files of configs.ts, and `values` what the Workers are told. */
export type Options = { port: number; inspectorPort: number; configs: string[]; values: Record<string, string>; args: string[] }

/** The real `wrangler dev`. */
export function startWrangler({ port, inspectorPort, configs, values, args }: Options) {
  const url = `http://127.0.0.1:${port}`
  const address = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', `${inspectorPort}`]
  const cli = createRequire(import.meta.url).resolve('wrangler') // not its bin, a process in between that passes no signal on
  const shell = Object.fromEntries(Object.entries(process.env).filter(([name]) => !VARIABLES.includes(name)))
  const child = fork(cli, ['dev', ...address, ...configs.flatMap((path) => ['--config', path]), '--test-scheduled', ...args], {
    cwd: ROOT,
    env: { ...shell, ...QUIET, ...SETTINGS, ...values },
    execArgv: ['--no-warnings', '--import', import.meta.resolve('../machine/exit-with-parent.ts')],
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

import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { VARIABLES } from './configs.ts'
import { statusOf, withoutDetours } from '../machine/direct.ts'
import { sayIfLate } from '../machine/late.ts'
import { killTree } from '../machine/process-tree.ts'

const STOP_MS = 2_000
const RETRY_MS = 100
const START_MS = 30_000
const RESTART_MS = 10_000
const CRASHED = 'workerd has crashed' // as exit-with-parent.ts says it
// Its own settings, whatever the shell has: a configuration here has no environments, and its values come from the
// environment of wrangler.
const SETTINGS = { CLOUDFLARE_ENV: '', CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'true' }
const NEXT_STEP = 'If no mistake in the code is told above, end this with Ctrl-C, and start again'
const QUIET = { WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** `configs` are the files of configs.ts, and `values` what the Workers are told. */
export type Options = {
  port: number
  inspectorPort: number
  configs: string[]
  values: Record<string, string>
  args: string[]
  log?: (message: string) => void
}

/** The real `wrangler dev`. */
export function startWrangler({ port, inspectorPort, configs, values, args, log = console.log }: Options) {
  const url = `http://127.0.0.1:${port}`
  const address = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', `${inspectorPort}`]
  const cli = createRequire(import.meta.url).resolve('wrangler') // not its bin, a process in between that passes no signal on
  const shell = Object.fromEntries(
    Object.entries(withoutDetours(process.env)).filter(([name]) => !VARIABLES.includes(name)),
  )
  const [first = '.'] = configs
  const child = fork(
    cli,
    ['dev', ...address, ...configs.flatMap((path) => ['--config', path]), '--test-scheduled', ...args],
    {
      cwd: dirname(first), // in ROOT wrangler would take what .env has before what the files say
      env: { ...shell, ...QUIET, ...SETTINGS, ...values },
      execArgv: ['--no-warnings', '--import', import.meta.resolve('../machine/exit-with-parent.ts')],
    },
  )
  const exited = once(child, 'exit')
  const killNow = () => void (child.pid === undefined || killTree(child.pid))
  process.once('exit', killNow)
  child.once('exit', () => process.off('exit', killNow))
  void watchWorkerd(child, url, log)
  return {
    url,
    /**
     * Resolves when the Worker answers, never if it does not. A mistake in its code keeps a request waiting until it is
     * mended, which is said after a while.
     */
    answers: () =>
      sayIfLate(firstAnswer(child, url), START_MS, () =>
        log(`The API has not answered for ${START_MS / 1000} s. ${NEXT_STEP}`),
      ),
    /** Resolves when wrangler ends by itself. */
    async ended() {
      const [code] = await exited
      if (code !== 0) throw new Error(`wrangler dev ended with ${code === null ? 'a signal' : `code ${code}`}`)
    },
    async stop() {
      child.kill('SIGINT')
      await sayIfLate(exited, STOP_MS, killNow)
    },
  }
}

async function firstAnswer(child: ChildProcess, url: string) {
  for await (const [message] of on(child, 'message')) if (message !== CRASHED) break // wrangler listens
  while (!(await isUp(url))) await setTimeout(RETRY_MS)
}

/** Wrangler starts a workerd that crashed again, but not the one in front of the Workers. */
async function watchWorkerd(child: ChildProcess, url: string, log: (message: string) => void) {
  for await (const [message] of on(child, 'message', { close: ['exit'] })) {
    if (message !== CRASHED) continue
    const late = AbortSignal.timeout(RESTART_MS)
    while (!late.aborted && !(await isUp(url, late))) await setTimeout(RETRY_MS)
    if (late.aborted) log(`workerd has crashed, and the API has not answered for ${RESTART_MS / 1000} s. ${NEXT_STEP}`)
  }
}

const isUp = (url: string, signal?: AbortSignal) =>
  statusOf(new URL('/health', url), signal).then(
    () => true,
    () => false,
  )

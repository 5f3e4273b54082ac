// The console and the consumers as a part of `npm run dev`. Nobody is started, and nobody is asked anything, until a
// page wants it.

import { setTimeout as sleep } from 'node:timers/promises'
import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { APP_NAMES, startConsumers } from '../consumers/consumers.ts'
import { PORTS } from '../dev/ports.ts'
import { askThisMachineDirectly } from '../machine/direct.ts'
import { freePort } from '../machine/ports.ts'
import { type Options, startConsole } from './console.ts'

const COMMAND = 'npm run dev'
const CLOSE_MS = 800 // Ctrl-C ends everything within a second, also while Kafka is silent

type Beside = Pick<Options, 'api' | 'database' | 'pauseBroker'> & {
  /** What leads to Postgres and Kafka. */
  env: { [name: string]: string }
  offset: number
}

export async function startBeside({ env, offset, ...options }: Beside) {
  askThisMachineDirectly()
  const supervisor = await startConsumers({ env, command: { apps: [], count: 0, again: 'no' }, stopMs: CLOSE_MS })
  const port = await freePort('Console', PORTS.console + offset, console.log)
  const page = await startConsole({
    port,
    config: parseConfig(PublisherConfig, env),
    supervisor,
    command: COMMAND,
    ...options,
  })
  return {
    url: page.url,
    /** Starts a member of each app. */
    begin: () => APP_NAMES.forEach((app) => supervisor.start(app)),
    close: () =>
      Promise.race([Promise.all([page.close(), supervisor.close()]), sleep(CLOSE_MS, undefined, { ref: false })]),
  }
}

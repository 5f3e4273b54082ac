// `npm run console`: the console for a stack that runs already, such as that of `docker compose up -d`, or any Postgres
// and Kafka that DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS name. API_URL says where the API is, API_TOKEN how to use it.
// `--in-compose` is for its container in docker-compose.yml.

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { APP_NAMES } from '../consumers/consumers.ts'
import { findStack } from '../consumers/environment.ts'
import { startSupervisor } from '../consumers/supervisor.ts'
import { askThisMachineDirectly } from '../machine/direct.ts'
import { errorMessage } from '../machine/error-message.ts'
import { showDatabase } from '../dev/named-services.ts'
import { portOffset, PORTS } from '../dev/ports.ts'
import { freePort } from '../machine/ports.ts'
import { stopSignal } from '../machine/stop-signal.ts'
import { startConsole } from './console.ts'

// Whoever looks at the page is outside of the container, where all of it is at the ports that are published.
const OUTSIDE = {
  host: '0.0.0.0', // Docker passes on what comes to 127.0.0.1 of the machine, and nothing else
  database: `database products on 127.0.0.1:${PORTS.postgres}`,
  shell: { api: `http://127.0.0.1:${PORTS.api}`, kafka: `127.0.0.1:${PORTS.kafka}` },
}
const NO_ANSWER =
  'Does `npx wrangler dev` run? Docker Desktop lets a container reach it, but Docker Engine on Linux does not: there ' +
  'run `docker compose stop console`, and `npm run console`.'

const stopping = stopSignal()
try {
  const { values } = parseArgs({ options: { 'in-compose': { type: 'boolean', default: false } } })
  const inCompose = values['in-compose']
  askThisMachineDirectly()
  const offset = portOffset()
  const { env, config } = findStack()
  const supervisor = startSupervisor({ env, apps: APP_NAMES })
  const console_ = await startConsole({
    port: await freePort('Console', PORTS.console + offset, console.log),
    config,
    database: showDatabase(config.DATABASE_URL),
    api: {
      url: process.env.API_URL || `http://127.0.0.1:${PORTS.api + offset}`,
      token: process.env.API_TOKEN || undefined,
      ...(inCompose && { noAnswer: NO_ANSWER }),
    },
    supervisor,
    command: inCompose ? 'docker compose up -d console' : 'npm run console',
    ...(inCompose && OUTSIDE),
  })
  console.log(`Console on ${console_.url}, until Ctrl-C`)
  if (!stopping.aborted) await once(stopping, 'abort')
  await Promise.all([console_.close(), supervisor.close()])
} catch (error) {
  console.error(`npm run console: ${errorMessage(error)}`)
  process.exitCode = 1
}
process.exit()

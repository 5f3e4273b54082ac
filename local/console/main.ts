// `npm run console`: the console for a stack that runs already, such as that of `docker compose up -d`, or any Postgres
// and Kafka that DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS name. API_URL says where the API is, API_TOKEN how to use it.

import { once } from 'node:events'
import { APP_NAMES } from '../consumers/consumers.ts'
import { findStack } from '../consumers/environment.ts'
import { startSupervisor } from '../consumers/supervisor.ts'
import { errorMessage } from '../machine/error-message.ts'
import { showDatabase } from '../dev/named-services.ts'
import { freePort } from '../machine/ports.ts'
import { stopSignal } from '../machine/stop-signal.ts'
import { startConsole } from './console.ts'

const PORT = 8080
const API_PORT = 8787

const stopping = stopSignal()
try {
  const offset = Number(process.env.LOCAL_PORT_OFFSET || 0)
  const { env, config } = findStack()
  const supervisor = startSupervisor({ env, apps: APP_NAMES })
  const console_ = await startConsole({
    port: await freePort('Console', PORT + offset, console.log),
    config,
    database: showDatabase(config.DATABASE_URL),
    api: {
      url: process.env.API_URL || `http://127.0.0.1:${API_PORT + offset}`,
      token: process.env.API_TOKEN || undefined,
    },
    supervisor,
  })
  console.log(`Console on ${console_.url}, until Ctrl-C`)
  if (!stopping.aborted) await once(stopping, 'abort')
  await Promise.all([console_.close(), supervisor.close()])
} catch (error) {
  console.error(`npm run console: ${errorMessage(error)}`)
  process.exitCode = 1
}
process.exit()

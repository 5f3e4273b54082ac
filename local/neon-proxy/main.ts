// The proxy on its own: `npx node local/neon-proxy/main.ts --port 4444 --postgres-host 127.0.0.1`. Every option can be
// an environment variable. It is asked for by a loopback name, or by one of --host-names (a,b,c), as that of its
// container.

import { parseArgs } from 'node:util'
import { errorMessage } from '../machine/error-message.ts'
import { startNeonProxy } from './server.ts'

const { HOST, HOST_NAMES, PORT, POSTGRES_HOST, POSTGRES_PORT } = process.env
const options = {
  host: { type: 'string', default: HOST ?? '127.0.0.1' },
  'host-names': { type: 'string', default: HOST_NAMES ?? '' },
  port: { type: 'string', default: PORT ?? '4444' },
  'postgres-host': { type: 'string', default: POSTGRES_HOST ?? '127.0.0.1' },
  'postgres-port': { type: 'string', default: POSTGRES_PORT ?? '5432' },
} as const

try {
  const { values } = parseArgs({ options })
  const postgres = { host: values['postgres-host'], port: toPort(values['postgres-port']) }
  const names = values['host-names'].split(',').filter(Boolean)
  const proxy = await startNeonProxy({ host: values.host, names, port: toPort(values.port), postgres })
  console.log(`Neon proxy: ${proxy.url}, in front of Postgres at ${postgres.host}:${postgres.port}`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void proxy.close())
} catch (error) {
  console.error(`Neon proxy: ${errorMessage(error)}`)
  process.exitCode = 1
}

function toPort(text: string) {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`"${text}" is not a port`)
  return port
}

// `npm run dev`: everything on this machine, until Ctrl-C. With `--split` the gateway and the functions are Workers of
// their own, with
// `-e create-product` that one runs alone. DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS in the shell take the place of what
// runs here; `--into NAME` says that the database of this name may be written though it has tables of others. With
// `--apache-kafka` the broker is Apache's own, where Java is installed. With `--consumers` the five consumer apps run
// as well. Other arguments go to wrangler.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArguments } from './arguments.ts'
import { checkValues, type Config, readConfigs, writeConfigs } from './configs.ts'
import { localCrons, scheduleCrons } from './crons.ts'
import { DATA, makeData } from './data.ts'
import { errorMessage } from '../machine/error-message.ts'
import { lock } from '../machine/lock.ts'
import { announce, areLocal, type NamedServices, refuseTablesOfOthers, showDatabase } from './named-services.ts'
import { freePort } from '../machine/ports.ts'
import { portOffset, PORTS } from './ports.ts'
import { startServices } from './services.ts'
import { stopSignal } from '../machine/stop-signal.ts'
import { summary } from './summary.ts'
import { readVariables } from './variables.ts'
import { startWrangler } from './wrangler.ts'

const ROOT = join(import.meta.dirname, '../..')
const CONFIG = join(ROOT, 'wrangler.toml')
/** In place of what starts later, so that a mistake in anything else is told before that. */
const OURS = {
  DATABASE_URL: 'postgresql://products@127.0.0.1/products',
  KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9092',
  API_TOKENS: 'none',
}

const PATIENCE_MS = 2_000
const END_MS = 15_000 // longer than all that is closed may take, one after the other

const stopping = stopSignal()
stopping.addEventListener('abort', hurry)
let self = `process ${process.pid}`
try {
  const holder = await lock(DATA, () => self)
  if (holder !== undefined) throw new Error(`already running: ${holder}`)
  await makeData()
  await refuseDevVars()
  await run(portOffset())
} catch (error) {
  if (!stopping.aborted) {
    console.error(`npm run dev: ${errorMessage(error)}`)
    process.exitCode = 1
  }
}
process.exit()

/**
 * Whatever hangs: all that is closed has a deadline, and so have all of them together, and what has not started yet.
 */
function hurry() {
  setTimeout(() => console.log('Stopping. Another Ctrl-C does not wait'), PATIENCE_MS).unref()
  setTimeout(() => {
    console.error('npm run dev: something does not end, and is left to itself')
    process.exit(1)
  }, END_MS).unref()
}

/**
 * A plain `wrangler dev` reads it alone, with no .env and no environment; here it would be the one file that is not
 * read.
 */
async function refuseDevVars() {
  const file = (await readdir(ROOT)).find((name) => name.startsWith('.dev.vars'))
  if (file !== undefined) throw new Error(`${file} is not read here: move its lines to .env.local`)
}

async function run(offset: number) {
  const asked = parseArguments(process.argv.slice(2), process.env)
  const configs = await readConfigs(ROOT, asked.environment, asked.split)
  const { values, tokensAsked } = await readVariables(ROOT, process.env)
  checkValues(configs, { ...OURS, ...values })
  const { DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS } = process.env
  const named = { DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS }
  for (const line of announce(named)) console.log(line)
  if (asked.into !== undefined && !DATABASE_URL)
    throw new Error('--into is for a database that DATABASE_URL names, and it names none')
  if (DATABASE_URL) await Promise.race([refuseTablesOfOthers(DATABASE_URL, asked.into), once(stopping, 'abort')])
  const token = tokensAsked || areLocal(named) ? undefined : randomBytes(24).toString('base64url')
  if (token !== undefined) values.API_TOKENS = createHash('sha256').update(token).digest('hex')
  if (!stopping.aborted) await runServices({ ...asked, configs, values, named, token, offset })
}

type Run = {
  environment: string
  split: boolean
  consumers: boolean
  apacheKafka: boolean
  args: string[]
  configs: Config[]
  values: Record<string, string>
} & {
  named: NamedServices
  token: string | undefined
  offset: number
}

async function runServices(options: Run) {
  const { offset, named, apacheKafka } = options
  const ports = { postgres: PORTS.postgres + offset, neonProxy: PORTS.neonProxy + offset, kafka: PORTS.kafka + offset }
  const services = await startServices({ folder: DATA, named, ports, apacheKafka })
  try {
    if (!stopping.aborted) await runApi(services, options)
  } finally {
    await services.stop()
  }
}

type Services = Awaited<ReturnType<typeof startServices>>

async function runApi(
  { env, roles, pauseBroker }: Services,
  { environment, split, consumers, args, configs, values, named, token, offset }: Run,
) {
  const port = await freePort('API', PORTS.api + offset, console.log)
  const inspectorPort = await freePort('Inspector', 9229 + offset, console.log)
  const told = { ...values, ...env, DATABASE_URL: roles.writer }
  const given = await writeConfigs(configs, told, join(DATA, 'wrangler'), roles.reader)
  const wrangler = startWrangler({ port, inspectorPort, ...given, args })
  self = `process ${process.pid}, API ${wrangler.url}`
  const end = Promise.race([wrangler.ended(), once(stopping, 'abort')])
  const beside = import('../console/beside.ts').then(({ startBeside }) =>
    startBeside({
      env: { ...values, ...env },
      offset,
      database: showDatabase(env.DATABASE_URL),
      api: { url: wrangler.url, token },
      ...(pauseBroker && { pauseBroker }),
    }),
  )
  beside.catch(() => {}) // it is met where it is awaited
  try {
    const ready = wrangler.answers().then(async () => {
      const { url, begin } = await beside
      console.log(summary(wrangler.url, env, named, token, url))
      scheduleCrons(await localCrons(CONFIG, split ? 'relay-events' : environment), wrangler.url, console.log)
      if (consumers && !stopping.aborted) begin()
    })
    await Promise.race([end, ready.then(() => end)])
  } finally {
    await Promise.all([beside.then(({ close }) => close()).catch(() => {}), wrangler.stop()])
  }
}

// `npm run dev`: everything on this machine, until Ctrl-C. With `--split` the gateway and the functions are Workers of their own.
// With `--consumers` the five consumer apps as well. Other arguments go to wrangler: `npm run dev -- -e create-product`.

import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Supervisor } from './consumers/reports.ts'
import { readCrons, scheduleCrons } from './crons.ts'
import { DATA } from './data.ts'
import { errorMessage } from './error-message.ts'
import { lock } from './lock.ts'
import { freePort } from './ports.ts'
import { PORTS, startServices } from './services.ts'
import { splitArguments } from './split/arguments.ts'
import { stopSignal } from './stop-signal.ts'
import { summary } from './summary.ts'
import { chooseEnvironment, startWrangler } from './wrangler.ts'

const ROOT = join(import.meta.dirname, '..')
const CONFIG = join(ROOT, 'wrangler.toml')
const CONSUMERS = '--consumers'
const LEAVE_MS = 800 // what consumers have to leave their groups: Ctrl-C ends everything within a second

const stopping = stopSignal()
let self = `process ${process.pid}`
try {
  const holder = await lock(DATA, () => self)
  if (holder !== undefined) throw new Error(`already running: ${holder}`)
  await refuseDevVars()
  await runServices(portOffset())
} catch (error) {
  if (!stopping.aborted) {
    console.error(`npm run dev: ${errorMessage(error)}`)
    process.exitCode = 1
  }
}
process.exit()

/** Added to every port, for a second stack beside the first. */
function portOffset() {
  const { LOCAL_PORT_OFFSET = '0' } = process.env
  if (/^\d{1,5}$/.test(LOCAL_PORT_OFFSET) && Number(LOCAL_PORT_OFFSET) <= 50_000) return Number(LOCAL_PORT_OFFSET)
  throw new Error('LOCAL_PORT_OFFSET is a whole number from 0 to 50000')
}

/** With a .dev.vars wrangler reads no .env and no environment, and so would not find what runs here. */
async function refuseDevVars() {
  const file = (await readdir(ROOT)).find((name) => name.startsWith('.dev.vars'))
  if (file !== undefined) throw new Error(`${file} hides the local stack from wrangler: move its lines to .env.local`)
}

async function runServices(offset: number) {
  const ports = { postgres: PORTS.postgres + offset, neonProxy: PORTS.neonProxy + offset, kafka: PORTS.kafka + offset }
  const services = await startServices({ folder: DATA, ports })
  try {
    if (!stopping.aborted) await runApi(services.env, offset)
  } finally {
    await services.stop()
  }
}

async function runApi(env: Awaited<ReturnType<typeof startServices>>['env'], offset: number) {
  const port = await freePort('API', 8787 + offset, console.log)
  const inspectorPort = await freePort('Inspector', 9229 + offset, console.log)
  const { environment, args } = await chooseWorkers(process.argv.slice(2).filter((arg) => arg !== CONSUMERS))
  const wrangler = startWrangler({ port, inspectorPort, env, args })
  self = `process ${process.pid}, API ${wrangler.url}`
  const end = Promise.race([wrangler.ended(), once(stopping, 'abort')])
  let consumers: Supervisor | undefined
  try {
    const ready = wrangler.answers().then(async () => {
      console.log(summary(wrangler.url, env))
      scheduleCrons(await readCrons(CONFIG, environment), wrangler.url, console.log)
      if (!process.argv.includes(CONSUMERS)) return
      const { startConsumers } = await import('./consumers/consumers.ts')
      if (!stopping.aborted) consumers = await startConsumers({ env, stopMs: LEAVE_MS })
    })
    await Promise.race([end, ready.then(() => end)])
  } finally {
    await Promise.all([consumers?.close(), wrangler.stop()])
  }
}

/** What wrangler is to run, and the environment whose timers are due. */
async function chooseWorkers(args: string[]) {
  if (!args.includes('--split')) return chooseEnvironment(args)
  const others = args.filter((arg) => arg !== '--split')
  return { environment: 'relay-events', args: [...(await splitArguments(ROOT, join(DATA, 'split'))), ...others] }
}

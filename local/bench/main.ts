// npm run bench [-- --rounds N --seconds S]: how fast it is, as ratios of subjects that alternate in one run. In its
// place: --peer PYTHON, --growth PRODUCTS, --scale EVENTS, --soak SECONDS or --backlog EVENTS; README.md has them all.

import { parseArgs } from 'node:util'
import { measureBacklog } from './backlog.ts'
import { compare } from './compare.ts'
import { measureGrowth } from './growth.ts'
import { compareWithPeer } from './peer/compare.ts'
import { measureScale } from './scale.ts'
import { startServices } from './services.ts'
import { soak } from './soak.ts'
import { errorMessage } from '../machine/error-message.ts'
import { wholeNumber } from '../machine/whole-number.ts'

const MOST = 999_999_999

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '1,32,128' },
    peer: { type: 'string' },
    growth: { type: 'string' },
    pending: { type: 'string', default: '1000000' },
    scale: { type: 'string' },
    kafka: { type: 'string' },
    soak: { type: 'string' },
    rate: { type: 'string', default: '100' },
    backlog: { type: 'string' },
  },
})
const number = (name: keyof typeof values, min = 1) => wholeNumber(`--${name}`, values[name] ?? '', min, MOST)

process.setMaxListeners(30) // each process of the stack ends with this one
const exit = () => process.exit(130)
process.once('SIGINT', exit).once('SIGTERM', exit)
try {
  const run = chosen()
  await using services = await startServices()
  process.off('SIGINT', exit).off('SIGTERM', exit)
  const interrupted = () => void services[Symbol.asyncDispose]().finally(exit)
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  await run(services)
  process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted)
} catch (error) {
  console.error(`npm run bench: ${errorMessage(error)}`)
  process.exitCode = 1
}

/** What is to be measured. Throws where an option is none. */
function chosen(): (services: Awaited<ReturnType<typeof startServices>>) => Promise<void> {
  const connections = values.connections.split(',').map((one) => wholeNumber('--connections', one, 1, 1_000))
  const effort = { rounds: number('rounds'), seconds: number('seconds'), connections }
  const { peer, kafka } = values
  if (peer !== undefined) return (services) => compareWithPeer(services, peer, effort)
  if (values.growth !== undefined) {
    const size = { products: number('growth', 2_000), pending: number('pending') }
    return (services) => measureGrowth(services, size, effort)
  }
  if (values.scale !== undefined) {
    const events = number('scale')
    return (services) => measureScale(services, { events, kafka }, effort)
  }
  if (values.soak !== undefined) {
    const [seconds, rate] = [number('soak'), number('rate')]
    return (services) => soak(services, seconds, rate)
  }
  if (values.backlog !== undefined) {
    const events = number('backlog')
    return (services) => measureBacklog(services, events)
  }
  return (services) => compare(services, effort)
}

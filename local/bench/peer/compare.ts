// The API beside its peer: the same Postgres, the same broker, and the two alternating, call by call. Beside both, what
// no API on these parts can be faster than.

import type { Effort } from '../compare.ts'
import { type Call, load, type Pace, POST } from '../load.ts'
import { total, withCpu } from '../cpu.ts'
import { query } from '../../rig/history.ts'
import { type Services, TOPICS } from '../services.ts'
import { heading, ratios, row, show, spread } from '../statistics.ts'
import { startPeer } from './start.ts'

const WARM_UP = { connections: 32, seconds: 3 }
/** What the peer is asked, and which Workers are asked the same: the API, and one that does the least that it takes. */
const CALLS: { call: Call; workers: Record<string, 'api' | 'insert-with-event' | 'select' | 'subrequest'> }[] = [
  { call: POST, workers: { POST: 'api', 'one insert with its event': 'insert-with-event' } },
  {
    call: { path: '/products/1' },
    workers: { 'GET by id': 'api', 'its select': 'select', 'one subrequest': 'subrequest' },
  },
  { call: { path: '/products?limit=50' }, workers: { 'GET list of 50': 'api', 'its select': 'select' } },
]

type Measured = { rate: number; cpu: Map<string, number> }

/** `python` is the path of one that has requirements.txt. */
export async function compareWithPeer(services: Services, python: string, effort: Effort) {
  const { kafka, postgres, proxy } = services.pids
  const peerUrl = await services.createDatabase('bench_peer')
  const peer = services.use(
    await startPeer(python, {
      DATABASE_URL: peerUrl,
      KAFKA_BOOTSTRAP_SERVERS: services.brokers,
      PRODUCTS_TOPIC: 'bench',
    }),
  )
  const start = async (name: string, bindings: Record<string, string>) => {
    const { url, pid } = await services.startWorker(name, bindings)
    return { url, pids: { workerd: pid, proxy, postgres, kafka } }
  }
  const unpublished = await services.createDatabase('bench_unpublished')
  const ours = {
    api: await start('api', services.env(services.databaseUrl)),
    'insert-with-event': await start('insert-with-event', { ...services.env(unpublished, ''), ...TOPICS }),
    select: await start('select', services.env(services.databaseUrl, '')),
    subrequest: await start('subrequest', services.env(services.databaseUrl, '')),
  }
  const its = { url: peer.url, pids: { uvicorn: peer.pid, postgres, kafka } }
  for (const { call, workers } of CALLS)
    for (const { url } of [its, ...Object.values(workers).map((name) => ours[name])]) await load(url, call, WARM_UP)

  console.log('\nTo its: requests a second, CPU a request of all processes, and that of workerd to uvicorn')
  console.log('Median (minimum-maximum) of the rounds; CPU a request by process, microseconds: medians\n')
  console.log(heading('connections', 'call', 'requests a second', 'CPU', 'workerd to uvicorn', 'our CPU', 'its CPU'))
  for (const connections of effort.connections) {
    const pace = { connections, seconds: effort.seconds }
    for (const { call, workers } of CALLS) {
      const peers: Measured[] = []
      const measured = new Map<string, Measured[]>(Object.keys(workers).map((name) => [name, []]))
      for (let round = 0; round < effort.rounds; round++) {
        peers.push(await measure(its, call, pace))
        for (const [name, worker] of Object.entries(workers))
          measured.get(name)?.push(await measure(ours[worker], call, pace))
        await query(unpublished, 'truncate outbox') // its size must not slow down a later round
      }
      for (const [name, rounds] of measured) console.log(row(connections, name, ...cells(rounds, peers)))
    }
  }
}

const measure = ({ url, pids }: { url: string; pids: Record<string, number> }, call: Call, pace: Pace) =>
  withCpu<string, Awaited<ReturnType<typeof load>>>(pids, () => load(url, call, pace))

function cells(ours: Measured[], its: Measured[]) {
  const compared = (value: (side: Measured) => number, other = value) => show(ratios(ours.map(value), its.map(other)))
  const cpuOf =
    (name: string) =>
    ({ cpu }: Measured) =>
      cpu.get(name) ?? NaN
  const medians = (side: Measured[]) => {
    const names = [...(side[0]?.cpu.keys() ?? [])]
    return names.map((name) => `${name} ${Math.round(spread(side.map(cpuOf(name))).median)}`).join(' + ')
  }
  return [
    compared(({ rate }) => rate),
    compared(({ cpu }) => total(cpu)),
    compared(cpuOf('workerd'), cpuOf('uvicorn')),
    medians(ours),
    medians(its),
  ]
}

// The API beside its peer: the same Postgres, the same broker, and the two alternating, call by call.

import { type Call, load, POST } from '../load.ts'
import { total, withCpu } from '../cpu.ts'
import type { Services } from '../services.ts'
import { heading, ratios, row, show, spread } from '../statistics.ts'
import { startPeer } from './start.ts'

const CONNECTIONS = [1, 32, 128]
const WARM_UP = { connections: 32, seconds: 3 }
const CALLS: Record<string, Call> = {
  POST,
  'GET by id': { path: '/products/1' },
  'GET list of 50': { path: '/products?limit=50' },
}

type Measured = { rate: number; cpu: Map<string, number> }

/** `python` is the path of one that has requirements.txt. */
export async function compareWithPeer(services: Services, python: string, effort: { rounds: number; seconds: number }) {
  const { kafka, postgres, proxy } = services.pids
  const peerUrl = await services.createDatabase('bench_peer')
  const peer = services.use(
    await startPeer(python, {
      DATABASE_URL: peerUrl,
      KAFKA_BOOTSTRAP_SERVERS: services.brokers,
      PRODUCTS_TOPIC: 'bench',
    }),
  )
  const api = await services.startWorker('api', services.env(services.databaseUrl))
  const ours = { url: api.url, pids: { workerd: api.pid, proxy, postgres, kafka } }
  const its = { url: peer.url, pids: { uvicorn: peer.pid, postgres, kafka } }
  for (const { url } of [ours, its]) for (const call of Object.values(CALLS)) await load(url, call, WARM_UP)

  console.log('\nOurs to its: requests a second, CPU a request of all processes, and that of workerd to uvicorn')
  console.log('Median (minimum-maximum) of the rounds; CPU a request by process, microseconds: medians\n')
  console.log(heading('connections', 'call', 'requests a second', 'CPU', 'workerd to uvicorn', 'our CPU', 'its CPU'))
  for (const connections of CONNECTIONS) {
    for (const [name, call] of Object.entries(CALLS)) {
      const rounds: { ours: Measured; its: Measured }[] = []
      const measure = ({ url, pids }: typeof ours | typeof its) =>
        withCpu<string, Awaited<ReturnType<typeof load>>>(pids, () =>
          load(url, call, { connections, seconds: effort.seconds }),
        )
      for (let round = 0; round < effort.rounds; round++)
        rounds.push({ ours: await measure(ours), its: await measure(its) })
      console.log(row(connections, name, ...cells(rounds)))
    }
  }
}

function cells(rounds: { ours: Measured; its: Measured }[]) {
  const compared = (value: (side: Measured) => number, other = value) =>
    show(
      ratios(
        rounds.map(({ ours }) => value(ours)),
        rounds.map(({ its }) => other(its)),
      ),
    )
  const cpuOf =
    (name: string) =>
    ({ cpu }: Measured) =>
      cpu.get(name) ?? NaN
  const medians = (side: 'ours' | 'its') => {
    const names = [...(rounds[0]?.[side].cpu.keys() ?? [])]
    const median = (name: string) => spread(rounds.map((round) => cpuOf(name)(round[side]))).median
    return names.map((name) => `${name} ${Math.round(median(name))}`).join(' + ')
  }
  return [
    compared(({ rate }) => rate),
    compared(({ cpu }) => total(cpu)),
    compared(cpuOf('workerd'), cpuOf('uvicorn')),
    medians('ours'),
    medians('its'),
  ]
}

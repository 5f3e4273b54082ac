// The memory of a stack that takes creations at one rate for a while, and how long their events are on the way.

import { percentile } from '../rig/percentile.ts'
import { timeAcknowledgements } from './acknowledgement.ts'
import { load, POST } from './load.ts'
import { usage } from './processes.ts'
import type { Services } from './services.ts'
import { heading, row, slope } from './statistics.ts'

const CONNECTIONS = 8
const SAMPLES = 20
const MIB = 2 ** 20
const HOUR = 3600 // s

/** `rate` is creations a second. Prints the memory after each twentieth of the time. */
export async function soak(services: Services, seconds: number, rate: number) {
  const api = await services.startWorker('api', services.env(services.databaseUrl))
  const { proxy, kafka } = services.pids
  const pids = { workerd: api.pid, proxy, kafka }
  const resident = () => Promise.all(Object.values(pids).map(async (pid) => (await usage(pid)).resident / MIB))
  await using acknowledgements = await timeAcknowledgements({ databaseUrl: services.databaseUrl, url: api.url })

  console.log(`\n${rate} creations a second; MiB\n\n${heading('s', 'creations', ...Object.keys(pids))}`)
  const slice = Math.max(1, Math.round(seconds / SAMPLES))
  const samples: { at: number; memory: number[] }[] = []
  let created = 0
  for (let at = 0; ; at += slice) {
    const memory = await resident()
    samples.push({ at, memory })
    console.log(row(at, created, ...memory.map((mib) => mib.toFixed(0))))
    if (at >= seconds) break
    created += (await load(api.url, POST, { connections: CONNECTIONS, seconds: slice, rate })).count
  }
  const later = samples.slice(Math.floor(samples.length / 2)) // before that the heaps grow to their size
  const growth = Object.keys(pids).map((name, i) => {
    const perSecond = slope(later.map(({ at, memory }) => ({ x: at, y: memory[i] ?? NaN })))
    return `${name} ${(perSecond * HOUR).toFixed(0)}`
  })
  console.log(`\nGrowth in the second half, MiB an hour: ${growth.join(', ')}`)
  const ms = await acknowledgements.milliseconds()
  const shown = [0.5, 0.99].map((share) => `p${share * 100} ${percentile(ms, share).toFixed(0)}`)
  console.log(`From commit to acknowledgement, ms: ${shown.join(', ')} of ${ms.length}`)
}

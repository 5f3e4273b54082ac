// What the local Kafka takes with a long log: memory, the time of a start, and processors while nobody asks.

import { setTimeout } from 'node:timers/promises'
import { usage } from '../processes.ts'
import type { LocalKafka } from '../../kafka/clients/brokers.ts'
import { produce } from './perf-tools.ts'

const SIZE = 1_000
const IDLE = 10_000 // ms
const MEGABYTE = 1_000_000

/** Of a broker that has just begun: what it did before is not counted. */
export async function measureFootprint(broker: LocalKafka, megabytes: number) {
  await broker.stop()
  await broker.start()
  await produce(broker.address, { topic: 'footprint', records: (megabytes * MEGABYTE) / SIZE, size: SIZE, acks: '1' })
  const full = await usage(broker.pid())
  await broker.stop()
  const began = performance.now()
  await broker.start()
  const ready = performance.now() - began
  const before = await usage(broker.pid())
  await setTimeout(IDLE)
  const after = await usage(broker.pid())
  console.log(`
With ${megabytes} MB of log more: ${(full.resident / MEGABYTE).toFixed(0)} MB resident, ${(after.resident / MEGABYTE).toFixed(0)} after a kill -9 and a start.
Ready after that in ${ready.toFixed(0)} ms, with ${(before.cpu / 1000).toFixed(0)} ms of CPU. Idle: ${((after.cpu - before.cpu) / 10 / IDLE).toFixed(1)} % of one CPU.`)
}

// Kafka's own performance tools, one run of one of them. https://kafka.apache.org/documentation/#basic_ops

import { join } from 'node:path'
import { run } from '../../kafka/clients/run.ts'

const SCRIPT = join(import.meta.dirname, '../../apache-kafka/kafka')

const DEADLINE = 60 * 60_000 // ms: a load is as long as it is asked for

async function tool(name: string, ...args: (string | number)[]) {
  const command = [SCRIPT, 'tool', `org.apache.kafka.tools.${name}`, ...args.map(String)]
  return (await run('bash', command, { timeout: DEADLINE })).trim().split('\n').at(-1) ?? ''
}

export type Load = { topic: string; records: number; size: number; acks: string }

/** Records a second, from the first that is sent to the last that is acknowledged. */
export async function produce(address: string, { topic, records, size, acks }: Load) {
  const target = ['--topic', topic, '--num-records', records, '--record-size', size, '--throughput', -1]
  const said = await tool(
    'ProducerPerformance',
    ...target,
    '--producer-props',
    `bootstrap.servers=${address}`,
    `acks=${acks}`,
  )
  const rate = /([\d.]+) records\/sec/.exec(said)?.[1]
  if (!said.startsWith(`${records} records sent`) || rate === undefined) throw new Error(`ProducerPerformance: ${said}`)
  return Number(rate)
}

const FETCHED_A_SECOND = 9 // of the comma separated values, records; without the time that joining the group took

/** Records a second of one consumer that reads it all, once it has its partitions. */
export async function consume(address: string, { topic, records }: Pick<Load, 'topic' | 'records'>) {
  const target = ['--topic', topic, '--num-records', records, '--timeout', 60_000]
  const said = await tool('ConsumerPerformance', ...target, '--bootstrap-server', address)
  const values = said.split(', ')
  if (Number(values[4]) < records) throw new Error(`ConsumerPerformance: ${said}`)
  return Number(values[FETCHED_A_SECOND])
}

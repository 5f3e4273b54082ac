// What several cases of fetching do.

import { produce } from '../asking.ts'
import { valuesOf } from '../batches.ts'
import type { Broker } from '../broker.ts'
import { errorName } from '../error-names.ts'
import { Fetch } from '../../protocol/records.ts'

export const VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11, 12]
export const ENOUGH = 600_000 // ms: whoever waits for so long has failed

export async function filled(kafka: Broker, ...batches: string[][]) {
  const topic = await kafka.topic()
  for (const batch of batches) await produce(kafka, topic, batch)
  return topic
}

/** What is left to ask for in one request about several partitions. */
export const several = async (
  kafka: Broker,
  name: string,
  indexes: number[],
  bounds: { maxBytes: number; minBytes?: number; maxWait?: number },
) => {
  const partitions = indexes.map((index) => ({ index, offset: 0, logStartOffset: -1, maxBytes: 1_000_000 }))
  const asked = { maxWait: 0, minBytes: 0, isolation: 0, ...bounds, topics: [{ name, partitions }] }
  const { topics } = await (await kafka.leader(name)).ask(Fetch, asked, 12)
  return topics.flatMap(({ partitions }) =>
    partitions.map(({ error, records }) => [errorName(error), valuesOf(records)]),
  )
}

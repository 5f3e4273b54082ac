// What the paths of the console answer, from what it has seen, and where that is not enough from Postgres and Kafka.

import type { Kafka } from 'kafkajs'
import { act, type Action, type Hands } from './actions.ts'
import { withClient } from './database.ts'
import { matches, readQuery } from './find.ts'
import { findProducts, findWay } from './find-way.ts'
import type { Ring } from './kafka/ring.ts'
import { describeRecord, readOne } from './record.ts'
import type { Desk } from './server.ts'
import type { Stream } from './stream.ts'
import type { Facts } from './way.ts'

const MOST_FOUND = 50

type Around = {
  hands: Hands
  stream: Stream
  kafka: Kafka
  ring: Ring
  /** Resolves when what is known is of now. */
  fresh: () => Promise<void>
  state: () => object
  known: () => Pick<Facts, 'requests' | 'outcomes' | 'groups' | 'clock'>
}

export const openDesk = ({ hands, stream, kafka, ring, fresh, state, known }: Around): Desk => ({
  stream,
  async state() {
    await fresh()
    return state()
  },
  async way(productId) {
    await fresh()
    return withClient(hands.databaseUrl, (client) => findWay(client, productId, { ring, ...known() }))
  },
  async record(place) {
    const kept = ring.at(place.topic, place.partition, place.offset)
    const record = kept && kept.size === (kept.value?.length ?? 0) ? kept : ((await readOne(kafka, place)) ?? kept)
    return record && { ...describeRecord(record), ...(kept?.live && { readAt: kept.readAt }) }
  },
  async value(place) {
    return (await readOne(kafka, place))?.value
  },
  async find(text) {
    const query = readQuery(text)
    if (!query) return { records: [], products: [] }
    const records = ring.find(matches(query), MOST_FOUND).map(({ topic, partition, offset, key, timestamp }) => ({
      topic,
      partition,
      offset,
      key: key?.toString().slice(0, 100) ?? null,
      at: timestamp,
    }))
    const products = await withClient(hands.databaseUrl, (client) => findProducts(client, query))
    return { records, products }
  },
  act: async (name: Action, input) => act(name, hands, input),
})

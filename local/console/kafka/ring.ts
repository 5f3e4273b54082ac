// The newest records of each partition, as the page shows them: so many, and of big values only the beginning.

import type { TopicEnds } from './look.ts'

export type SeenRecord = {
  topic: string
  partition: number
  offset: number
  /** As the producer has set it: ms since 1970. */
  timestamp: number
  key: Buffer | null
  /** Its beginning, where it is bigger than KEPT_BYTES. */
  value: Buffer | null
  /** Bytes of the whole value. */
  size: number
  headers: [name: string, value: Buffer | null][]
  /** When this console has read it. */
  readAt: number
  /** Whether it was written while this console looked on, so that `readAt` says when it came. */
  live: boolean
}

/** Bytes of a value that are kept. */
const KEPT_BYTES = 1_024
/** Records of a partition that are kept: with 6 partitions of 2 topics about 10,000. */
const KEPT = 800

/** Holds them. `take` wants the records of a partition in their order, and leaves out what it has. */
export function openRing() {
  const partitions = new Map<string, SeenRecord[]>()
  let compared = new Map<string, number>() // what each partition had been read to when that was last compared with Kafka
  const of = (topic: string, partition: number) => partitions.get(`${topic}:${partition}`) ?? []
  return {
    of,
    next: (topic: string, partition: number) => {
      const last = of(topic, partition).at(-1)
      return last && last.offset + 1
    },
    take(record: SeenRecord) {
      const place = `${record.topic}:${record.partition}`
      const before = partitions.get(place) ?? []
      if (record.offset <= (before.at(-1)?.offset ?? -1)) return
      const value =
        record.value && record.value.length > KEPT_BYTES
          ? Buffer.from(record.value.subarray(0, KEPT_BYTES))
          : record.value
      before.push({ ...record, value })
      if (before.length > KEPT * 1.25) before.splice(0, before.length - KEPT)
      partitions.set(place, before)
    },
    find: (matches: (record: SeenRecord) => boolean, most: number) =>
      [...partitions.values()]
        .flatMap((records) => records.filter(matches))
        .sort((a, b) => b.timestamp - a.timestamp)
        .slice(0, most),
    at: (topic: string, partition: number, offset: number) =>
      of(topic, partition).find((record) => record.offset === offset),
    /**
     * Compares with what Kafka says of its ends, and forgets topics that were made anew: they end before what was read
     * of them. Gives whether there were any. What was read since the last time is left out: Kafka may have been asked
     * before that was written.
     */
    forgetRemade(topics: TopicEnds[]) {
      const remade = topics.filter(({ name, partitions }) =>
        partitions.some(({ partition, high }) => (compared.get(`${name}:${partition}`) ?? 0) > high),
      )
      for (const { name } of remade)
        for (const place of partitions.keys()) if (place.startsWith(`${name}:`)) partitions.delete(place)
      compared = new Map([...partitions].map(([place, records]) => [place, (records.at(-1)?.offset ?? -1) + 1]))
      return remade.length > 0
    },
  }
}
export type Ring = ReturnType<typeof openRing>

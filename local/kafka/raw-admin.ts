// For tests: requests that change or list things, with what no honest client sends in them.

import { openConnection } from './fixtures.ts'
import { array, bool, int16, int32, int64, int8, list, nullableString, string, struct, type Type } from './protocol/types.ts'

export const LONG_MAX = 2n ** 63n - 1n

const CreateTopics = struct({
  topics: list({
    name: string,
    partitions: int32,
    replication: int16,
    assignments: array(int32),
    configs: list({ name: string, value: string }),
  }),
  timeout: int32,
  validateOnly: bool,
})
const Created = struct({ throttle: int32, topics: list({ name: string, error: int16, message: nullableString }) })
const Committed = struct({ throttle: int32, topics: list({ name: string, partitions: list({ index: int32, error: int16 }) }) })
const ListedGroups = struct({ throttle: int32, error: int16, groups: list({ group: string, protocolType: string }) })
const Found = struct({ throttle: int32, error: int16, producerId: int64, epoch: int16 })
const Metadata = struct({ topics: array(string), autoCreate: bool })
const Described = struct({
  throttle: int32,
  brokers: list({ id: int32, host: string, port: int32, rack: nullableString }),
  clusterId: nullableString,
  controllerId: int32,
  topics: list({
    error: int16,
    name: string,
    internal: int8,
    partitions: list({ error: int16, index: int32, leader: int32, replicas: array(int32), isr: array(int32) }),
  }),
})

type NewTopic = { name: string; partitions?: number; configs?: { name: string; value: string }[] }
type Commit = { group: string; topic: string; offset: bigint; metadata?: string }

/** One connection to one broker. */
export async function openRawAdmin(broker: string) {
  const ask = await openConnection([broker])
  const call = async <Q, R>(key: number, version: number, request: Type<unknown, Q>, asked: Q, response: Type<R, never>) =>
    response.read(await ask({ key, version, flexible: false, write: (writer) => request.write(writer, asked) }))
  const errors = ({ topics }: { topics: { error: number }[] }) => topics.map(({ error }) => error)

  return {
    async createTopics(...topics: NewTopic[]) {
      const whole = topics.map((topic) => ({ partitions: 1, replication: 1, assignments: [], configs: [], ...topic }))
      return errors(await call(19, 4, CreateTopics, { topics: whole, timeout: 5_000, validateOnly: false }, Created))
    },
    /** Makes topics that are not there. */
    async metadata(...topics: string[]) {
      const described = await call(3, 4, Metadata, { topics, autoCreate: true }, Described)
      return described.topics.map(({ name, error, partitions }) => ({ name, error, partitions: partitions.length }))
    },
    /** To partition 0, as a consumer that assigns its own partitions. */
    async commit({ group, topic, offset, metadata = '' }: Commit) {
      const reader = await ask({
        key: 8,
        version: 5,
        flexible: false,
        write: (writer) => {
          string.write(writer, group)
          writer.int32(-1) // generation
          string.write(writer, '') // member
          writer.int32(1)
          string.write(writer, topic)
          writer.int32(1)
          writer.int32(0)
          writer.int32(Number(offset >> 32n))
          writer.int32(Number(BigInt.asIntN(32, offset)))
          string.write(writer, metadata)
        },
      })
      return Committed.read(reader).topics.flatMap(({ partitions }) => partitions.map(({ error }) => error))
    },
    async groups() {
      const { groups } = await call(16, 1, struct({}), {}, ListedGroups)
      return groups.map(({ group }) => group)
    },
    initProducer: (transactionalId: string | null, timeout = 60_000) =>
      call(22, 1, struct({ transactionalId: nullableString, timeout: int32 }), { transactionalId, timeout }, Found),
  }
}

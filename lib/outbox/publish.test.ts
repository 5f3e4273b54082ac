import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ANEW_IF_BUSY } from '../../local/rig/busy.ts'
import { ERRORS } from '../../local/rig/kafka-proxy/frames.ts'
import { NO_LEADER } from '../../local/rig/kafka-proxy/behaviour.ts'
import { startKafkaProxy } from '../../local/rig/kafka-proxy/proxy.ts'
import { clusterOf } from '../../local/rig/topics.ts'
import { emptyOutbox, insertEvents, pendingEvents } from '../../local/rig/outbox.ts'
import { stage } from '../../local/rig/stage.ts'
import type { Connection } from '../kafka/connection.ts'
import type { Producer } from '../kafka/producer.ts'
import { drain } from './drain.ts'
import { newIsolate } from './isolate.ts'
import { partitionOf } from './places.ts'
import { publish } from './publish.ts'
import type { PendingEvent } from './rows.ts'

const { sql, kafka, bootstrapServers, records, topic } = stage()

vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

const arrived = (ids: string[]) => records().filter(({ headers }) => ids.includes(headers.ce_id ?? ''))
const lease = async () => (await sql`select failures, expires_at < now() as free from outbox_lease`)[0]
const pending = () => pendingEvents(sql)
const due = () => sql`update outbox_held set retry_at = now()`

describe('on Kafka', ANEW_IF_BUSY, () => {
  beforeEach(() => emptyOutbox(sql))
  const insert = (count: number, options = {}) => insertEvents(sql, count, options)

  test('an event that is too large for Kafka is set aside with the reason, and holds back nothing', async () => {
    const before = await insert(40)
    await insert(1, { size: 2_000_000 })
    const after = await insert(40)
    await drain(sql, kafka, newIsolate())
    await expect.poll(() => new Set(arrived([...before, ...after]).map(({ headers }) => headers.ce_id)).size).toBe(80)
    expect(arrived([...before, ...after])).toHaveLength(80) // none of them twice
    expect(
      await sql`select type, length(payload)::int as length, error, died_at > created_at as later from outbox_dead`,
    ).toEqual([{ type: 'product.created', length: 2_000_001, error: 'MESSAGE_TOO_LARGE', later: true }])
    expect(await pending()).toBe(0)
    expect(await lease()).toMatchObject({ failures: 0 })
  })

  test("a record has its event's own moment", async () => {
    const [id = ''] = await insert(1)
    await sql`update outbox set created_at = '2026-01-02T03:04:05.678901Z'`
    await drain(sql, kafka, newIsolate())
    await expect
      .poll(() => arrived([id]).map(({ timestamp }) => timestamp))
      .toEqual([Date.UTC(2026, 0, 2, 3, 4, 5, 678)])
  })

  test('a topic that cannot be written holds back its own events only, and a right name in the configuration mends it, in order', async () => {
    const mistyped = { ...kafka, PRODUCTS_CHANGED_TOPIC: 'no such topic!' }
    const changes = { type: 'product.updated', keys: 1 }
    const held = await insert(2, changes)
    const free = await insert(5)
    const isolate = newIsolate()
    const holding = drain(sql, mistyped, isolate)
    await expect.poll(() => arrived(free).length).toBe(5)
    await expect
      .poll(() => sql`select target, failures > 0 as failed, last_error from outbox_held`)
      .toEqual([{ target: 'no such topic!', failed: true, last_error: 'INVALID_TOPIC_EXCEPTION' }])
    await holding
    expect(await pending()).toBe(2)
    expect(await lease()).toMatchObject({ free: true, failures: 0 })

    held.push(...(await insert(2, changes)))
    await drain(sql, { ...kafka, PRODUCTS_CHANGED_TOPIC: topic }, newIsolate()) // though the hold is not over
    await expect.poll(() => arrived(held).map(({ headers }) => headers.ce_id)).toEqual(held)
    expect(await sql`select target from outbox_held`).toEqual([])
    expect(await pending()).toBe(0)
  })

  test('a partition without a leader holds back its own events only, in their order', async () => {
    const bad = partitionOf(topic, '0', 3)
    const keys = Array.from({ length: 7 }, (_, key) => String(key))
    const good = keys.filter((key) => partitionOf(topic, key, 3) !== bad)
    const ids = await insert(70)
    const proxy = await startKafkaProxy(await clusterOf(bootstrapServers))
    onTestFinished(() => proxy.close())
    await proxy.behave({ failing: { topic, partition: bad }, error: ERRORS.NOT_LEADER_OR_FOLLOWER, leader: NO_LEADER })
    await drain(sql, { ...kafka, KAFKA_BOOTSTRAP_SERVERS: proxy.addresses }, newIsolate())
    await expect.poll(() => arrived(ids).length).toBe(good.length * 10)
    expect(new Set(arrived(ids).map(({ key }) => key))).toEqual(new Set(good))
    expect(await sql`select target, last_error from outbox_held`).toEqual([
      { target: `${topic}:${bad}`, last_error: 'LEADER_NOT_AVAILABLE' },
    ])
    ids.push(...(await insert(70)))
    await due()
    await drain(sql, kafka, newIsolate())
    expect(await pending()).toBe(0)
    await expect.poll(() => arrived(ids).length).toBe(140)
    for (const events of Map.groupBy(arrived(ids), ({ key }) => key).values()) {
      const order = events.map(({ headers }) => ids.indexOf(headers.ce_id ?? ''))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
  })

  test('an event of a type that is not known waits, and is named', async () => {
    await insert(1, { type: 'product.praised' })
    const free = await insert(3)
    await drain(sql, kafka, newIsolate())
    await expect.poll(() => arrived(free).length).toBe(3)
    expect(await sql`select target, last_error from outbox_held`).toEqual([
      { target: '?product.praised', last_error: 'UNKNOWN_EVENT_TYPE' },
    ])
  })

  test('a hold whose events are gone is forgotten', async () => {
    await sql`insert into outbox_held values (${`${topic}:0`}, 3, now(), 'NOT_ENOUGH_REPLICAS')`
    await insert(1)
    await drain(sql, kafka, newIsolate())
    expect(await sql`select target from outbox_held`).toEqual([])
  })
})

/**
 * A cluster of one broker that answers sends in turn: with an error of this name, or as Kafka does when all is well.
 */
function scripted(...answers: string[]) {
  const sent: string[] = []
  let described = 0
  const connection: Connection = {
    connected: Promise.resolve(),
    closed: Promise.resolve(),
    isConnecting: () => false,
    isOpen: () => true,
    describe: async () => {},
    async send(_, messages) {
      const type = answers.shift()
      if (type) throw Object.assign(new Error(type), { type })
      sent.push(...messages.map(({ value }) => String(value)))
    },
    end() {},
  }
  const leaders = [1, 1, 1]
  const producer: Producer = {
    view: { nodes: new Map([[1, 'broker:9092']]), topics: new Map([['t', { error: 0, leaders }]]) },
    at: (_, work) => work(connection),
    describe: async () => void described++,
    async close() {},
  }
  return { sent, producer, described: () => described }
}
const KEYS = ['abc', 'c', 'a-little-bit-long-string'] // of partitions 0, 1 and 2

/** Events of partitions, by their digits. */
const events = (partitions: string): PendingEvent[] =>
  Array.from(partitions, (digit, i) => ({
    id: i + 1,
    type: 't',
    key: KEYS[Number(digit)] ?? '',
    payload: `${digit}-${i + 1}`,
    size: 3,
    headers: {},
    at: 0,
    target: null,
  }))
/** On a clock that stands still, so that no machine is too slow. */
const attempt = (batch: PendingEvent[], producer: Producer, asked = 0, tries = new Map<string, number>()) =>
  publish(batch, new Set(), asked, { producer, topicOf: ({ type }) => type, tries, now: () => 0 })

test('of two partitions, the one that can be written is written, in order, and the other is held back', async () => {
  const { sent, producer } = scripted('NOT_ENOUGH_REPLICAS')
  const outcome = await attempt(events('0101'), producer)
  expect(sent).toEqual(['1-2', '1-4'])
  expect(outcome).toMatchObject({
    acknowledged: [2, 4],
    failing: [{ target: 't:0', error: 'NOT_ENOUGH_REPLICAS', progressed: false }],
    waiting: [
      { id: 1, target: 't:0' },
      { id: 3, target: 't:0' },
    ],
  })
})

test('once a partition is held back, nothing more of it is sent: a later event must not pass an earlier one', async () => {
  const { sent, producer } = scripted('MESSAGE_TOO_LARGE', '', 'NOT_ENOUGH_REPLICAS')
  const outcome = await attempt(events('0000'), producer)
  expect(sent).toEqual(['0-1', '0-2'])
  expect(outcome).toMatchObject({
    acknowledged: [1, 2],
    failing: [{ target: 't:0', progressed: true }],
    waiting: [{ id: 3 }, { id: 4 }],
  })
})

test('an event that is too large is found by halving, and what was acknowledged on the way is known', async () => {
  const { sent, producer } = scripted('MESSAGE_TOO_LARGE', '', 'MESSAGE_TOO_LARGE', 'MESSAGE_TOO_LARGE')
  const outcome = await attempt(events('0000'), producer)
  expect(sent).toEqual(['0-1', '0-2', '0-4'])
  expect(outcome).toMatchObject({
    acknowledged: [1, 2, 4],
    refused: [{ id: 3, error: 'MESSAGE_TOO_LARGE' }],
    failing: [],
  })
})

test.each(['INVALID_RECORD', 'INVALID_TIMESTAMP'])(
  '%s can lie in the topic or in a clock: what came before is written, and nothing is buried',
  async (reason) => {
    const { sent, producer } = scripted(reason, '', reason, reason)
    const outcome = await attempt(events('0000'), producer)
    expect(sent).toEqual(['0-1', '0-2'])
    expect(outcome).toMatchObject({
      acknowledged: [1, 2],
      refused: [],
      failing: [{ target: 't:0', error: reason }],
      waiting: [{ id: 3 }, { id: 4 }],
    })
  },
)

test.each([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'REQUEST_TIMED_OUT',
  'KAFKA_STORAGE_ERROR',
  'KAFKAJS_UNKNOWN_ERROR_CODE',
])('%s holds the partition, and buries nothing', async (reason) => {
  const outcome = await attempt(events('0'), scripted(reason).producer)
  expect(outcome).toMatchObject({
    acknowledged: [],
    refused: [],
    failing: [{ target: 't:0', error: reason }],
    unreachable: undefined,
  })
})

test('a partition that has moved is looked for three times before it is held back, and meanwhile its events stay where they are', async () => {
  const tries = new Map<string, number>()
  const cluster = scripted('NOT_LEADER_FOR_PARTITION', 'NOT_LEADER_FOR_PARTITION', 'NOT_LEADER_FOR_PARTITION')
  for (let i = 1; i <= 2; i++) {
    expect(await attempt(events('00'), cluster.producer, 0, tries)).toMatchObject({
      soon: true,
      failing: [],
      waiting: [],
    })
    expect(cluster.described()).toBe(i)
  }
  expect(await attempt(events('00'), cluster.producer, 0, tries)).toMatchObject({
    soon: false,
    failing: [{ target: 't:0', error: 'NOT_LEADER_FOR_PARTITION' }],
  })
})

test('no send starts when its answer could outlast the lease', async () => {
  const { sent, producer } = scripted()
  const outcome = await attempt(events('01'), producer, -3_001)
  expect(sent).toEqual([])
  expect(outcome).toMatchObject({ acknowledged: [], failing: [], waiting: [] })
})

test('an event that was too large to be read is refused, and nobody is asked', async () => {
  const { sent, producer } = scripted()
  const [first, second] = events('00')
  if (!first || !second) throw new Error('There are no events')
  const outcome = await attempt([{ ...first, payload: null, size: 30_000_000 }, second], producer)
  expect(sent).toEqual(['0-2'])
  expect(outcome).toMatchObject({ acknowledged: [2], refused: [{ id: 1, error: 'MESSAGE_TOO_LARGE' }] })
})

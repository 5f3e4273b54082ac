import { beforeEach, expect, test, vi } from 'vitest'
import { startLeaderless } from '../../local/test/leaderless.ts'
import { emptyOutbox, insertEvents, pendingEvents } from '../../local/test/outbox.ts'
import { stage } from '../../local/test/stage.ts'
import { openTopic } from '../../local/test/topic.ts'
import type { Producer } from '../kafka.ts'
import { drain, newIsolate } from './drain.ts'
import type { PendingEvent } from './lease.ts'
import { publish } from './publish.ts'

const { sql, kafka, bootstrapServers, records, topic } = stage()

vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

beforeEach(() => emptyOutbox(sql))

const insert = (count: number, options = {}) => insertEvents(sql, topic, count, options)
const arrived = (ids: string[]) => records().filter(({ headers }) => ids.includes(headers.ce_id ?? ''))
const lease = async () => (await sql`select failures, expires_at < now() as free from outbox_lease`)[0]
const pending = () => pendingEvents(sql)

test('an event that Kafka refuses for good is set aside with the reason, and holds back nothing', async () => {
  const before = await insert(40)
  await insert(1, { size: 2_000_000 })
  const after = await insert(40)
  await drain(sql, kafka, newIsolate())
  await expect.poll(() => new Set(arrived([...before, ...after]).map(({ headers }) => headers.ce_id)).size).toBe(80)
  expect(await sql`select topic, length(payload)::int as length, error, died_at > created_at as later from outbox_dead`).toEqual([
    { topic, length: 2_000_001, error: 'MESSAGE_TOO_LARGE', later: true },
  ])
  expect(await pending()).toBe(0)
  expect(await lease()).toMatchObject({ failures: 0 })
})

test('a topic that cannot be written holds back its own events only, until it can be', async () => {
  const held = await insertEvents(sql, 'no such topic!', 2)
  const free = await insert(5)
  await drain(sql, kafka, newIsolate())
  await expect.poll(() => arrived(free).length).toBe(5)
  expect(await sql`select topic, failures, last_error, retry_at > now() as waits from outbox_held`).toEqual([
    { topic: 'no such topic!', failures: 1, last_error: 'INVALID_TOPIC_EXCEPTION', waits: true },
  ])
  expect(await pending()).toBe(2)
  expect(await lease()).toMatchObject({ free: true, failures: 0 })

  await sql`update outbox set topic = ${topic}` // as if that topic could now be written
  await sql`update outbox_held set topic = ${topic}, retry_at = now() - interval '1 ms'`
  await drain(sql, kafka, newIsolate())
  await expect.poll(() => arrived(held).length).toBe(2)
  expect(await sql`select topic from outbox_held`).toEqual([])
})

test('a topic without a leader holds back its own events only', async () => {
  const leaderless = `${topic}.leaderless`
  await using _topic = await openTopic(bootstrapServers, leaderless)
  await using relay = await startLeaderless(bootstrapServers[0] ?? '', leaderless)
  await insertEvents(sql, leaderless, 2)
  const free = await insert(5)
  await drain(sql, { KAFKA_BOOTSTRAP_SERVERS: [relay.address] }, newIsolate())
  await expect.poll(() => arrived(free).length).toBe(5)
  expect(await sql`select topic, last_error from outbox_held`).toEqual([{ topic: leaderless, last_error: 'LEADER_NOT_AVAILABLE' }])
  expect(await sql`select distinct topic from outbox`).toEqual([{ topic: leaderless }])
})

/** A producer that answers in turn: with an error of this name, or as Kafka does when all is well. */
function scripted(...answers: string[]) {
  const sent: string[] = []
  const producer: Producer = {
    async send(topicMessages) {
      const type = answers.shift()
      if (type) throw Object.assign(new Error(type), { type })
      sent.push(...topicMessages.flatMap(({ messages }) => messages.map(({ value }) => String(value))))
    },
    async close() {},
  }
  return { sent, producer }
}
const events = (topics: string): PendingEvent[] =>
  Array.from(topics, (topic, i) => ({ id: i + 1, topic, key: 'key', payload: `${topic}${i + 1}`, headers: {} }))
const attempt = async (batch: PendingEvent[], producer: Producer, startBy = Infinity) => {
  const acknowledged: number[] = []
  await publish(batch, producer, { sql, open: () => producer, startBy, now: Date.now, acknowledged })
  return acknowledged
}

test('once a topic is held, nothing more of it is sent: a later event must not pass an earlier one', async () => {
  const { sent, producer } = scripted('MESSAGE_TOO_LARGE', 'NOT_ENOUGH_REPLICAS')
  expect(await attempt(events('aaaa'), producer)).toEqual([])
  expect(sent).toEqual([])
})

test('of two topics, the one that can be written is written, in order', async () => {
  const { sent, producer } = scripted('NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS')
  expect(await attempt(events('abab'), producer)).toEqual([2, 4])
  expect(sent).toEqual(['b2', 'b4'])
})

test('a refused event is found by halving, and what was acknowledged on the way is known', async () => {
  const { sent, producer } = scripted('INVALID_RECORD', '', 'INVALID_RECORD', 'INVALID_RECORD')
  expect(await attempt(events('aaaa'), producer)).toEqual([1, 2, 4])
  expect(sent).toEqual(['a1', 'a2', 'a4'])
})

test.each([
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_ENOUGH_REPLICAS',
])('%s holds the topic', async (reason) => {
  expect(await attempt(events('a'), scripted(reason).producer)).toEqual([])
  expect(await sql`select topic, last_error from outbox_held`).toEqual([{ topic: 'a', last_error: reason }])
})

test.each(['REQUEST_TIMED_OUT', 'CLUSTER_AUTHORIZATION_FAILED', 'NOT_LEADER_FOR_PARTITION'])(
  '%s is no fault of a topic or an event',
  async (reason) => {
    await expect(attempt(events('aa'), scripted(reason).producer)).rejects.toThrow(reason)
    expect(await sql`select topic from outbox_held`).toEqual([])
  },
)

test('no send starts when its answer could outlast the lease', async () => {
  const { sent, producer } = scripted()
  await expect(attempt(events('aa'), producer, Date.now() - 1)).rejects.toThrow('was not sent')
  expect(sent).toEqual([])
})

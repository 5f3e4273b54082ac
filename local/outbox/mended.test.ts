// What an operator does when something has gone wrong, from the failure to the record.

import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { drain } from '../../lib/outbox/drain.ts'
import { newIsolate } from '../../lib/outbox/isolate.ts'
import { ANEW_IF_BUSY } from '../rig/busy.ts'
import { emptyOutbox, insertEvents } from '../rig/outbox.ts'
import { stage } from '../rig/stage.ts'
import { redrive, release } from './change.ts'
import { connect } from './database.ts'
import { list, status } from './look.ts'

const { env, sql, kafka, bootstrapServers, records, topic } = stage()
let client: Awaited<ReturnType<typeof connect>>

vi.spyOn(console, 'error').mockImplementation(() => {}) // failures are provoked here, and they are logged

beforeAll(async () => {
  client = await connect(env.DATABASE_URL)
})
afterAll(() => client.end())
beforeEach(() => emptyOutbox(sql))

const seen = (ids: string[]) => records().flatMap(({ headers: { ce_id = '' } }) => (ids.includes(ce_id) ? [ce_id] : []))
/** Publishes until the outbox is as expected: one publisher may run out of time, and the next goes on. */
const drainUntil = (expected: object, config = kafka) =>
  expect
    .poll(async () => {
      await drain(sql, config, newIsolate())
      return status(client)
    })
    .toMatchObject(expected)
const clean = {
  pending: 0,
  dead: 0,
  failures: 0,
  last_error: null,
  backoff_until: null,
  held: [],
  lease: { held: false },
}

test(
  'an event that was too large is published when its topic takes it, under the id that it always had',
  ANEW_IF_BUSY,
  async () => {
    const [small = '', large = ''] = [
      ...(await insertEvents(sql, 1)),
      ...(await insertEvents(sql, 1, { size: 1_200_000 })),
    ]
    await drainUntil({ pending: 0, dead: 1 })
    await expect.poll(() => seen([small, large])).toEqual([small])
    expect(await list(client, { dead: true, limit: 50 })).toMatchObject({
      events: [{ event_id: large, error: 'MESSAGE_TOO_LARGE' }],
    })

    expect(await redrive(client, { ids: [large], dryRun: false })).toBe(1)
    await drainUntil({ pending: 0, dead: 1 }) // Kafka refuses it as before

    const admin = new Kafka({ brokers: bootstrapServers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const configEntries = [{ name: 'max.message.bytes', value: '2000000' }]
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    })
    await admin.disconnect()
    const again = async () => {
      await redrive(client, { ids: 'all', dryRun: false }) // more than once where a broker takes a moment to know
      await drain(sql, kafka, newIsolate())
      return seen([small, large])
    }
    await expect.poll(again).toEqual([small, large])
    await drainUntil(clean)
  },
)

test(
  'events of a mistyped topic wait, and a right name in the configuration publishes them in order',
  ANEW_IF_BUSY,
  async () => {
    const ids = await insertEvents(sql, 3, { keys: 1 })
    const held = [{ target: 'no such topic!', events: 3, last_error: 'INVALID_TOPIC_EXCEPTION' }]
    await drainUntil({ pending: 3, dead: 0, failures: 0, held }, { ...kafka, PRODUCTS_TOPIC: 'no such topic!' })
    ids.push(...(await insertEvents(sql, 2, { keys: 1 })))
    await drainUntil(clean)
    await expect.poll(() => seen(ids)).toEqual(ids)
  },
)

test(
  'what is held back is tried at once when it is released, and what came later stays behind it',
  ANEW_IF_BUSY,
  async () => {
    const ids = await insertEvents(sql, 3, { keys: 1 })
    await sql`insert into outbox_held values (${topic}, 9, now() + interval '1 hour', 'TOPIC_AUTHORIZATION_FAILED')`
    await sql`update outbox set target = ${topic}`
    ids.push(...(await insertEvents(sql, 2, { keys: 1 })))
    await drainUntil({ held: [{ target: topic, events: 5 }] })
    expect(seen(ids)).toEqual([])

    expect(await release(client, { target: topic, dryRun: false })).toEqual([topic])
    await drainUntil(clean)
    await expect.poll(() => seen(ids)).toEqual(ids)
  },
)

test('an event that is put back waits behind what is held back, in its own place there', ANEW_IF_BUSY, async () => {
  const [first = '', second = ''] = await insertEvents(sql, 2, { keys: 1 })
  await sql`
    with dead as (delete from outbox where event_id = ${first} returning id, event_id, type, key, payload, headers, created_at)
    insert into outbox_dead (id, event_id, type, key, payload, headers, created_at, error) select *, 'MESSAGE_TOO_LARGE' from dead`
  await sql`insert into outbox_held values (${topic}, 1, now() + interval '1 hour', 'TOPIC_AUTHORIZATION_FAILED')`
  await sql`update outbox set target = ${topic}`
  await redrive(client, { ids: [first], dryRun: false })
  await drainUntil({ held: [{ target: topic, events: 2 }] })
  await release(client, { target: topic, dryRun: false })
  await drainUntil(clean)
  await expect.poll(() => seen([first, second])).toEqual([first, second])
})

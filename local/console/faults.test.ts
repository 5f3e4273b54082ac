// What the console says while a part of the stack is away, and that it goes on when that is back.

import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openConnection } from '../kafka/fixtures.ts'
import { int32, int64, list, string } from '../kafka/protocol/types.ts'
import type { Writer } from '../kafka/protocol/writer.ts'
import { startKafkaThread } from '../kafka/thread.ts'
import { lastingPort } from '../machine/ports.ts'
import { forward } from '../rig/tcp.ts'
import { createTopics } from '../rig/topics.ts'
import { openTestConsole, ownBroker } from './fixtures.ts'
import { openLook } from './kafka/look.ts'
import type { RecordDetail } from './record.ts'

const product = { name: 'Fault kettle', price: '5.00', quantity: 1 }
const rowsOf = async ({ readState }: Pick<ReturnType<typeof openTestConsole>, 'readState'>) =>
  (await readState()).topics.flatMap(({ partitions }) => partitions).reduce((sum, { high }) => sum + high, 0)

describe('a broker that is paused', () => {
  const opened = openTestConsole(ownBroker())

  test('products are still made, their events wait, and go to Kafka when it is back', async () => {
    const { act, readState } = opened
    expect((await act('broker', { paused: true })).status).toBe(200)
    expect((await act('product', product)).body).toMatchObject({ status: 201 })
    await expect.poll(readState).toMatchObject({
      kafka: { paused: true, trouble: { error: expect.any(String) } },
      postgres: { trouble: null, seen: { outbox: { pending: 1 } } },
    })

    expect((await act('broker', { paused: false })).status).toBe(200)
    await expect.poll(readState).toMatchObject({ kafka: { paused: false, trouble: null } })
    // The publisher that failed has left a time before which nobody tries again: the next product comes after it.
    await expect
      .poll(async () => {
        const { outbox } = (await readState()).postgres.seen ?? {}
        if (outbox?.pending && outbox.backoff_seconds === null) await act('product', product)
        return outbox?.pending
      })
      .toBe(0)
    await expect.poll(() => rowsOf(opened)).toBeGreaterThan(0)
    expect(Object.keys((await readState()).experiments)).toContain('broker')
  })
})

describe('a broker that is gone', () => {
  const brokers: { close(): Promise<void> }[] = []
  let again = async () => {}
  afterAll(() => Promise.all(brokers.map((each) => each.close())))
  const opened = openTestConsole(async ({ PRODUCTS_TOPIC = '' }) => {
    const port = await lastingPort()
    again = async () => {
      const thread = await startKafkaThread({ ports: [port], partitions: 3 })
      brokers.push(thread)
      await createTopics(thread.brokers, [PRODUCTS_TOPIC])
    }
    await again()
    return { env: { KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}` } }
  })

  test('is told as trouble; another that has forgotten everything is read from its beginning', async () => {
    const { readState, write } = opened
    await opened.isInState(await write({ key: '1', value: '{}' }))
    await brokers.pop()?.close()
    await expect.poll(readState).toMatchObject({ kafka: { trouble: { error: expect.any(String) } } })
    expect(await rowsOf(opened)).toBeGreaterThan(0) // what was seen last stays

    await again()
    await expect.poll(() => rowsOf(opened)).toBe(0)
    await opened.isInState(await write({ key: '1', value: '{}' }))
    await expect.poll(() => rowsOf(opened)).toBe(1)
    await expect.poll(async () => (await readState()).kafka.trouble).toBeNull()
  })
})

describe('a Postgres that is gone', () => {
  let way: Awaited<ReturnType<typeof forward>> | undefined
  let open = async () => {}
  afterAll(() => way?.[Symbol.asyncDispose]())
  const opened = openTestConsole(async ({ DATABASE_URL = '' }) => {
    const url = new URL(DATABASE_URL)
    const target = url.host
    const port = await lastingPort()
    open = async () => void (way = await forward(port, target))
    await open()
    url.host = `127.0.0.1:${port}`
    return { env: { DATABASE_URL: url.href } }
  })

  test('is told as trouble, while Kafka is still shown, and is asked again when it is back', async () => {
    const { readState } = opened
    await expect.poll(readState).toMatchObject({ postgres: { trouble: null, seen: expect.anything() } })
    await way?.[Symbol.asyncDispose]()
    await expect
      .poll(readState)
      .toMatchObject({ postgres: { trouble: { error: expect.any(String) } }, kafka: { trouble: null } })
    await opened.isInState(await opened.write({ key: '1', value: '{}' }))
    const way_ = await fetch(`${opened.url()}/api/products/1/way`)
    expect(way_.status).toBe(500)
    expect(await way_.json()).toEqual({ error: expect.any(String) })

    await open()
    await expect.poll(readState).toMatchObject({ postgres: { trouble: null } })
  })
})

describe('a broker of one console', () => {
  const opened = openTestConsole(ownBroker())

  test('has a record of 2 MB: the page gets its beginning, and whoever asks for it all of it', async () => {
    const admin = opened.kafka().admin()
    await admin.connect()
    const configEntries = [{ name: 'max.message.bytes', value: '4000000' }]
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: opened.topic, configEntries }] })
    await admin.disconnect()
    const place = await opened.write({ key: 'big', value: 'x'.repeat(2_000_000) })
    await opened.isInState(place)
    const path = `${opened.url()}/api/records/${place.replaceAll(':', '/')}`
    const { value } = (await (await fetch(path)).json()) as RecordDetail
    expect(value).toMatchObject({ kind: 'text', size: 2_000_000, whole: false })
    expect(JSON.stringify(value).length).toBeLessThan(70_000)
    expect((await (await fetch(`${path}/value`)).text()).length).toBe(2_000_000)
    expect(JSON.stringify(await opened.readState()).length).toBeLessThan(70_000)
  })

  test('has a topic that is deleted: it is no more in the picture, and made anew it is read from its beginning', async () => {
    await opened.isInState(await opened.write({ key: 'old', value: '{}' }))
    const admin = opened.kafka().admin()
    await admin.connect()
    try {
      await admin.deleteTopics({ topics: [opened.topic] })
      const names = async () => (await opened.readState()).topics.map(({ name }) => name)
      await expect.poll(names).not.toContain(opened.topic)
      await admin.createTopics({ topics: [{ topic: opened.topic, numPartitions: 3 }], waitForLeaders: false })
      await expect.poll(names).toContain(opened.topic)
    } finally {
      await admin.disconnect()
    }
    await opened.isInState(await opened.write({ key: 'new', value: '{}' }))
    const keys = (await opened.readState()).topics
      .filter(({ name }) => name === opened.topic)
      .flatMap(({ partitions }) => partitions.flatMap(({ records }) => records.map(({ key }) => key)))
    expect(keys).toEqual(['new'])
  })

  test('has a thousand groups: those of the apps are shown, and how many others there are', async () => {
    const many = Array.from({ length: MANY_GROUPS }, (_, i) => `a-group-${i}`)
    await Promise.all(Array.from({ length: 10 }, (_, i) => commit(many.filter((_, at) => at % 10 === i))))
    await commit(['stock'])
    const state = async () => {
      const { about, groups, kafka } = await opened.readState()
      const stock = groups.find(({ groupId }) => groupId === 'stock')?.state
      const names = groups.map(({ groupId }) => groupId)
      return { stock, names, apps: about.apps, trouble: kafka.trouble, leftOut: kafka.broker?.groupsLeftOut ?? 0 }
    }
    // The list may be 5 s old, and a look may have begun before the last group had committed.
    await expect.poll(async () => (await state()).leftOut).toBeGreaterThan(MANY_GROUPS - 100)
    await expect.poll(state).toMatchObject({ stock: 'Empty', trouble: null })
    const { names, apps } = await state()
    expect(names).toEqual(expect.arrayContaining([...apps]))
    expect(names.length).toBeLessThan(100)
  })

  test('has so many groups that they are not listed at each look; one of the apps is seen at once', async () => {
    await commit(Array.from({ length: 100 }, (_, i) => `b-group-${i}`))
    const admin = opened.kafka().admin()
    await admin.connect()
    onTestFinished(() => admin.disconnect())
    const began = Date.now()
    let lists = 0
    const counted = { ...admin, listGroups: async () => (lists++, admin.listGroups()) }
    const look = openLook()
    const groups = async () =>
      (await look(counted, { topics: [opened.topic], groups: ['late'] })).groups.map(({ groupId }) => groupId)
    expect(await groups()).not.toContain('late')
    await commit(['late'])
    expect(await groups()).toContain('late')
    for (let times = 0; times < 3; times++) await groups()
    expect(lists).toBeLessThanOrEqual(1 + Math.floor((Date.now() - began) / 5_000)) // see kafka/look.ts
  })

  async function commit(names: string[]) {
    const ask = await openConnection(opened.brokers())
    for (const name of names) await ask(commitOf(name, opened.topic))
  }
})

const MANY_GROUPS = 1_000

/** A group that has committed an offset, and has no member: OffsetCommit of version 2, from outside of any group. */
const commitOf = (group: string, topic: string) => ({
  key: 8,
  version: 2,
  flexible: false,
  write(writer: Writer) {
    string.write(writer, group)
    writer.int32(-1) // generation
    string.write(writer, '') // member
    writer.int64(-1) // retention
    list({ name: string, partitions: list({ index: int32, offset: int64, metadata: string }) }).write(writer, [
      { name: topic, partitions: [{ index: 0, offset: 0 }] },
    ])
  },
})

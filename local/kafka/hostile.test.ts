// Clients that mean harm, or are broken: what they do ends their own connection, or gets an error, and nobody else
// notices.

import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KafkaError } from './errors.ts'
import {
  openConnection,
  openSocket,
  produce,
  read,
  startBroker,
  startBrokerProcess,
  temporaryFolder,
  until,
} from './fixtures.ts'
import { Reader } from './protocol/reader.ts'
import { Writer } from './protocol/writer.ts'
import { openUnfinished } from './unfinished.ts'

const LONG_MAX = 2n ** 63n - 1n
const code = (name: ConstructorParameters<typeof KafkaError>[0]) => new KafkaError(name).code

/** A string in the old form: its length in two bytes. */
function text(writer: Writer, value: string | Buffer) {
  const bytes = Buffer.from(value)
  writer.int16(bytes.length)
  writer.raw(bytes)
}
const long = (writer: Writer, value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  writer.raw(bytes)
}

/** Metadata version 4 for so many topics, each written by `name`; the topics are made where `make` says so. */
const metadata = (count: number, name: (writer: Writer, n: number) => void, make = false) => ({
  key: 3,
  version: 4,
  flexible: false,
  write(writer: Writer) {
    writer.int32(count)
    for (let n = 0; n < count; n++) name(writer, n)
    writer.int8(make ? 1 : 0)
  },
})

/** An OffsetCommit of version 2 by nobody's member, for partition 0 of one topic. */
const commit = (group: string | Buffer, topic: string, offset: bigint, note = '') => ({
  key: 8,
  version: 2,
  flexible: false,
  write(writer: Writer) {
    text(writer, group)
    writer.int32(-1) // generation
    text(writer, '')
    long(writer, -1n) // retention
    writer.int32(1)
    text(writer, topic)
    writer.int32(1)
    writer.int32(0)
    long(writer, offset)
    text(writer, note)
  },
})
/** The error of its only partition. */
function committed(reader: Reader) {
  reader.int32()
  reader.take(reader.int16())
  reader.int32()
  reader.int32()
  return reader.int16()
}

test('a request with more elements than anybody needs is not read to its end', async () => {
  const { brokers, client } = await startBroker()
  const ask = await openConnection(brokers)
  await expect(ask(metadata(100_001, (writer) => text(writer, 'a')))).rejects.toThrow('connection closed')
  await produce(client, 'orders', 'a')
  expect(await read(client, 'orders', 1)).toEqual(['a'])
})

test('topics cannot be made without end, and those of one request are written once', async () => {
  const folder = await temporaryFolder()
  const { brokers, client } = await startBroker({ folder, partitions: 10 })
  const ask = await openConnection(brokers)
  await ask(metadata(3_000, (writer, n) => text(writer, `t${n}`), true))
  const admin = client.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  expect((await admin.listTopics()).length).toBe(2_000)
  const [refused] =
    (await admin.createTopics({ topics: [{ topic: 'more' }], validateOnly: true }).catch((error) => error.errors)) ?? []
  expect(refused).toMatchObject({ code: code('POLICY_VIOLATION') })
  const restarted = await startBrokerProcess(folder).catch(() => undefined) // its topics are on disk, though this one still runs
  expect(restarted).toBeDefined()
})

test('a string that is not UTF-8, or longer than others could be told, ends the connection; groups are listed as before', async () => {
  const { brokers, client } = await startBroker()
  await produce(client, 'orders', 'a')
  await expect((await openConnection(brokers))(commit(Buffer.alloc(20_000, 0xff), 'orders', 1n))).rejects.toThrow(
    'connection closed',
  )
  const findCoordinator = (size: number) => ({
    key: 10,
    version: 3,
    flexible: true,
    write: (writer: Writer) => {
      writer.uvarint(size + 1)
      writer.raw(Buffer.alloc(size, 'g'))
      writer.int8(0) // of a group
      writer.uvarint(0)
    },
  })
  await (
    await openConnection(brokers)
  )(findCoordinator(32_767))
  await expect((await openConnection(brokers))(findCoordinator(32_768))).rejects.toThrow('connection closed')
  expect(committed(await (await openConnection(brokers))(commit('readers', 'orders', 1n)))).toBe(0)
  const admin = client.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  expect((await admin.listGroups()).groups).toEqual([{ groupId: 'readers', protocolType: '' }])
})

test('an offset beyond all numbers and a note beyond its bound are refused, and the broker starts again', async () => {
  const folder = await temporaryFolder()
  const first = await startBrokerProcess(folder)
  await produce(first.client, 'orders', 'a')
  const ask = await openConnection(first.brokers)
  expect(committed(await ask(commit('readers', 'orders', LONG_MAX)))).toBe(code('OFFSET_OUT_OF_RANGE'))
  expect(committed(await ask(commit('readers', 'orders', 1n, 'x'.repeat(4_097))))).toBe(
    code('OFFSET_METADATA_TOO_LARGE'),
  )
  expect(committed(await ask(commit('readers', 'orders', 1n, 'x'.repeat(4_096))))).toBe(0)
  await first.kill()
  const again = await startBrokerProcess(folder)
  expect(await read(again.client, 'orders', 1)).toEqual(['a'])
})

test('data of before such offsets and names were refused is taken, but for them', async () => {
  const folder = await temporaryFolder()
  const first = await startBrokerProcess(folder)
  await produce(first.client, 'orders', 'a')
  await first.kill()
  const row = { topic: 'orders', index: 0, offset: 1, leaderEpoch: -1, metadata: '' }
  const rows = [
    { ...row, group: 'big', offset: 9.3e18 },
    { ...row, group: '\ufffd'.repeat(20_000) },
    { ...row, group: 'readers' },
  ]
  await writeFile(join(folder, 'offsets.json'), JSON.stringify(rows))
  const { client } = await startBrokerProcess(folder)
  const admin = client.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  expect((await admin.listGroups()).groups).toEqual([{ groupId: 'readers', protocolType: '' }])
})

test('names that no disk would take, or would take for one another, have files of their own; those of before move there', async () => {
  const folder = await temporaryFolder()
  const topics = ['x'.repeat(249), 'Foo', 'foo']
  const first = await startBrokerProcess(folder)
  for (const topic of topics) await produce(first.client, topic, topic)
  await first.kill()
  const names = (await readdir(folder)).filter((name) => /-\d+$/.test(name))
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
  const file = names.find((name) => name.startsWith('Foo~')) ?? ''
  const log = join(folder, file, '00000000000000000000.log')
  await rename(log, join(folder, `Foo-${/-(\d+)$/.exec(file)?.[1]}.log`))
  await rm(join(folder, file), { recursive: true })
  const again = await startBrokerProcess(folder)
  for (const topic of topics) expect(await read(again.client, topic, 1)).toEqual([topic])
  expect(await readdir(folder)).toContain(file)
})

test("a name that Kafka's metrics could not tell from another is refused, as Kafka does", async () => {
  const { client } = await startBroker()
  const admin = client.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  await admin.createTopics({ topics: [{ topic: 'a.b' }] })
  const refused = await admin
    .createTopics({ topics: [{ topic: 'a_b' }] })
    .catch((error: { errors?: unknown[] }) => error.errors)
  expect(refused).toMatchObject([{ code: code('INVALID_TOPIC_EXCEPTION') }])
  await admin.deleteTopics({ topics: ['a.b'] })
  expect(await admin.createTopics({ topics: [{ topic: 'a_b' }] })).toBe(true)
})

test('of those who send big requests by halves, the greediest is cut off', async () => {
  const { brokers, client } = await startBroker()
  const unfinished = openUnfinished(3_000_000)
  const [small, large] = [await openSocket(brokers), await openSocket(brokers)]
  for (const socket of [small, large]) socket.on('error', () => {})
  unfinished.note(small, 1_000_000)
  unfinished.note(large, 1_900_000)
  const ended = new Promise((resolve) => large.once('close', resolve))
  unfinished.note(small, 1_200_000)
  await ended
  unfinished.note(small, 2_900_000)
  expect(small.destroyed).toBe(false)

  const half = Buffer.alloc(60 * 1024 * 1024)
  half.writeInt32BE(90 * 1024 * 1024)
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openSocket(brokers)))
  let cutOff = 0
  for (const socket of sockets)
    socket
      .on('error', () => {})
      .on('close', () => cutOff++)
      .write(half)
  await until(() => cutOff > 0)
  await produce(client, 'orders', 'a')
  expect(await read(client, 'orders', 1)).toEqual(['a'])
})

test('a client with a long name cannot make others of its group fail, which are told the ids of all', async () => {
  const { brokers } = await startBroker()
  const join = {
    key: 11,
    version: 2,
    flexible: false,
    write(writer: Writer) {
      text(writer, 'readers')
      writer.int32(10_000)
      writer.int32(10_000)
      text(writer, '')
      text(writer, 'consumer')
      writer.int32(1)
      text(writer, 'range')
      writer.int32(0)
    },
  }
  const joined = await (await openConnection(brokers, 'n'.repeat(32_767)))(join)
  joined.take(4)
  expect(joined.int16()).toBe(0)
})

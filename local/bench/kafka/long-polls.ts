// What it takes to acknowledge a record that wakes 1,000 consumers, each of which waits at the end of its partition.

import { once } from 'node:events'
import { connect } from 'node:net'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { Fetch } from '../../kafka/protocol/records.ts'
import { Reader } from '../../kafka/protocol/reader.ts'
import { Writer } from '../../kafka/protocol/writer.ts'
import { createTopics } from '../../rig/topics.ts'

const POLLS = 1_000
const RECORDS = 20
const VERSION = 11 // the last that names a topic; later ones give its id
const LONG = 60_000 // ms
const MOST = 1_000_000 // bytes

/** Gives a function that sends one record after the other: the milliseconds of each, until it is acknowledged. */
export async function openLongPolls(address: string) {
  const [topic, other] = ['polled', 'not-polled']
  await createTopics([address], [topic, other])
  const client = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const send = (to: string) => producer.send({ topic: to, acks: 1, messages: [{ value: 'woken', partition: 0 }] })
  const polls = await Promise.all(Array.from({ length: POLLS }, () => openPoll(address, topic)))
  let offset = 0
  const time = async () => {
    const answers = await Promise.all(polls.map((poll) => poll.ask(offset)))
    await send(other) // asked later, and answered: the others wait at the broker
    const began = performance.now()
    await send(topic)
    const took = performance.now() - began
    await Promise.all(answers.map((answer) => answer.whole))
    offset++
    return took
  }
  return {
    async send() {
      const times: number[] = []
      while (times.length < RECORDS) times.push(await time())
      return times
    },
    async [Symbol.asyncDispose]() {
      for (const poll of polls) poll.close()
      await producer.disconnect()
    },
  }
}

/** One connection. `ask` resolves when the request is on its way, with what resolves when its answer is there. */
async function openPoll(address: string, topic: string) {
  const [host, port] = address.split(':')
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  return {
    async ask(offset: number) {
      const whole = answer()
      await new Promise((written) => socket.write(request(topic, offset), written))
      return { whole }
    },
    close: () => socket.destroy(),
  }

  async function answer() {
    let received = Buffer.alloc(0)
    while (received.length < 4 || received.length < 4 + received.readInt32BE()) {
      const [chunk]: Buffer[] = await once(socket, 'data')
      if (chunk) received = Buffer.concat([received, chunk])
    }
    const { error, topics } = Fetch.response.read(afterHeader(received))
    if (error !== 0 || !topics[0]?.partitions[0]?.records?.length) throw new Error(`a long poll got error ${error}`)
  }
}

const HEADER = 8 // bytes: length and correlation id

function afterHeader(answer: Buffer) {
  const reader = new Reader(answer, VERSION, false)
  reader.take(HEADER)
  return reader
}

function request(topic: string, offset: number) {
  const writer = new Writer(VERSION, false)
  writer.int16(Fetch.key)
  writer.int16(VERSION)
  writer.int32(0) // correlation id
  writer.int16(-1) // no client id
  const partition = { index: 0, leaderEpoch: -1, offset, logStartOffset: -1, maxBytes: MOST }
  const bounds = { replicaId: -1, maxWait: LONG, minBytes: 1, maxBytes: MOST, isolation: 0 }
  const session = { sessionId: 0, sessionEpoch: -1, forgotten: [], rack: '' }
  Fetch.request.write(writer, { ...bounds, ...session, topics: [{ name: topic, partitions: [partition] }] })
  return Buffer.concat(writer.frame())
}

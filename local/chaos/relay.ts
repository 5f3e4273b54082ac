// Stands between the Workers and the brokers, and does to their conversations what networks and brokers do on bad days.
// Understands what KafkaJS sends: Metadata up to version 8, Produce up to version 7.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { int16, int32, int64, list, string, struct } from '../kafka/protocol/types.ts'
import type { Pass } from './gate.ts'
import { moveBrokers, rewrite } from './rewrite.ts'

/** Codes of https://kafka.apache.org/protocol#protocol_error_codes */
export const ERRORS = { NOT_LEADER_OR_FOLLOWER: 6, REQUEST_TIMED_OUT: 7 }

export type Manner =
  | 'kind'
  | 'refusing' // connections, and cutting those it has
  | 'silent' // what comes is kept, in both directions, and delivered in the end
  | 'hanging up before writing'
  | 'hanging up after writing'
  | { slow: number } // ms for each request, and for each answer
  | { lying: number; share: number } // the error it answers for a share of the partitions that it has written

type Broker = { host: string; port: number }
type Asked = { key: number; version: number }

const PRODUCE = 0
const METADATA = 3
const LISTEN_RETRY = 50 // ms

/** How a Produce answer begins, up to version 7. */
const Produced = struct({
  topics: list({
    name: string,
    partitions: list({ index: int32, error: int16, baseOffset: int64, logAppendTime: int64, logStartOffset: int64.since(5) }),
  }),
})

export type Relay = Awaited<ReturnType<typeof startRelay>>

/** One port for each broker, all with the same manner. `random` decides which partitions a liar lies about; `pass` holds records and their answers. */
export async function startRelay(brokers: Broker[], random: () => number, pass: Pass = async () => {}) {
  const sockets = new Set<Socket>()
  const doors = brokers.map((broker) => ({ broker, port: 0, server: createServer((client) => relay(client, broker)) }))
  let accepted = 0
  let manner: Manner = 'kind'
  let over = Promise.withResolvers<void>() // the silence

  function relay(client: Socket, broker: Broker) {
    accepted++
    const upstream = connect(broker)
    const asked = new Map<number, Asked>() // by correlation id
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    }
    void forward(client, upstream, async (request) => {
      const key = request.readInt16BE(4)
      asked.set(request.readInt32BE(8), { key, version: request.readInt16BE(6) })
      if (key === PRODUCE) await pass('before Kafka has the records')
      return key === PRODUCE && manner === 'hanging up before writing' ? undefined : request
    })
    void forward(upstream, client, async (response) => {
      const correlation = response.readInt32BE(4)
      const question = asked.get(correlation)
      asked.delete(correlation)
      if (question?.key === METADATA) return moveBrokers(response, question.version, doorOf)
      if (question?.key !== PRODUCE) return response
      await pass('after Kafka has the records')
      if (manner === 'hanging up after writing') return undefined
      if (typeof manner !== 'object' || !('lying' in manner)) return response
      const { lying, share } = manner
      return rewrite(response, question.version, Produced, ({ topics }) => ({
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((partition) => (random() < share ? { ...partition, error: lying } : partition)),
        })),
      }))
    })
  }

  /** Frame by frame; a change that gives nothing ends the connection. */
  async function forward(from: Socket, to: Socket, change: (frame: Buffer) => Promise<Buffer | undefined>) {
    try {
      for await (const frame of frames(from)) {
        const changed = await change(frame)
        if (!changed) return to.destroy()
        if (manner === 'silent') await over.promise
        else if (typeof manner === 'object' && 'slow' in manner) await setTimeout(manner.slow)
        to.write(changed)
      }
      to.end()
    } catch {
      to.destroy() // as the other end broke off
    }
  }

  const doorOf = ({ host, port }: Broker) => {
    const door = doors.find(({ broker }) => broker.host === host && broker.port === port)
    return door && { host: '127.0.0.1', port: door.port }
  }

  const open = () => Promise.all(doors.map(async (door) => (door.port = await listen(door.server, door.port))))
  const close = async () => {
    const closed = doors.map(({ server }) => new Promise((resolve) => server.close(resolve)))
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
  }
  await open()
  return {
    addresses: doors.map(({ port }) => `127.0.0.1:${port}`),
    /** Connections so far. */
    accepted: () => accepted,
    async behave(next: Manner) {
      const last = manner
      manner = next
      if (last === 'silent') {
        over.resolve()
        over = Promise.withResolvers()
      }
      if (last === 'refusing') await open()
      if (next === 'refusing') await close()
    },
    async close() {
      over.resolve()
      await close()
    },
  }
}

async function* frames(stream: AsyncIterable<Buffer>) {
  let rest = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE()) {
      const size = 4 + rest.readInt32BE()
      yield rest.subarray(0, size)
      rest = rest.subarray(size)
    }
  }
}

/** On this port again, even if it takes a moment until it is free; 0 is any. */
async function listen(server: Server, port: number): Promise<number> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    await setTimeout(LISTEN_RETRY)
    return listen(server, port)
  }
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

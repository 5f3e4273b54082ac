// One connection to a broker, as a client has it. What is answered must be all that its layout says, and nothing more.

import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { ApiVersions } from '../protocol/metadata.ts'
import { Reader } from '../protocol/reader.ts'
import type { Type } from '../protocol/types.ts'
import { Writer } from '../protocol/writer.ts'

type Asking = { key: number; version: number; flexible: boolean }
export type Layout<Q, R> = {
  key: number
  max: number
  flexible: number
  request: Pick<Type<unknown, Q>, 'write'>
  response: Pick<Type<R>, 'read'>
}
type Waiting = { correlation: number; resolve: (frame: Buffer) => void; reject: (error: Error) => void }
export type Connection = Awaited<ReturnType<typeof connect>>

/** What a request ends with that the broker answers by closing the connection. */
const CLOSED = 'connection closed'

export async function connect(address: string) {
  const [, host = '', port = ''] = address.match(/^(.*):(\d+)$/) ?? []
  const socket = connectSocket(Number(port), host)
  socket.setNoDelay(true)
  await once(socket, 'connect')
  const waiting: Waiting[] = []
  let correlations = 0
  let data = Buffer.alloc(0)
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(CLOSED)))
  socket.on('error', () => {}) // what follows is the end of the connection
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(CLOSED))
  })
  socket.on('data', (chunk: Buffer) => {
    data = Buffer.concat([data, chunk])
    while (data.length >= 4 && data.length >= 4 + data.readInt32BE()) {
      const end = 4 + data.readInt32BE()
      const [frame, first] = [data.subarray(4, end), waiting.shift()]
      data = data.subarray(end)
      if (first?.correlation !== frame.readInt32BE()) socket.destroy(new Error('an answer to another request'))
      first?.resolve(frame)
    }
  })

  const send = ({ key, version, flexible }: Asking, write: (writer: Writer) => void) => {
    const writer = new Writer(version, flexible)
    writer.int16(key)
    writer.int16(version)
    writer.int32(++correlations)
    const client = Buffer.from('conformance')
    writer.int16(client.length)
    writer.raw(client)
    writer.noTags()
    write(writer)
    socket.write(Buffer.concat(writer.frame()))
    return correlations
  }

  const frameOf = (correlation: number) =>
    new Promise<Buffer>((resolve, reject) => {
      if (socket.destroyed) reject(new Error(CLOSED))
      else waiting.push({ correlation, resolve, reject })
    })

  const connection = {
    address,
    closed,
    close: () => void socket.destroy(),
    /** Bytes as they are, which nothing is awaited for. */
    write: (bytes: Buffer) => void socket.write(bytes),
    /** A request that is not answered, as one of Produce with acks=0. */
    tell<Q>({ key, max, flexible, request }: Layout<Q, unknown>, asked: NoInfer<Q>, version = max) {
      send({ key, version, flexible: version >= flexible }, (writer) => request.write(writer, asked))
    },
    /** Throws where the connection ends before the answer, and where the answer is not as its layout says. */
    async ask<Q, R>({ key, max, flexible, request, response }: Layout<Q, R>, asked: NoInfer<Q>, version = max) {
      const isFlexible = version >= flexible
      const frame = await frameOf(
        send({ key, version, flexible: isFlexible }, (writer) => request.write(writer, asked)),
      )
      const reader = new Reader(frame, version, isFlexible)
      reader.take(4) // the correlation id
      if (key !== ApiVersions.key) reader.skipTags()
      const answer = response.read(reader)
      if (reader.left) throw new Error(`${reader.left} bytes behind an answer to request ${key} in version ${version}`)
      return answer
    },
    /** The frame that answers a request of any kind, version and body. */
    askRaw: (asking: Asking, body: Buffer) => frameOf(send(asking, (writer) => writer.raw(body))),
  }
  return connection
}

/** What is answered; or that the connection was closed, which is an answer as well. */
export const orClosed = <T>(answer: Promise<T>) =>
  answer.catch((error: unknown) => {
    if (error instanceof Error && error.message === CLOSED) return CLOSED
    throw error
  })

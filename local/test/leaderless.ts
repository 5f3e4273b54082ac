import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

const METADATA = 3
const LEADER_NOT_AVAILABLE = 5

/** Relays to a broker, but says that this partition of `topic` has no leader. Understands what KafkaJS sends: Metadata up to version 8. */
export async function startLeaderless(brokers: string[], topic: string, partition: number) {
  const [host, target] = brokers[0]?.split(':') ?? []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(target) })
    const versions = new Map<number, number>() // of the Metadata requests, by correlation id
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => (client.destroy(), upstream.destroy()))
    }
    frames(client, (request) => {
      if (request.readInt16BE(4) === METADATA) versions.set(request.readInt32BE(8), request.readInt16BE(6))
      upstream.write(request)
    })
    frames(upstream, (response) => {
      const version = versions.get(response.readInt32BE(4))
      if (version !== undefined) withoutLeader(response, version, { topic, partition, port: port() })
      client.write(response)
    })
  }).listen(0, '127.0.0.1')
  const port = () => {
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${port()}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function frames(socket: Socket, each: (frame: Buffer) => void) {
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const size = 4 + rest.readInt32BE(0)
      each(Buffer.from(rest.subarray(0, size)))
      rest = rest.subarray(size)
    }
  })
}

/** Changes a Metadata response in place; brokers are moved to our own port. https://kafka.apache.org/protocol#The_Messages_Metadata */
function withoutLeader(response: Buffer, version: number, { topic, partition, port }: { topic: string; partition: number; port: number }) {
  let at = 8
  const skip = (size: number) => (at += size)
  const int32 = () => response.readInt32BE(skip(4) - 4)
  const string = () => {
    const size = Math.max(0, response.readInt16BE(skip(2) - 2))
    return response.toString('utf8', at, skip(size))
  }
  const repeat = (each: () => void) => Array.from({ length: int32() }, each)
  if (version >= 3) skip(4)
  repeat(() => {
    skip(4)
    string()
    response.writeInt32BE(port, skip(4) - 4)
    if (version >= 1) string()
  })
  if (version >= 2) string()
  if (version >= 1) skip(4)
  repeat(() => {
    skip(2)
    const named = string() === topic
    if (version >= 1) skip(1)
    repeat(() => {
      const leaderless = named && response.readInt32BE(at + 2) === partition
      if (leaderless) response.writeInt16BE(LEADER_NOT_AVAILABLE, at)
      skip(6)
      if (leaderless) response.writeInt32BE(-1, at)
      skip(version >= 7 ? 8 : 4)
      repeat(() => skip(4))
      repeat(() => skip(4))
      if (version >= 5) repeat(() => skip(4))
    })
    if (version >= 8) skip(4)
  })
}

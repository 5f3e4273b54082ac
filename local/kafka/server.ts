// The local Kafka: brokers on TCP ports of this machine that any Kafka client can talk to.
//
//   server.ts      opens the ports, one broker each, over one cluster
//   connection.ts  cuts a client's stream into requests and sends the answers back in order
//   requests/      what each kind of request does, by subject
//   protocol/      how requests and responses look on the wire
//   cluster.ts     what the brokers know: topics, groups, transactions, and the folder they are kept in
//   log.ts         the records of one partition

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { Cluster, type Node, type Settings } from './cluster.ts'
import { serve } from './connection.ts'
import { endpoints } from './requests/endpoints.ts'

export type Options = Partial<Settings> & { host?: string; ports?: number[]; log?: (message: string) => void }

/**
 * Starts one broker a port (0 is a free one) and resolves when all listen, with their addresses as clients are told them.
 * `folder` keeps topics, records and committed offsets over restarts and kills, and is for one process at a time; null, the default,
 * keeps all in memory. `partitions` is for topics made without a number, and for those that `autoCreate` makes on first use.
 * `initialRebalanceDelay` (ms): how long an empty group waits for more members; 0 here, 3000 in Kafka. `log` is told of every
 * connection that was cut off and of every damaged end of a log file.
 * `close` ends every connection and timer and finishes what is being written.
 * Throws the listening error where a port is taken, and an error that names the file where one in `folder` cannot be understood.
 * Source: kafka.apache.org/protocol, and the broker configuration of the same names in Kafka's documentation.
 */
export async function startKafka({ host = '127.0.0.1', ports = [9092], log = console.error, ...settings }: Options = {}) {
  const nodes = ports.map((port, id) => ({ id, host, port }))
  const cluster = new Cluster(nodes, { partitions: 3, autoCreate: true, initialRebalanceDelay: 0, folder: null, ...settings }, log)
  const table = endpoints(cluster)
  const sockets = new Set<Socket>()
  const servers: Server[] = []

  const accept = (socket: Socket, node: Node) => {
    const gone = new AbortController()
    sockets.add(socket)
    socket.on('error', () => {}) // a connection that breaks off is the client's affair
    socket.on('close', () => {
      sockets.delete(socket)
      gone.abort()
    })
    serve(socket, node, table, gone.signal).catch((error: unknown) => {
      if (!gone.signal.aborted) log(`${socket.remoteAddress}:${socket.remotePort} cut off: ${String(error)}`)
      socket.destroy()
    })
  }

  const close = async () => {
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
    await cluster.close()
  }

  try {
    for (const node of nodes) {
      const server = createServer({ noDelay: true }, (socket) => accept(socket, node))
      servers.push(server)
      await once(server.listen(node.port, host), 'listening')
      const address = server.address()
      if (address && typeof address === 'object') node.port = address.port
    }
  } catch (error) {
    await close()
    throw error
  }
  return { brokers: nodes.map(({ host, port }) => `${host}:${port}`), close }
}

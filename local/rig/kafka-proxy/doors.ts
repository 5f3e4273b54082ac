// Doors before the brokers of a cluster, as a network far away has them: clients see nothing but the doors, which may
// ask for TLS and a password, take their time, and count who is inside.
//
//   client ── door: counts, delays, shuts ── porter: TLS, SASL, moves the brokers to their doors ── broker

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { frameCutter } from '../../../lib/kafka/frames.ts'
import { METADATA } from '../../../lib/kafka/metadata.ts'
import { moveBrokers } from './rewrite.ts'
import { API_VERSIONS, type Login, saslGate, tellOfSasl } from './sasl.ts'
import { portOf } from '../../machine/port-of.ts'

/**
 * `distance`: ms one way. `tls`: what a client has to trust, and its key. Both and `login` are left out where there is
 * none.
 */
export type Options = { distance?: number; tls?: { key: string; cert: string }; login?: Login }
export type Behaviour = 'kind' | 'silent' | 'refusing'

const HOST = '127.0.0.1'

export async function startDoors(brokers: string[], { distance = 0, tls, login }: Options = {}) {
  const sockets = new Set<Socket>()
  const inside = new Set<Socket>()
  let most = 0
  let welcome = 0

  const doors = await Promise.all(
    brokers.map(async (broker, node) => {
      const porter = tls
        ? createTlsServer(tls, (client) => guard(client, broker))
        : createServer((client) => guard(client, broker))
      const porterPort = await listen(porter)
      const server = createServer((client) => enter(client, node, porterPort))
      const port = await listen(server)
      return { broker, porter, server, port, behaviour: 'kind' as Behaviour, accepted: 0, clients: new Set<Socket>() }
    }),
  )

  function enter(client: Socket, node: number, porterPort: number) {
    const door = doors[node]
    if (!door) return client.destroy()
    door.accepted++
    door.clients.add(client)
    inside.add(client)
    setImmediate(() => (most = Math.max(most, inside.size))) // when those who left before this one came are seen to have left
    client
      .on('end', () => inside.delete(client))
      .on('close', () => (inside.delete(client), door.clients.delete(client)))
    keep(client)
    if (door.behaviour === 'silent') return client.resume()
    const porter = keep(connect(porterPort, HOST))
    const from = performance.now() + welcome + 2 * distance // as the connection itself takes a way and back
    delay(client, porter, distance, from)
    delay(porter, client, distance, from)
  }

  function guard(client: Socket, broker: string) {
    const [host, port] = broker.split(':')
    const upstream = keep(connect(Number(port), host))
    keep(client)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    const asked = new Map<number, { key: number; version: number }>() // by correlation id
    const gate = login ? saslGate(login) : () => 'pass' as const
    const cutRequests = frameCutter()
    client.on('data', (chunk: Buffer) => {
      for (const request of cutRequests(chunk)) {
        asked.set(request.readInt32BE(8), { key: request.readInt16BE(4), version: request.readInt16BE(6) })
        const decision = gate(request)
        if (decision === 'pass') upstream.write(request)
        else if (decision === 'cut') client.destroy()
        else client.write(decision)
      }
    })
    const cutAnswers = frameCutter()
    upstream.on('data', (chunk: Buffer) => {
      for (const answer of cutAnswers(chunk)) client.write(changed(answer, asked.get(answer.readInt32BE(4))))
    })
  }

  function changed(answer: Buffer, { key, version } = { key: -1, version: 0 }) {
    if (key === METADATA) return moveBrokers(answer, version, doorOf)
    return key === API_VERSIONS && login ? tellOfSasl(answer, version) : answer
  }
  const doorOf = ({ host, port }: { host: string; port: number }) => {
    const door = doors.find(({ broker }) => broker === `${host}:${port}`)
    return door && { host: HOST, port: door.port }
  }

  function keep<S extends Socket>(socket: S) {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    return socket
  }

  return {
    addresses: doors.map(({ port }) => `${HOST}:${port}`),
    /** Connections of clients at this moment, the most at once so far, and how many each door has let in. */
    open: () => inside.size,
    most: () => most,
    accepted: () => doors.map(({ accepted }) => accepted),
    /** From now on; those who are inside are sent away. */
    async behave(node: number, behaviour: Behaviour) {
      const door = doors[node]
      if (!door) return
      door.behaviour = behaviour
      for (const client of door.clients) client.destroy()
      if (behaviour === 'refusing') await close(door.server)
      else if (!door.server.listening) await listen(door.server, door.port)
    },
    /** ms that each new client waits before anything is said. */
    welcomeAfter(ms: number) {
      welcome = ms
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await Promise.all(doors.flatMap(({ porter, server }) => [porter, server]).map(close))
    },
  }
}

/** Passes on what comes, and its end, `ms` later and not before `from`: in its order, and any amount at once. */
function delay(source: Socket, target: Socket, ms: number, from: number) {
  const onItsWay: (() => void)[] = []
  const later = (deliver: () => void) => {
    onItsWay.push(deliver)
    setTimeout(() => onItsWay.shift()?.(), Math.max(performance.now(), from) - performance.now() + ms)
  }
  source
    .on('data', (chunk: Buffer) => later(() => target.write(chunk)))
    .on('close', () => later(() => target.destroy()))
}

const close = (server: Server) => new Promise((resolve) => server.close(resolve))

async function listen(server: Server, port = 0) {
  await once(server.listen(port, HOST), 'listening')
  return portOf(server)
}

// Stands between a Worker and the nodes, and does to their conversations what networks and brokers do on bad days.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Checkpoint } from '../gate.ts'
import * as kafka from './frames.ts'
import { errorOf, lieAbout, type Behaviour, mislead } from './behaviour.ts'
import { type Ledger, openLedger, type Sending } from './sendings.ts'
import { portOf } from '../../machine/port-of.ts'

type Node = { nodeId: number; host: string; port: number }
/** A request that waits for its answer, and what the proxy has already answered for some of its partitions. */
type Asked = { key: number; version: number; sendings: Sending[]; refused: kafka.Produced['topics'] }

const LISTEN_RETRY = 50 // ms

export type KafkaProxy = Awaited<ReturnType<typeof startKafkaProxy>>
export type Options = {
  random?: () => number // decides which partitions a liar lies about
  checkpoint?: Checkpoint // holds records and their answers
  ledger?: Ledger
}

/** One port for each node, all with the same behaviour. */
export async function startKafkaProxy(
  nodes: Node[],
  { random = () => 0, checkpoint = async () => {}, ledger = openLedger(0) }: Options = {},
) {
  const cuts = new Set<() => void>() // of the conversations there are
  const doors = nodes.map((node) => ({ node, port: 0, server: createServer((client) => converse(client, node)) }))
  let accepted = 0
  let behaviour: Behaviour = 'kind'
  let over = Promise.withResolvers<void>() // the silence

  function converse(client: Socket, node: Node) {
    accepted++
    const upstream = connect(node)
    const asked = new Map<number, Asked>() // by correlation id
    const connection = ledger.connection()
    const cut = () => {
      connection.ended('lost')
      client.destroy()
      upstream.destroy()
    }
    cuts.add(cut)
    client.on('end', () => connection.ended('abandoned')).on('close', () => connection.ended('abandoned'))
    for (const event of ['error', 'end', 'close']) upstream.on(event, () => connection.ended('lost')) // before the client is cut off for it
    for (const socket of [client, upstream])
      socket
        .on('error', () => socket.destroy())
        .on('close', () => client.destroyed && upstream.destroyed && cuts.delete(cut))

    /** What goes to the node instead of a request, which came at `since` and may have waited for those before it. */
    async function request(frame: Buffer, since: number) {
      const { key, version, correlation } = kafka.requestHead(frame)
      if (key !== kafka.PRODUCE) {
        asked.set(correlation, { key, version, sendings: [], refused: [] })
        await inItsTime()
        return frame
      }
      const produce = kafka.readProduce(frame)
      const sendings = connection.sent(produce, since)
      await checkpoint('before Kafka has the records')
      if (behaviour === 'hanging up before writing') return cut()
      const { chosen, others, refused } = kafka.refuse(produce, (...partition) =>
        errorOf(behaviour, node.nodeId, ...partition),
      )
      asked.set(correlation, { key, version, sendings, refused })
      await inItsTime()
      if (!chosen.length) return frame
      if (others.length) return kafka.writeProduce({ ...produce, topics: others })
      deliver(kafka.answerProduce(produce, refused), sendings, refused)
      return
    }

    /** What the Worker gets instead of an answer. */
    async function answer(response: Buffer) {
      const question = asked.get(kafka.correlationOf(response))
      asked.delete(kafka.correlationOf(response))
      if (question?.key !== kafka.PRODUCE) {
        await inItsTime()
        if (question?.key !== kafka.METADATA) return response
        return kafka.changeMetadata(response, question.version, (metadata) => mislead(moveNodes(metadata), behaviour))
      }
      await checkpoint('after Kafka has the records')
      if (behaviour === 'hanging up after writing') return cut()
      const { version, sendings, refused } = question
      let told = refused
      const changed = kafka.changeProduced(response, version, ({ topics }) => ({
        topics: (told = [...lieAbout(topics, behaviour, random), ...refused]),
      }))
      await inItsTime()
      deliver(changed, sendings, told)
      return
    }

    function deliver(response: Buffer, sendings: Sending[], topics: kafka.Produced['topics']) {
      if (client.writable) connection.answered(sendings, topics)
      client.write(response)
    }

    void forward(client, upstream, request)
    void forward(upstream, client, answer)
  }

  /** The behaviour of the moment may take its time. */
  async function inItsTime() {
    if (behaviour === 'silent') await over.promise
    else if (typeof behaviour === 'object' && 'slow' in behaviour) await setTimeout(behaviour.slow)
  }

  const moveNodes = ({ brokers, ...rest }: kafka.Metadata): kafka.Metadata => ({
    ...rest,
    brokers: brokers.map((told) => {
      const door = doors.find(({ node }) => node.host === told.host && node.port === told.port)
      return door ? { ...told, host: '127.0.0.1', port: door.port } : told
    }),
  })

  const open = () => Promise.all(doors.map(async (door) => (door.port = await listen(door.server, door.port))))
  const close = async () => {
    const closed = doors.map(({ server }) => new Promise((resolve) => server.close(resolve)))
    for (const cut of cuts) cut()
    await Promise.all(closed)
  }
  await open()
  return {
    addresses: doors.map(({ port }) => `127.0.0.1:${port}`),
    /** Connections so far. */
    accepted: () => accepted,
    sendings: ledger.sendings,
    async behave(next: Behaviour) {
      const last = behaviour
      behaviour = next
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

/**
 * One frame after the other, each as `change` makes it, which is told when it came, in ms since the epoch; where that
 * gives none, nothing is passed on.
 */
async function forward(from: Socket, to: Socket, change: (frame: Buffer, came: number) => Promise<Buffer | void>) {
  let passing = Promise.resolve()
  const pass = async (frame: Buffer, came: number) => {
    if (to.destroyed) return
    const changed = await change(frame, came)
    if (changed) to.write(changed)
  }
  try {
    for await (const frame of kafka.frames(from)) {
      const came = Date.now()
      passing = passing.then(() => pass(frame, came))
      passing.catch(() => from.destroy())
    }
    await passing
    to.end()
  } catch {
    to.destroy() // as the other end broke off
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
  return portOf(server)
}

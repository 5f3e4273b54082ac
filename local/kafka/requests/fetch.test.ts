import { expect, onTestFinished, test, vi } from 'vitest'
import { recordBatch } from '../fixtures.ts'
import { openRaw } from '../raw-requests.ts'
import { Fetch, Produce } from '../protocol/records.ts'
import { Reader } from '../protocol/reader.ts'
import { Writer } from '../protocol/writer.ts'
import { startBrokers } from '../server.ts'
import { produceRequest } from './produce.ts'
import { recordRequests } from './records.ts'

test('who writes a record has its answer before those who wait for it go on', async () => {
  const { cluster, close } = await startBrokers({ ports: [0], log: () => {} })
  onTestFinished(close)
  const [node] = cluster.nodes
  if (!node) throw new Error('there is no node')
  await (await openRaw(`${node.host}:${node.port}`)).metadata('orders')
  const reads = vi.spyOn(cluster.partition('orders', 0).log, 'read')
  const context = { node, version: 11, clientId: '', clientHost: '', gone: new AbortController().signal }

  const poll = new Writer(11)
  const partition = { index: 0, leaderEpoch: -1, offset: 0, maxBytes: 1_000_000 }
  Fetch.request.write(poll, {
    replicaId: -1,
    maxWait: 60_000,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolation: 0,
    topics: [{ name: 'orders', partitions: [partition] }],
    forgotten: [],
  })
  const [fetch] = recordRequests(cluster)
  if (!fetch) throw new Error('nothing answers a fetch')
  const polls = Array.from({ length: 200 }, () => fetch.answer(new Reader(poll.bytes(), 11, false), context))
  expect(reads).toHaveBeenCalledTimes(200)

  const write = new Writer(7)
  const topics = [{ name: 'orders', partitions: [{ index: 0, records: [recordBatch()] }] }]
  Produce.request.write(write, { transactionalId: null, acks: -1, timeout: 1_000, topics })
  await produceRequest(cluster).answer(new Reader(write.bytes(), 7, false), { ...context, version: 7 })
  expect(reads).toHaveBeenCalledTimes(200)
  await Promise.all(polls)
  expect(reads).toHaveBeenCalledTimes(400)
})

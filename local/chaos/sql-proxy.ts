// Stands between a Worker and the Neon proxy, and knows from a statement which step it is.

import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import type { Checkpoint, Step } from '../rig/gate.ts'
import { portOf } from '../machine/port-of.ts'

const Statement = z.object({ query: z.string(), params: z.array(z.unknown()) })
const Rows = z.object({ rows: z.array(z.array(z.unknown())) })

export type SqlProxy = Awaited<ReturnType<typeof startSqlProxy>>

/**
 * `upstream` is the proxy's SQL endpoint, and `url` is the one that stands for it. `onBatch` is told when the Worker
 * gets one to send.
 */
export async function startSqlProxy(upstream: string, checkpoint: Checkpoint, onBatch = () => {}) {
  const agent = new Agent({ keepAlive: true })
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy()) // as the proxy is not there, or the Worker
  })

  async function answer(incoming: IncomingMessage, response: ServerResponse) {
    const body = await buffer(incoming)
    const kind = kindOf(body)
    if (kind) await checkpoint(kind.before)
    const asking = request(upstream, {
      agent,
      method: incoming.method,
      headers: { ...incoming.headers, host: new URL(upstream).host },
    })
    asking.on('error', () => {}) // also while its answer is read, which then fails
    asking.end(body)
    const [answer]: IncomingMessage[] = await once(asking, 'response')
    if (!answer) throw new Error('There is no answer')
    const text = await buffer(answer)
    if (kind?.mayTake && hasLease(firstRow(text))) onBatch()
    if (kind?.after && kind.happened?.(firstRow(text))) await checkpoint(kind.after)
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(text)
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { pathname } = new URL(upstream)
  return {
    url: `http://127.0.0.1:${portOf(server)}${pathname}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

type Row = unknown[] | undefined // the first of an answer: none where nothing was found or done, and for an error
type Kind = {
  is: (statement: z.infer<typeof Statement>) => boolean
  before: Step
  after?: Step
  happened?: (row: Row) => boolean // whether the step after it was taken
  mayTake?: true // a batch
}

/** What lib/products/write.ts and lib/outbox/statements.ts send. A statement is of the first kind that it fits. */
const KINDS: Kind[] = [
  {
    is: ({ query }) => /(insert into|update|delete from) products/.test(query),
    before: 'before the change is committed',
    after: 'after the change is committed',
    happened: (row) => row !== undefined,
  },
  {
    is: ({ query }) => query.includes('failed_by = $'),
    before: 'before a failure is noted',
  },
  {
    is: ({ query, params }) =>
      query.includes('with candidate as') && params.some((value) => /^\{\d/.test(String(value))), // ids
    before: 'before the acknowledged events are deleted',
    after: 'after the acknowledged events are deleted',
    happened: (row) => row !== undefined,
    mayTake: true,
  },
  {
    is: ({ query }) => query.includes('with candidate as'),
    before: 'before a batch is taken',
    after: 'after a batch is taken',
    happened: hasLease,
    mayTake: true,
  },
]

/** Its first column is the token, for whom has got the lease. */
function hasLease(row: Row) {
  return typeof row?.[0] === 'string'
}

function kindOf(body: Buffer) {
  const { data } = Statement.safeParse(JSON.parse(body.toString()))
  return data && KINDS.find(({ is }) => is(data))
}

const firstRow = (answer: Buffer): Row => Rows.safeParse(JSON.parse(answer.toString())).data?.rows[0]

// Stands between a Worker and the Neon proxy, and knows from a statement which step it is.

import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import type { Pass, Step } from './gate.ts'

const Statement = z.object({ query: z.string(), params: z.array(z.unknown()) })
const Rows = z.object({ rows: z.array(z.array(z.unknown())) })

export type Statements = Awaited<ReturnType<typeof startStatements>>

/** `upstream` is the proxy's SQL endpoint, and `url` is the one that stands for it. */
export async function startStatements(upstream: string, pass: Pass) {
  const agent = new Agent({ keepAlive: true })
  const server = createServer((incoming, response) => {
    relay(incoming, response).catch(() => response.destroy()) // as the proxy is not there, or the Worker
  })

  async function relay(incoming: IncomingMessage, response: ServerResponse) {
    const body = await buffer(incoming)
    const steps = stepsOf(body)
    if (steps.before) await pass(steps.before)
    const asking = request(upstream, { agent, method: incoming.method, headers: { ...incoming.headers, host: new URL(upstream).host } })
    asking.on('error', () => {}) // also while its answer is read, which then fails
    asking.end(body)
    const [answer]: IncomingMessage[] = await once(asking, 'response')
    if (!answer) throw new Error('There is no answer')
    const text = await buffer(answer)
    const after = steps.after(text)
    if (after) await pass(after)
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(text)
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const { pathname } = new URL(upstream)
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}${pathname}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

type Steps = { before?: Step; after: (answer: Buffer) => Step | undefined }

/** By what lib/products/write.ts and lib/outbox/lease.ts send. */
function stepsOf(body: Buffer): Steps {
  const { data } = Statement.safeParse(JSON.parse(body.toString()))
  const { query = '', params = [] } = data ?? {}
  if (/(insert into|update|delete from) products/.test(query))
    return { before: 'before the change is committed', after: (answer) => (firstRow(answer) ? 'after the change is committed' : undefined) }
  if (query.includes('failures = failures + 1')) return { before: 'before a failure is noted', after: () => undefined }
  if (!query.includes('with next as')) return { after: () => undefined }
  if (params.some((value) => /^\{\d/.test(String(value))))
    return {
      before: 'before the acknowledged events are deleted',
      after: (answer) => (firstRow(answer) ? 'after the acknowledged events are deleted' : undefined),
    }
  const isTaken = (answer: Buffer) => typeof firstRow(answer)?.[0] === 'string' // the token, for whom has got the lease
  return { before: 'before a batch is taken', after: (answer) => (isTaken(answer) ? 'after a batch is taken' : undefined) }
}

/** Undefined where nothing was found or done, and for an error. */
const firstRow = (answer: Buffer) => Rows.safeParse(JSON.parse(answer.toString())).data?.rows[0]

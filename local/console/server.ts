// The door of the console: who is let in, and which path leads where. Whatever comes is checked first (safety.ts).

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as z from 'zod'
import { errorMessage } from '../machine/error-message.ts'
import { isAction, type Action } from './actions.ts'
import { findFiles } from './files.ts'
import { Refused } from './refused.ts'
import { HEADERS, MOST_BYTES, refusals } from './safety.ts'
import type { Stream } from './stream.ts'

/** What the paths lead to. undefined is 404. */
export type Desk = {
  stream: Stream
  state(): Promise<object>
  way(productId: number): Promise<unknown>
  record(place: { topic: string; partition: number; offset: number }): Promise<unknown>
  /** The whole value, for download. */
  value(place: { topic: string; partition: number; offset: number }): Promise<Buffer | null | undefined>
  find(text: string): Promise<unknown>
  act(name: Action, input: unknown): Promise<unknown>
}

const PLACE = /^\/api\/records\/([\w.-]{1,249})\/(\d{1,6})\/(\d{1,15})(\/value)?$/
const STATE = /^\/api\/state(?:\/([a-z]+))?$/
const WAY = /^\/api\/products\/(\d{1,15})\/way$/
const ACTION = /^\/api\/actions\/([a-z]+)$/

type Options = { port: number; host?: string | undefined; token: string; command: string; desk: Desk }

/**
 * Listens on 127.0.0.1, or on another `host` in a container; it is asked for by loopback names anyway. `port` must be
 * free.
 */
export async function serve({ port, host = '127.0.0.1', token, command, desk }: Options) {
  const files = await findFiles({ token, command })
  const refusal = refusals(port, token)

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    const refused = refusal({ method: request.method ?? '', headers: request.headers })
    if (refused) return answer(response, refused.status, { error: refused.reason }, refused.headers)
    route(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy()
      answer(response, statusOf(error), { error: sentenceOf(error) })
    })
  })
  server.maxConnections = 64

  async function route(request: IncomingMessage, response: ServerResponse) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://console')
    if (request.method === 'POST') {
      const name = ACTION.exec(pathname)?.[1]
      if (name === undefined || !isAction(name)) return answer(response, 404, { error: 'There is no such action.' })
      const body = await readBody(request)
      if (body === undefined)
        return answer(response, 413, { error: `A body has ${MOST_BYTES} bytes at most.` }, { Connection: 'close' })
      return answer(response, 200, (await desk.act(name, JSON.parse(body))) ?? {})
    }
    const file = await files.get(pathname)?.()
    if (file) return void response.writeHead(200, { 'Content-Type': file.type }).end(file.text)
    if (pathname === '/events') return desk.stream.open(response)
    const part = STATE.exec(pathname)
    if (part) return answerFound(response, partOf(await desk.state(), part[1]))
    if (pathname === '/api/find') return answerFound(response, await desk.find(searchParams.get('q') ?? ''))
    const product = WAY.exec(pathname)?.[1]
    if (product !== undefined) return answerFound(response, await desk.way(Number(product)))
    const [, topic, partition, offset, whole] = PLACE.exec(pathname) ?? []
    if (topic === undefined) return answer(response, 404, { error: 'There is nothing here.' })
    const place = { topic, partition: Number(partition), offset: Number(offset) }
    if (!whole) return answerFound(response, await desk.record(place))
    const value = await desk.value(place)
    if (value === undefined || value === null) return answer(response, 404, { error: 'There is no such value.' })
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': 'attachment; filename="value"',
    })
    return void response.end(value)
  }

  server.listen(port, host)
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      desk.stream.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, status: number, body: unknown, headers: { [name: string]: string } = {}) {
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body))
}

/** A view of the page, or all of them. */
const partOf = (state: object, name: string | undefined): unknown =>
  name === undefined ? state : Object.entries(state).find(([each]) => each === name)?.[1]

const answerFound = (response: ServerResponse, found: unknown) =>
  found === undefined
    ? answer(response, 404, { error: 'That is not there, or no more.' })
    : answer(response, 200, found)

/** undefined for one that is too long. */
async function readBody(request: IncomingMessage) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > MOST_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const statusOf = (error: unknown) =>
  error instanceof Refused ? 409 : error instanceof z.ZodError ? 422 : error instanceof SyntaxError ? 400 : 500

function sentenceOf(error: unknown) {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return errorMessage(error)
}

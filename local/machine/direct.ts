// Requests to what runs on this machine, and programs that make them: with no proxy of the shell's in between, which
// would look for 127.0.0.1 on its own machine.

import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'

/** Unlike the global ones, with which NODE_USE_ENV_PROXY=1 sends fetch() and get() to the proxy. */
const agent = new Agent()

/** The status with which a server on this machine answers. */
export async function statusOf(url: URL, signal?: AbortSignal) {
  const [response]: IncomingMessage[] = await once(get(url, { agent, ...(signal && { signal }) }), 'response')
  response?.resume()
  return response?.statusCode ?? 0
}

/** An environment without what would lead such requests, or connections to Postgres, elsewhere. */
export const withoutDetours = (environment: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(PG|NODE_USE_ENV_PROXY$|\w+_PROXY$)/i.test(name)),
  )

// Requests to what runs on this machine, and programs that make them: with no proxy of the shell's in between, which
// would look for 127.0.0.1 on its own machine.

import { once } from 'node:events'
import { Agent, get, setGlobalProxyFromEnv, type IncomingMessage } from 'node:http'

/** Unlike the global ones, with which NODE_USE_ENV_PROXY=1 sends fetch() and get() to the proxy. */
const agent = new Agent()

/** The status with which a server on this machine answers. */
export async function statusOf(url: URL, signal?: AbortSignal) {
  const [response]: IncomingMessage[] = await once(get(url, { agent, ...(signal && { signal }) }), 'response')
  response?.resume()
  return response?.statusCode ?? 0
}

/**
 * For a process that asks others too, by the proxy that the shell names: from now on its fetch() and get() ask this
 * machine without one.
 */
export function askThisMachineDirectly() {
  const { NODE_USE_ENV_PROXY, no_proxy, NO_PROXY } = process.env
  if (NODE_USE_ENV_PROXY !== '1') return
  const direct = [no_proxy ?? NO_PROXY, '127.0.0.1', 'localhost', '[::1]'].filter(Boolean).join()
  setGlobalProxyFromEnv({ ...process.env, no_proxy: direct, NO_PROXY: direct })
}

/** An environment without what would lead such requests, or connections to Postgres, elsewhere. */
export const withoutDetours = (environment: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(PG|NODE_USE_ENV_PROXY$|\w+_PROXY$)/i.test(name)),
  )

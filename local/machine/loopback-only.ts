// Who may talk to what listens on this machine: its programs, and no page in its browser. The network is kept out by
// 127.0.0.1; a page is not, as the browser that shows it runs here too.

import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i

/**
 * For a server on `port`: gives the reason to refuse a request or an upgrade, and nothing for one that a local program
 * made. `names` are other host names that the server is asked for, as that of its container.
 * @example
 * const refusal = loopbackOnly(4444)
 * const reason = refusal(request.headers) // 403 with this sentence
 */
export function loopbackOnly(port: number, names: readonly string[] = []) {
  for (const name of names) if (!HOST_NAME.test(name)) throw new Error(`"${name}" is not a host name`)
  const hosts = new Set([...LOOPBACK, ...names].map((name) => `${name.toLowerCase()}:${port}`))
  return ({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders) => {
    // Browsers send one or both with all that a page does; programs send neither.
    if (origin !== undefined || (site !== undefined && site !== 'none'))
      return 'Only programs on this machine are served, no page in a browser.'
    // A page of evil.example whose name has come to mean 127.0.0.1 is of the same origin, but still asks for
    // evil.example (DNS rebinding).
    if (!hosts.has(host.toLowerCase()))
      return `This server is ${[...hosts].join(' or ')}, and not the host that was asked for.`
    return undefined
  }
}

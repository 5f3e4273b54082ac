import autocannon from 'autocannon'

export type Call = { method?: 'GET' | 'POST'; path: string; body?: string }

/**
 * Requests a second, and ms of the slowest percent, of so many connections for so many seconds. Throws where an answer
 * is not a success.
 */
export async function load(url: string, { method = 'GET', path, body }: Call, connections: number, seconds: number) {
  const { requests, latency, non2xx, errors, timeouts } = await autocannon({
    url: new URL(path, url).href,
    method,
    connections,
    duration: seconds,
    sampleInt: 100,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  })
  if (non2xx || errors || timeouts)
    throw new Error(`${method} ${path}: ${non2xx} answers were no success, ${errors} errors, ${timeouts} timeouts`)
  return { count: requests.total, rate: requests.total / seconds, p99: latency.p99 }
}

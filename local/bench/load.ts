import autocannon from 'autocannon'

/** `path` may be made anew for each request. */
export type Call = { method?: 'GET' | 'POST'; path: string | (() => string); body?: string }

/** So many connections for so many seconds, as fast as they go or at so many requests a second. */
export type Pace = { connections: number; seconds: number; rate?: number }

export const POST: Call = {
  method: 'POST',
  path: '/products',
  body: '{"name":"Kanelbulle","price":"24.90","quantity":12}',
}

/**
 * Requests a second, and ms of the slowest percent. Where no answer has come it takes twice as long, and so on: there is
 * no ratio to nothing. Throws where an answer is not a success.
 */
export async function load(url: string, call: Call, pace: Pace): Promise<{ count: number; rate: number; p99: number }> {
  const { method = 'GET', path, body } = call
  const { connections, seconds, rate } = pace
  const { requests, latency, non2xx, errors, timeouts } = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 100,
    ...(rate !== undefined && { overallRate: rate }),
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
    requests: [typeof path === 'string' ? { path } : { setupRequest: (request) => ({ ...request, path: path() }) }],
  })
  if (non2xx || errors || timeouts)
    throw new Error(
      `${method} ${typeof path === 'string' ? path : path()}: ${non2xx} answers were no success, ${errors} errors, ${timeouts} timeouts`,
    )
  if (requests.total === 0) return load(url, call, { ...pace, seconds: seconds * 2 })
  return { count: requests.total, rate: requests.total / seconds, p99: latency.p99 }
}

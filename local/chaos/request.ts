const PATIENCE = 3_000 // ms a client waits for an answer

export type Answer = { status: number; body: unknown; etag: string | null }
type Request = { method: string; body?: unknown; key?: string | undefined; signal?: AbortSignal }

/** Undefined where there is no answer. */
export async function request(url: URL, { method, body, key, signal }: Request): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]),
    })
    const text = await response.text()
    return { status: response.status, body: text && parse(text), etag: response.headers.get('etag') }
  } catch {
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem } from './problem.ts'

type Accepted = { types: readonly string[]; maxBytes: number }

/** The body as text, without a byte order mark: its media type and coding are checked first, then its size and its bytes. Throws Problem 415, 413 or 400. */
export async function readText(
  c: Context,
  { types, maxBytes }: Accepted,
): Promise<{ mediaType: string; text: string }> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(mediaType)) throw otherType(c.req.method, types)
  const coding = c.req.header('content-encoding')?.trim().toLowerCase() ?? ''
  if (!['', 'identity'].includes(coding)) // what is so small need not be compressed, and what is not decoded cannot be a bomb
    throw new Problem(415, 'The body must be sent as it is, without a Content-Encoding.', {
      headers: { 'Accept-Encoding': 'identity' },
    })
  const tooLarge = () => {
    throw new Problem(413, `The body may have ${maxBytes} bytes at most.`)
  }
  try {
    await bodyLimit({ maxSize: maxBytes, onError: tooLarge })(c, async () => {})
    return { mediaType, text: decode(await c.req.arrayBuffer()) }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(400, 'The body broke off, or its framing is wrong.')
  }
}

/** A PATCH is told the types in a header as well (RFC 5789, section 2.2). */
function otherType(method: string, types: readonly string[]) {
  return new Problem(415, `The body must be sent as ${types.join(' or ')}.`, {
    ...(method === 'PATCH' && { headers: { 'Accept-Patch': types.join(', ') } }),
  })
}

function decode(body: ArrayBuffer) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
  } catch {
    throw new Problem(400, 'The body is not in UTF-8.')
  }
}

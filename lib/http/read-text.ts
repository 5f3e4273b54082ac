import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem } from './problem.ts'

type Accepted = { types: readonly string[]; maxBytes: number }

/** The body as text, without a byte order mark: its media type is checked first, then its size and its bytes. Throws Problem 415, 413 or 400. */
export async function readText(
  c: Context,
  { types, maxBytes }: Accepted,
): Promise<{ mediaType: string; text: string }> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(mediaType)) throw new Problem(415, `The body must be sent as ${types.join(' or ')}.`)
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

function decode(body: ArrayBuffer) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
  } catch {
    throw new Problem(400, 'The body is not in UTF-8.')
  }
}

import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem } from './problem.ts'
import { problems } from './problems.ts'

type Accepted = { types: readonly string[]; maxBytes: number }

/**
 * The body as text, without a byte order mark: its media type and coding are checked first, then its size and its
 * bytes. Throws Problem 415, 413 or 400.
 */
export async function readText(
  c: Context,
  { types, maxBytes }: Accepted,
): Promise<{ mediaType: string; text: string }> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(mediaType)) throw problems.otherType(types, c.req.method)
  const codings = c.req.header('content-encoding')?.toLowerCase().split(',') ?? []
  const isPlain = codings.every((coding) => ['', 'identity'].includes(coding.trim()))
  if (!isPlain) throw problems.otherCoding() // what is not unpacked cannot be a bomb
  const tooLarge = () => {
    throw problems.tooLarge(maxBytes)
  }
  try {
    const length = c.req.header('transfer-encoding') === undefined ? c.req.header('content-length') : undefined
    if (Number(length) > maxBytes) tooLarge()
    if (length === undefined) await bodyLimit({ maxSize: maxBytes, onError: tooLarge })(c, async () => {})
    return { mediaType, text: decode(await c.req.arrayBuffer()) }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw problems.brokenBody()
  }
}

function decode(body: ArrayBuffer) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
  } catch {
    throw problems.notUtf8()
  }
}

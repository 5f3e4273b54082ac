// A JSON body, read with care: the media type, the size, the bytes, the syntax and the schema, in this order.

import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import { issues } from './issues.ts'
import { parseJson } from './parse-json.ts'
import { problems } from './problems.ts'
import { readText } from './read-text.ts'

export const JSON_TYPES = ['application/json']
/** A change is a merge patch (RFC 7396) of a product that has no field to remove. */
export const PATCH_TYPES = [...JSON_TYPES, 'application/merge-patch+json']
export const MAX_BYTES = 64 * 1024

/** Validates the body, for the handler to take with `c.req.valid('json')`. Throws Problem 415, 413, 400 or 422. */
export const jsonBody =
  <S extends z.ZodType>(
    schema: S,
    types = JSON_TYPES,
  ): MiddlewareHandler<object, string, { in: { json: z.input<S> }; out: { json: z.output<S> } }> =>
  async (c, next) => {
    const { text } = await readText(c, { types, maxBytes: MAX_BYTES })
    const { data, error } = schema.safeParse(parseBody(text))
    if (error) throw problems.invalidBody(issues(error, 'body'))
    c.req.addValidatedData('json', data as object)
    await next()
  }

/** Throws Problem 400. */
export function parseBody(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    throw problems.notJson()
  }
}

import type { MiddlewareHandler } from 'hono'
import * as z from 'zod'
import { issues } from './issues.ts'
import { problems } from './problems.ts'

/** One query parameter: absent, or given once. */
export const parameter = z
  .array(z.string())
  .max(1, 'is given more than once')
  .transform(([value]) => value)

/**
 * Validates the query parameters that the schema names, for the handler to take with `c.req.valid('query')`. Throws
 * Problem 422.
 */
export const query =
  <S extends z.ZodObject>(
    schema: S,
  ): MiddlewareHandler<object, string, { in: { query: z.input<S> }; out: { query: z.output<S> } }> =>
  async (c, next) => {
    const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, c.req.queries(name) ?? []]))
    const { data, error } = schema.safeParse(given)
    if (error) throw problems.invalidQuery(issues(error, 'query'))
    c.req.addValidatedData('query', data)
    await next()
  }

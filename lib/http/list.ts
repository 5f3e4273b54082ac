// A body with many entries: a JSON array, JSON line by line, or a table. It is taken as a whole or not at all.

import type { MiddlewareHandler } from 'hono'
import * as z from 'zod'
import { parseBody } from './body.ts'
import { parseCsv } from './csv.ts'
import { issues } from './issues.ts'
import { parseNdjson } from './ndjson.ts'
import type { Issue } from './problem.ts'
import { problems } from './problems.ts'
import { readText } from './read-text.ts'

const NDJSON = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] // all in use for the same thing
const CSV = 'text/csv'
export const ACCEPTED = { types: ['application/json', ...NDJSON, CSV], maxBytes: 1024 * 1024 }
export const MAX_ENTRIES = 1_000
export const EXPECTED_ENTRIES = `must have 1 to ${MAX_ENTRIES} entries`

/**
 * What a body has, in its order: values, the lines where they begin (1-based), and the issues of the lines that could
 * not be read.
 */
type Entries = { values: unknown[]; lines?: number[]; unread?: Issue[] }

/**
 * Validates every entry of the body, for the handler to take with `c.req.valid('json')`. `row` is the schema of an
 * entry whose fields are all text. Throws Problem 415, 413, 400 or 422.
 */
export const listBody =
  <T extends object>(
    schema: z.ZodObject & z.ZodType<T>,
    row: z.ZodType<T>,
  ): MiddlewareHandler<object, string, { in: { json: unknown[] }; out: { json: T[] } }> =>
  async (c, next) => {
    const { mediaType, text } = await readText(c, ACCEPTED)
    const entries = parse(mediaType, text, Object.keys(schema.shape))
    c.req.addValidatedData('json', validate(mediaType === CSV ? row : schema, entries))
    await next()
  }

function parse(mediaType: string, text: string, columns: string[]): Entries {
  const limit = MAX_ENTRIES + 1 // one more says that there are too many
  if (mediaType === CSV) return parseCsv(text, { columns, limit })
  if (mediaType !== 'application/json') return parseNdjson(text, { limit })
  const values = parseBody(text)
  return Array.isArray(values) ? { values } : { values: [], unread: [{ pointer: '', detail: 'must be an array' }] }
}

function validate<T>(schema: z.ZodType<T>, { values, lines, unread = [] }: Entries): T[] {
  const count = values.length + unread.length
  if (count < 1 || count > MAX_ENTRIES) throw problems.invalidBody([{ pointer: '', detail: EXPECTED_ENTRIES }])
  const { data, error } = z.array(schema).safeParse(values)
  if (data && !unread.length) return data
  const errors = [...unread, ...(error ? issues(error, lines ? { lines } : 'body') : [])]
  throw problems.invalidBody(errors.toSorted(byLine))
}

const byLine = (a: Issue, b: Issue) => lineOf(a) - lineOf(b)
const lineOf = (issue: Issue) => ('line' in issue && issue.line) || 0

import type * as z from 'zod'
import type { Fault } from './problem.ts'

export const UNKNOWN_FIELD = 'is not a known field'

/** Where a path leads: into the body, to a query parameter, or into one of the values that begin on these lines. */
type Where = 'body' | 'query' | { lines: number[] }

/** All that zod found, one fault a place and reason. */
export function faults(error: z.ZodError, where: Where): Fault[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => fault([...issue.path, key], UNKNOWN_FIELD, where))
      : [fault(issue.path, issue.message, where)],
  )
}

function fault(path: PropertyKey[], detail: string, where: Where): Fault {
  if (where === 'body') return { pointer: pointer(path), detail }
  if (where === 'query') return { parameter: String(path[0]), detail }
  const [index, ...rest] = path
  return { line: where.lines[Number(index)], pointer: pointer(rest), detail }
}

/** RFC 6901, section 3. */
const pointer = (path: PropertyKey[]) =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

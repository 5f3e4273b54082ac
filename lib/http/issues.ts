import type * as z from 'zod'
import type { Issue } from './problem.ts'

export const UNKNOWN_FIELD = 'is not a known field'

/** Where a path leads: into the body, to a query parameter, or into one of the values that begin on these lines. */
type Where = 'body' | 'query' | { lines: number[] }

/** All that zod found, one issue a place and reason. */
export function issues(error: z.ZodError, where: Where): Issue[] {
  return error.issues.flatMap((found) =>
    found.code === 'unrecognized_keys'
      ? found.keys.map((key) => issue([...found.path, key], UNKNOWN_FIELD, where))
      : [issue(found.path, found.message, where)],
  )
}

function issue(path: PropertyKey[], detail: string, where: Where): Issue {
  if (where === 'body') return { pointer: pointer(path), detail }
  if (where === 'query') return { parameter: String(path[0]), detail }
  const [index, ...rest] = path
  return { line: where.lines[Number(index)], pointer: pointer(rest), detail }
}

/** RFC 6901, section 3. */
const pointer = (path: PropertyKey[]) =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

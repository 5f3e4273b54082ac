import type * as z from 'zod'
import { type Fault, Problem } from './problem.ts'

const MAX_FAULTS = 100 // that an answer lists

/** Where a path leads: into the body, to a query parameter, or into one of the values that begin on these lines. */
type Where = 'body' | 'query' | { lines: number[] }

/** All that zod found, one fault a place and reason. */
export function faults(error: z.ZodError, where: Where): Fault[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => fault([...issue.path, key], 'is not a known field', where))
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

/** The answer to a body with these faults, with as many of them as an answer lists. */
export function invalidBody(errors: Fault[]) {
  const more = errors.length > MAX_FAULTS
  const detail = more
    ? `The body has ${errors.length} faults, of which the first ${MAX_FAULTS} are listed.`
    : 'The body is not valid.'
  return new Problem(422, detail, { errors: errors.slice(0, MAX_FAULTS) })
}

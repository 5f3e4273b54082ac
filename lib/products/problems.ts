import type { Changed, Done } from './write.ts'
import { Problem } from '../http/problem.ts'

/** What was done. Throws Problem 404 or 412 where nothing was. */
export function doneOrThrow(changed: Changed): Done {
  if (changed === 'not found') throw new Problem(404, 'There is no product with this id.')
  if (changed === 'other version') throw new Problem(412, 'The product has changed: its version is none of those in If-Match.')
  return changed
}

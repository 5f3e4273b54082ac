import type { Changed, Done } from './write.ts'
import { invalidKey } from '../http/idempotency-key.ts'
import { Problem } from '../http/problem.ts'
import type { Once } from './idempotent.ts'

/** What was done. Throws Problem 404 or 412 where nothing was. */
export function doneOrThrow(changed: Changed): Done {
  if (changed === 'not found') throw new Problem(404, 'There is no product with this id.')
  if (changed === 'other version')
    throw new Problem(412, 'The product has changed: its version is none of those in If-Match.')
  return changed
}

/** What was created, now or before. Throws Problem 409 or 422 where the key forbids it. */
export function createdOrThrow<T>(once: Once<T>) {
  if (once === 'in flight')
    throw new Problem(409, 'A request with this Idempotency-Key is being worked on.', {
      headers: { 'Retry-After': '1' },
    })
  if (once === 'other body')
    throw invalidKey(
      'The Idempotency-Key was used before, with another body.',
      'was used with another body in the last 24 hours',
    )
  return once
}

import { problems } from '../http/problems.ts'
import type { Once } from './idempotent.ts'
import type { Changed, Done } from './write.ts'

/** What was done. Throws Problem 404 or 412 where nothing was. */
export function doneOrThrow(changed: Changed): Done {
  if (changed === 'not found') throw problems.noProduct()
  if (changed === 'other version') throw problems.otherVersion()
  return changed
}

/** What was created, now or before. Throws Problem 409 or 422 where the key forbids it. */
export function createdOrThrow<T>(once: Once<T>) {
  if (once === 'in flight') throw problems.keyInFlight()
  if (once === 'other body') throw problems.usedKey()
  return once
}

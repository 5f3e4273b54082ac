// What the database tells of the outbox. It is parsed, as events are deleted by it: an id that is not exact would
// delete another.

import * as z from 'zod'

const PendingEvent = z.object({
  id: z.int().positive(),
  type: z.string(),
  key: z.string(),
  payload: z.string().nullable(), // null where it is too large to be read
  size: z.int(), // bytes
  headers: z.record(z.string(), z.coerce.string()).catch({}), // others may have written the row, which must not stop all
  at: z.number(), // the event's own moment, ms since the epoch
  target: z.string().nullable(), // what it waits for, if it is held back
})
export type PendingEvent = z.infer<typeof PendingEvent>

/** A topic or TOPIC:PARTITION that cannot be written, and how many ms nobody tries it. */
const HeldTarget = z.object({ target: z.string(), wait: z.number() })

const backoff = z.int().nullable() // ms

const Step = z.object({
  token: z.string().regex(/^\d+$/).nullable(), // a bigint
  events: z.array(PendingEvent).nullable(),
  held: z.array(HeldTarget).nullable(),
  backoff,
})

/** What a step of the protocol has found. Throws ZodError. */
export const parseStep = (row: unknown) => Step.parse(row)
export const parseBackoff = (value: unknown) => backoff.parse(value)

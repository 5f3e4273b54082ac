// Which events were sent to Kafka again though nothing asked for it: no publisher died, no answer was lost, no database
// was away.

import { SEND_DEADLINE } from '../../lib/kafka/connection.ts'
import { LEASE } from '../../lib/outbox/statements.ts'
import type { Sending } from '../rig/kafka-proxy/sendings.ts'

/** A Worker that was dead or stood still or, where none is named, the database or the way to it. ms since the epoch. */
export type Disturbance = { worker?: number; from: number; until: number }

/** Why an event may be sent again, or `none`. */
export type Excuse =
  | 'an error was answered'
  | 'no answer came'
  | 'the answer came late'
  | 'the publisher died or stood still'
  | 'the database was away'
  | 'who repeats had stood still'
  | 'none'

export type Repeat = { eventId: string; earlier: Sending; later: Sending; excuse: Excuse }

/**
 * ms after which a Worker may have given up, as it began to wait before the request was here, and hears of the answer
 * after it was: a quarter of the time that it waits at most. A busy machine was seen to add half.
 */
const LATE = SEND_DEADLINE / 4

/** Every time an event was sent again, and why. */
export function repeatsOf(sendings: Sending[], disturbances: Disturbance[]): Repeat[] {
  const ofEvent = new Map<string, Sending[]>()
  for (const sending of sendings.toSorted((a, b) => a.at - b.at))
    for (const id of sending.eventIds) {
      const same = ofEvent.get(id)
      if (same) same.push(sending)
      else ofEvent.set(id, [sending])
    }
  return [...ofEvent].flatMap(([eventId, same]) =>
    same.slice(1).flatMap((later, i) => {
      const earlier = same[i]
      if (!earlier) return []
      const excuse = excuseOf(earlier, later, beginOf(earlier, same), disturbances)
      return { eventId, earlier, later, excuse }
    }),
  )
}

/** When the Worker began the send that this is part of: one that Kafka has refused before has the rest of its time. */
const beginOf = ({ worker, at, since }: Sending, same: Sending[]) =>
  Math.min(
    since,
    ...same
      .filter((other) => other.worker === worker && other.at < at && other.at > at - SEND_DEADLINE)
      .map((other) => other.since),
  )

function excuseOf(
  { worker, at, outcome, endedAt }: Sending,
  later: Sending,
  begun: number,
  disturbances: Disturbance[],
): Excuse {
  const known = Math.min(endedAt, later.at) // what the Worker could know when it sent again
  const upset = (from: number, until: number, who: number | undefined) =>
    disturbances.some((each) => each.worker === who && each.from <= until && each.until >= from)
  /** The delete goes out when the batch is through, or is not worth anything any more when the lease has ended. */
  const untilDeleted = Math.max(at, Math.min(later.at, endedAt + LEASE))

  if (outcome === 'failed' && endedAt <= later.at) return 'an error was answered'
  if (outcome === 'lost' && endedAt <= later.at) return 'no answer came'
  if (known - begun > LATE) return 'the answer came late'
  if (upset(at, untilDeleted, worker)) return 'the publisher died or stood still'
  if (upset(at, untilDeleted, undefined)) return 'the database was away'
  if (upset(later.at - SEND_DEADLINE, later.at, later.worker)) return 'who repeats had stood still'
  return 'none'
}

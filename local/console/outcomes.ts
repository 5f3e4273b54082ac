// What became of each event in each group, as the members report it: the last step of its way.

import type { MemberReport, RecordReport } from '../consumers/reports.ts'

export type Outcome = Pick<RecordReport, 'outcome' | 'at' | 'took' | 'attempt' | 'reason' | 'letter'> & {
  groupId: string
  member: string
  /** How often the group has seen it and done nothing, as it was done before. */
  again: number
}

const KEPT = 5_000 // events

export function openOutcomes(groupOf: (app: string) => string = (app) => app) {
  const events = new Map<string, Map<string, Outcome>>()
  let dead = 0
  return {
    /** How many records were set aside. */
    dead: () => dead,
    /** Whether a group is known to have done an event. */
    wasDone: (groupId: string, eventId: string | null) =>
      eventId !== null && events.get(eventId)?.get(groupId)?.outcome === 'done',
    of: (eventId: string) => [...(events.get(eventId)?.values() ?? [])],
    take(report: MemberReport) {
      if (report.what !== 'record') return
      const { outcome, at, took, attempt, reason, letter, eventId } = report
      if (outcome === 'dead') dead++
      if (eventId === null) return
      const groupId = groupOf(report.app)
      const groups = events.get(eventId) ?? new Map<string, Outcome>()
      const before = groups.get(groupId)
      const isAgain = outcome === 'duplicate' || outcome === 'skipped'
      // That it was seen again does not make undone what was done.
      if (isAgain && before) groups.set(groupId, { ...before, again: before.again + 1 })
      else
        groups.set(groupId, {
          groupId,
          member: report.member,
          outcome,
          at,
          took,
          attempt,
          again: 0,
          ...more(reason, letter),
        })
      events.delete(eventId)
      events.set(eventId, groups)
      const [oldest] = events.keys()
      if (events.size > KEPT && oldest !== undefined) events.delete(oldest)
    },
  }
}

const more = (reason: string | undefined, letter: RecordReport['letter']) => ({
  ...(reason !== undefined && { reason }),
  ...(letter !== undefined && { letter }),
})

// What a group that was moved back sees again, and whether it does any of that again: with an inbox it does not.

import type { MemberReport } from '../consumers/reports.ts'
import type { Moved } from './move.ts'

export type Replay = {
  groupId: string
  /** When it was moved. */
  at: number
  /** How many records it is to see again. */
  expected: number
  seen: number
  /** Of those seen: done now, and not before, as when the group had skipped them. */
  done: number
  /** Of those seen: done now though they were done before, which is a fault of the consumer. */
  doneAgain: number
}

/** From the next offset that is awaited to the one from which on all is new. */
type Span = { next: number; end: number }

/** `wasDone` says whether a group is known to have done an event before the report that is being taken. */
export function openReplays(wasDone: (groupId: string, eventId: string | null) => boolean) {
  const replays = new Map<string, { replay: Replay; spans: Map<string, Span> }>()
  return {
    view: (): Replay[] => [...replays.values()].map(({ replay }) => replay),
    /** A group was moved. Forgets what it was moved before. */
    begin({ group: groupId, steps, again: expected }: Pick<Moved, 'group' | 'steps' | 'again'>, at: number) {
      replays.delete(groupId)
      if (!expected) return
      const spans = steps.flatMap(({ topic, partition, from, to }) =>
        from !== null && to < from ? [[`${topic}:${partition}`, { next: to, end: from }] as const] : [],
      )
      const replay = { groupId, at, expected, seen: 0, done: 0, doneAgain: 0 }
      replays.set(groupId, { replay, spans: new Map(spans) })
    },
    /** A record counts once, however often a group that crashes sees it. */
    take(report: MemberReport) {
      if (report.what !== 'record' || report.outcome === 'retry') return
      const found = replays.get(report.app)
      const span = found?.spans.get(`${report.topic}:${report.partition}`)
      const offset = Number(report.offset)
      if (!found || !span || offset < span.next || offset >= span.end) return
      const { replay } = found
      const isDone = report.outcome === 'done'
      const isDoneAgain = isDone && wasDone(report.app, report.eventId)
      span.next = offset + 1
      found.replay = {
        ...replay,
        seen: replay.seen + 1,
        done: replay.done + Number(isDone && !isDoneAgain),
        doneAgain: replay.doneAgain + Number(isDoneAgain),
      }
    },
  }
}

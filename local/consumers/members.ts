// What the reports of a member add up to.

import { type Member, type MemberReport, OUTCOMES } from './reports.ts'

const nothingYet = () => ({
  pid: null,
  memberId: null,
  generation: null,
  isLeader: false,
  assignment: {},
  committed: {},
  counts: { done: 0, duplicate: 0, outdated: 0, skipped: 0, dead: 0, retry: 0 } satisfies Record<
    (typeof OUTCOMES)[number],
    number
  >,
  held: {},
  heartbeatAt: null,
})

export const newMember = (app: string, name: string, groupId: string): Member => ({
  app,
  name,
  groupId,
  state: 'starting',
  slow: 0,
  restarts: 0,
  lastError: null,
  ...nothingYet(),
})

const placeOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}:${partition}`

/**
 * The member after a report. That it is `stopping`, `killed` or `failed` by the supervisor's will is the supervisor's
 * to say.
 */
export function afterReport(member: Member, report: MemberReport): Member {
  switch (report.what) {
    case 'started':
      return { ...member, ...nothingYet(), state: 'starting', pid: report.pid }
    case 'joined': {
      const { memberId, isLeader, assignment } = report
      const idle = Object.values(assignment).every(({ length }) => length === 0)
      const state = member.state === 'stopping' ? member.state : idle ? 'idle' : 'working'
      return { ...member, state, memberId, isLeader, assignment, held: {} }
    }
    case 'rebalancing':
      return { ...member, state: member.state === 'stopping' ? member.state : 'rebalancing', assignment: {}, held: {} }
    case 'heartbeat':
      return { ...member, generation: report.generation, heartbeatAt: report.at }
    case 'committed': {
      const committed = Object.fromEntries(report.offsets.map((place) => [placeOf(place), place.offset]))
      return { ...member, generation: report.generation, committed: { ...member.committed, ...committed } }
    }
    case 'record': {
      const { outcome, at, ms = 0, reason = '' } = report
      const { [placeOf(report)]: _, ...others } = member.held
      const held = outcome === 'retry' ? { ...others, [placeOf(report)]: { until: at + ms, reason } } : others
      const failed = outcome === 'retry' || outcome === 'dead'
      const counts = { ...member.counts, [outcome]: member.counts[outcome] + 1 }
      return { ...member, counts, held, lastError: failed ? reason : member.lastError }
    }
    case 'slowed':
      return { ...member, slow: report.ms }
    case 'trouble':
      return { ...member, lastError: report.reason }
    case 'crashed':
      return {
        ...member,
        state: member.state === 'stopping' ? member.state : 'starting',
        assignment: {},
        held: {},
        lastError: report.reason,
      }
    case 'left':
      return { ...member, memberId: null, generation: null, isLeader: false, assignment: {}, held: {} }
    case 'ended':
      return { ...member, ...nothingYet(), counts: member.counts, committed: member.committed }
    case 'waiting':
      return { ...member, state: 'waiting', restarts: report.restarts }
    case 'connecting':
    case 'said':
      return member
  }
}

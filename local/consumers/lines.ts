// Reports as lines for a terminal, in the words of the lecture.

import { plain } from '../machine/plain.ts'
import type { Member, MemberReport, RecordReport } from './reports.ts'

/** Undefined where there is nothing that a person would want to read. */
export function line(report: MemberReport): string | undefined {
  const text = sentence(report)
  return text && `${report.member.padEnd(14)} ${plain(text.replaceAll(/\s*\n\s*/g, ' '))}`
}

function sentence(report: MemberReport): string | undefined {
  switch (report.what) {
    case 'joined': {
      const role = report.isLeader ? ' and leads it' : ''
      return `is a member of the group${role}: ${share(report.assignment)}`
    }
    case 'rebalancing':
      return 'rebalances: the group deals the partitions anew'
    case 'record': {
      const key = report.key === undefined ? 'no key' : `key ${report.key}`
      return `${report.topic}, partition ${report.partition}, offset ${report.offset}, ${key}: ${result(report)}`
    }
    case 'committed': {
      const next = report.offsets.map(
        ({ topic, partition, offset }) => `${topic}, partition ${partition}: ${offset} is next`,
      )
      return `committed ${next.join('; ')}`
    }
    case 'said':
      return report.sentence
    case 'trouble':
      return `has trouble: ${report.reason}`
    case 'crashed':
      return `gave up: ${report.reason}${report.restart ? '; it joins again' : ''}`
    case 'left':
      return 'committed what it has done and left the group'
    case 'ended':
      return end(report)
    case 'waiting':
      return `is started again in ${report.ms / 1_000} s`
    case 'slowed':
      return report.ms ? `takes ${report.ms} ms longer for each record` : 'is as fast as before'
    case 'started':
      return `starts as process ${report.pid}`
    case 'connecting':
    case 'heartbeat':
      return undefined
  }
}

function result({ outcome, did, productId, version, reason = '', letter, ms = 0, attempt }: RecordReport) {
  const product = productId === null ? 'a record' : `product ${productId}, version ${version}`
  switch (outcome) {
    case 'done':
      return `${product}, done${did === undefined ? '' : `: ${did}`}`
    case 'duplicate':
      return `${product}, seen again, nothing done`
    case 'outdated':
      return `${product}, older than what was done, nothing done`
    case 'skipped':
      return 'sent again to another group, skipped'
    case 'dead': {
      const where = `${letter?.topic}, partition ${letter?.partition}, offset ${letter?.offset}`
      return `${product}, can never work (${reason}): it is in ${where}`
    }
    case 'retry':
      return `${product}, failed (attempt ${attempt}: ${reason}): its partition waits ${ms / 1_000} s, the others go on`
  }
}

function end({ by, code, signal }: Extract<MemberReport, { what: 'ended' }>) {
  if (by === 'kill') return 'is killed: the group waits for it until its session times out'
  if (by === 'stop' || code === 0) return undefined // it has said that it left
  return signal
    ? `crashed with ${signal}: the group waits for it until its session times out`
    : `crashed with code ${code}`
}

/** '0 5 of products.created, 0 5 of products.changed'. */
function share(assignment: Member['assignment']) {
  const shares = Object.entries(assignment).filter(([, partitions]) => partitions.length)
  if (!shares.length) return 'no partition is left for it, so it idles'
  return shares.map(([topic, partitions]) => `partitions ${partitions.join(' ')} of ${topic}`).join(', ')
}

/** Who holds which, once all that run have joined; undefined before, and where there is only one, who has said so. */
export function overview(members: Member[]): string | undefined {
  const running = members.filter(({ pid }) => pid !== null)
  if (running.length < 2 || running.some(({ state }) => state !== 'working' && state !== 'idle')) return undefined
  const rows = running.map(({ name, assignment }) => `  ${name.padEnd(14)} ${share(assignment)}`)
  return [`The group ${running[0]?.groupId} has ${running.length} members:`, ...rows].join('\n')
}

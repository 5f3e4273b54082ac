// What happened to the groups, told as a story: who came, who left and how, what moved, and for how long nobody worked.
// Members that were started here report it exactly; of other groups Kafka says only who is in them.

import type { MemberReport } from '../consumers/reports.ts'
import type { Group } from './kafka/look.ts'

export type Chapter = {
  id: number
  at: number
  groupId: string
  kind: 'came' | 'left' | 'died' | 'ended' | 'rebalancing' | 'shared' | 'trouble'
  sentence: string
  /** Until when Kafka waits for a member that is dead already. */
  until?: number
  /** Of 'shared': what the group now is in, and who has what that another had. */
  generation?: number
  moves?: Move[]
}
/** `from` is null where nobody had them. */
type Move = { from: string | null; to: string; topic: string; partitions: number[] }

const KEPT = 40
const SESSION = 10_000 // ms, as local/consumers has it
const TOGETHER = 4_000 // ms in which the members of one generation say what they have

type Share = { [topic: string]: number[] }
type Told = {
  /** Who has what, by 'topic:partition'. */
  owners: Map<string, string>
  shares: Map<string, Share>
  left: Set<string>
  heartbeats: Map<string, number>
  /** Since when some or all partitions stand still. */
  stillSince: number | null
  /** How many the last member had, that has died and that Kafka has not missed yet. */
  orphans: number
  shared: { chapter: Chapter; before: Map<string, string>; stillMs: number | null } | null
}

export function openStory(groupOf: (app: string) => string = (app) => app) {
  const chapters: Chapter[] = []
  const groups = new Map<string, Told>()
  const strangers = new Map<string, Set<string>>()
  let ids = 0

  function write(chapter: Omit<Chapter, 'id'>) {
    const written = { id: ++ids, ...chapter }
    chapters.unshift(written)
    chapters.length = Math.min(chapters.length, KEPT)
    return written
  }

  const toldOf = (groupId: string) => {
    const told: Told = groups.get(groupId) ?? {
      owners: new Map(),
      shares: new Map(),
      left: new Set(),
      heartbeats: new Map(),
      stillSince: null,
      orphans: 0,
      shared: null,
    }
    groups.set(groupId, told)
    return told
  }

  /** A member that was started here says something. */
  function tell(report: MemberReport) {
    const { member, at } = report
    const groupId = groupOf(report.app)
    const told = toldOf(groupId)
    switch (report.what) {
      case 'started':
        told.left.delete(member)
        told.heartbeats.delete(member)
        told.orphans = 0
        write({ at, groupId, kind: 'came', sentence: `${member} has started, and asks to join.` })
        break
      case 'heartbeat':
        told.heartbeats.set(member, at)
        // A heartbeat is the first to say it: that the members have joined is told without.
        if (told.shared)
          told.shared.chapter.generation = Math.max(told.shared.chapter.generation ?? 0, report.generation)
        break
      case 'rebalancing':
        told.stillSince ??= at
        break
      case 'left':
        told.left.add(member)
        break
      case 'ended': {
        if (report.by === 'itself' && told.left.has(member)) break
        const had = placesOf(told.owners, member)
        told.shares.delete(member)
        if (told.left.has(member) || !told.heartbeats.has(member)) {
          const sentence = told.left.has(member)
            ? `${member} has committed and left: ${afterLeaving(had.length, told.shares.size > 0)}`
            : `${member} has ended before it was in the group.`
          write({ at, groupId, kind: told.left.has(member) ? 'left' : 'ended', sentence })
          if (had.length) told.stillSince ??= at
        } else {
          const how =
            report.by === 'kill' ? 'was killed' : report.signal ? `was ended by ${report.signal}` : 'has crashed'
          const until = (told.heartbeats.get(member) ?? at) + SESSION
          const what = had.length ? `its ${plural(had.length, 'partition')} stand still` : 'it had no partition'
          const sentence = `${member} ${how}. Kafka does not know it yet: ${what} until its session of ${SESSION / 1000} s is over.`
          write({ at, groupId, kind: 'died', sentence, until })
          told.orphans = told.shares.size ? 0 : had.length
          if (had.length) told.stillSince = Math.min(told.stillSince ?? at, at)
        }
        break
      }
      case 'joined':
        share(groupId, told, member, report.assignment, at)
        break
      case 'crashed':
        if (!told.left.has(member)) write({ at, groupId, kind: 'trouble', sentence: `${member}: ${report.reason}` })
        break
      case 'waiting':
        write({
          at,
          groupId,
          kind: 'trouble',
          sentence: `${member} ended by itself. It is started again in ${seconds(report.ms)}.`,
        })
        break
      default:
    }
  }

  /** One chapter for a generation: the next members to say what they have add to it. */
  function share(groupId: string, told: Told, member: string, assignment: Share, at: number) {
    told.shares.set(member, assignment)
    const going = told.shared && at - told.shared.chapter.at < TOGETHER && told.stillSince === null ? told.shared : null
    const before = going?.before ?? new Map(told.owners)
    const stillMs = going ? going.stillMs : told.stillSince === null ? null : at - told.stillSince
    told.stillSince = null
    const owners = new Map<string, string>()
    for (const [name, each] of told.shares)
      for (const [topic, partitions] of Object.entries(each))
        for (const partition of partitions) owners.set(`${topic}:${partition}`, name)
    told.owners = owners
    const moves = movesOf(before, owners)
    const sentence = shareSentence({ shares: told.shares, moves, isFirst: before.size === 0, stillMs })
    if (going) Object.assign(going.chapter, { sentence, moves })
    else told.shared = { chapter: write({ at, groupId, kind: 'shared', sentence, moves }), before, stillMs }
  }

  /** What Kafka says: of groups that nobody here runs, and where the last member of one is missed at last. */
  function see(seen: Group[], isOurs: (groupId: string) => boolean, at: number) {
    for (const { groupId, members } of seen) {
      const told = groups.get(groupId)
      if (told?.orphans && !members.length) {
        const left = plural(told.orphans, 'partition')
        const sentence = `Its session is over, and Kafka has missed it. Nobody is left to read ${left}: add a member.`
        write({ at, groupId, kind: 'ended', sentence })
        told.orphans = 0
      }
      if (isOurs(groupId) || groups.has(groupId)) continue
      const now = new Set(
        members.map(({ clientId, memberId }) => (clientId && !memberId.startsWith(clientId) ? clientId : memberId)),
      )
      const before = strangers.get(groupId)
      strangers.set(groupId, now)
      if (!before) continue
      const came = [...now].filter((name) => !before.has(name))
      const gone = [...before].filter((name) => !now.has(name))
      if (came.length)
        write({ at, groupId, kind: 'came', sentence: `${came.join(', ')} came: ${plural(now.size, 'member')} now.` })
      if (gone.length)
        write({ at, groupId, kind: 'ended', sentence: `${gone.join(', ')} went: ${plural(now.size, 'member')} now.` })
    }
  }

  return { tell, see, chapters: () => chapters.slice(0, KEPT) }
}

function afterLeaving(partitions: number, hasOthers: boolean) {
  if (!partitions) return 'it had no partition.'
  return hasOthers
    ? `the others get ${plural(partitions, 'partition')} at once.`
    : `nobody is left to read its ${plural(partitions, 'partition')}.`
}

/** What one member has now and another, or nobody, had before. */
function movesOf(before: Map<string, string>, owners: Map<string, string>): Move[] {
  const moves: Move[] = []
  for (const [place, to] of owners) {
    const from = before.get(place) ?? null
    if (from === to) continue
    const topic = place.slice(0, place.lastIndexOf(':'))
    const partition = Number(place.slice(topic.length + 1))
    const move = moves.find((each) => each.from === from && each.to === to && each.topic === topic)
    if (move) move.partitions.push(partition)
    else moves.push({ from, to, topic, partitions: [partition] })
  }
  for (const { partitions } of moves) partitions.sort((a, b) => a - b)
  return moves
}

type Shared = { shares: Map<string, Share>; moves: Move[]; isFirst: boolean; stillMs: number | null }

function shareSentence({ shares, moves, isFirst, stillMs }: Shared) {
  const has = [...shares].map(([name, assignment]) => {
    const count = Object.values(assignment).flat().length
    return count ? `${name} has ${count}` : `${name} has none and idles`
  })
  const moved = moves.reduce((sum, { from, partitions }) => sum + (from === null ? 0 : partitions.length), 0)
  const story = isFirst ? 'Partitions shared out' : `${moved ? plural(moved, 'partition') : 'Nothing'} moved`
  const still =
    stillMs === null ? '' : ` Nobody worked on them for ${stillMs < 100 ? 'less than 0.1 s' : seconds(stillMs)}.`
  return `${story}: ${has.sort().join(', ')}.${moved ? still : ''}`
}

const placesOf = (owners: Map<string, string>, member: string) =>
  [...owners].filter(([, owner]) => owner === member).map(([place]) => place)
const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
const seconds = (ms: number) => `${(Math.max(0, ms) / 1000).toFixed(1)} s`

// What a member of a consumer group says of itself, and what its supervisor says of its process: all that a screen
// needs to show both exactly. A member sends a Report to its parent (IPC) at the moment that the thing happens; the
// supervisor checks it, adds whose it is, and passes it on, together with what only it can see.
//
// The life of a member, in the order in which it is told:
//   process 'started'            the supervisor has started the process
//   'connecting'                 the process is up and looks for Kafka and Postgres
//   'joined'                     the group has a new generation, and this is the member's share of it: none at all is
//                               an idle member
//   'record', 'committed'        work, record by record; then the offset that the group goes on from, with one request
//                               for many records
//   'heartbeat'                  once a second while it is a member, also when there is nothing to do
//   'rebalancing'                the group has told it to join anew: it works on nothing until the next 'joined'
//   'crashed'                    KafkaJS gave up. With `restart` it tries again by itself, otherwise the process ends
//   'left'                       it has committed and left the group: others get its partitions at once
//   process 'ended'              always the last word of a process. Without a 'left' before it, the group waits for the
//                               session to time out
//   process 'waiting'            it ended by itself: the supervisor starts it again in `ms`
// 'said' is what the app itself has to say: a price that crosses its threshold. 'slowed' answers an order.
// 'trouble' may come at any time: a sentence about what is wrong outside, for example a broker that does not answer; it
// goes on by itself.

import * as z from 'zod'

/** Milliseconds since 1970, by the clock of the member. */
const at = z.number()
const memberId = z.string()
const generation = z.number()
const place = { topic: z.string(), partition: z.number(), offset: z.string() }

/** A record at an offset of a partition. */
export const Place = z.object(place)

/**
 * What became of a record in this group:
 * - done: its effect and the claim of its id are committed in Postgres
 * - duplicate: its id was claimed before, so nothing was done again
 * - outdated: a newer version of its product was done before, so that this one must not undo it; its id is claimed
 * - skipped: it was sent again to another group (`replay-for`); nothing is remembered
 * - dead: it can never work, and is now in the dead letter topic (`letter`)
 * - retry: it failed for now, and is tried again in `ms`; meanwhile its partition waits and the others go on
 */
export const OUTCOMES = ['done', 'duplicate', 'outdated', 'skipped', 'dead', 'retry'] as const

const Record = z.object({
  what: z.literal('record'),
  at,
  ...place,
  outcome: z.enum(OUTCOMES),
  /** How long this attempt took. */
  took: z.number(),
  /** `ce_id`; null where the record has none. */
  eventId: z.string().nullable(),
  /** null where the record is not understood. */
  productId: z.number().nullable(),
  version: z.number().nullable(),
  /** Of the record, as text, where there is one. */
  key: z.string().optional(),
  /** Of 'done': the effect, in the words of the app. */
  did: z.string().optional(),
  /** 1 for the first. */
  attempt: z.number(),
  /** Of 'dead' and 'retry'. */
  reason: z.string().optional(),
  /** Of 'retry': until the next attempt. */
  ms: z.number().optional(),
  /** Of 'dead': where the record is now. */
  letter: Place.optional(),
})

/** What a member says. */
export const Report = z.discriminatedUnion('what', [
  z.object({ what: z.literal('connecting'), at, groupId: z.string(), topics: z.array(z.string()) }),
  z.object({
    what: z.literal('joined'),
    at,
    memberId,
    isLeader: z.boolean(),
    /** How long it waited for the others to join. */
    took: z.number(),
    /** Partitions by topic; {} where it is idle. */
    assignment: z.record(z.string(), z.array(z.number())),
  }),
  z.object({ what: z.literal('rebalancing'), at, memberId }),
  z.object({ what: z.literal('heartbeat'), at, memberId, generation }),
  z.object({
    what: z.literal('committed'),
    at,
    generation,
    /** The offset of each is the next that the group reads. */
    offsets: z.array(Place),
  }),
  Record,
  z.object({ what: z.literal('slowed'), at, ms: z.number() }),
  z.object({ what: z.literal('said'), at, sentence: z.string() }),
  z.object({ what: z.literal('trouble'), at, reason: z.string() }),
  z.object({ what: z.literal('crashed'), at, reason: z.string(), restart: z.boolean() }),
  z.object({ what: z.literal('left'), at }),
])

/** What the supervisor says of the process of a member. */
const ProcessReport = z.discriminatedUnion('what', [
  z.object({ what: z.literal('started'), at, pid: z.number() }),
  z.object({
    what: z.literal('ended'),
    at,
    pid: z.number(),
    /** By whose wish: 'stop' and 'kill' are the supervisor's, 'itself' is a crash, or a signal from elsewhere. */
    by: z.enum(['stop', 'kill', 'itself']),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),
  z.object({ what: z.literal('waiting'), at, ms: z.number(), restarts: z.number() }),
])

export type Place = z.infer<typeof Place>
type Outcome = (typeof OUTCOMES)[number]
export type RecordReport = z.infer<typeof Record>
export type Report = z.infer<typeof Report>
export type ProcessReport = z.infer<typeof ProcessReport>

/** A report, and whose it is: the member 'stock-2' of the app 'stock'. */
export type MemberReport = { app: string; member: string } & (Report | ProcessReport)

/**
 * What the supervisor tells a member. `slow` makes it take so many milliseconds longer for each record; 0 ends that.
 */
export const Order = z.discriminatedUnion('order', [
  z.object({ order: z.literal('stop') }),
  z.object({ order: z.literal('slow'), ms: z.number().int().min(0).max(60_000) }),
])
export type Order = z.infer<typeof Order>

/**
 * - starting: no member yet; - working, idle: a member with or without partitions; - rebalancing: joins anew
 * - stopping: leaves; - stopped, killed: the process is gone because somebody wanted so; it stays until started again
 * - waiting: it crashed and is started again; - failed: it crashed in a way that no restart mends
 */
export type State =
  | 'starting'
  | 'working'
  | 'idle'
  | 'rebalancing'
  | 'stopping'
  | 'stopped'
  | 'killed'
  | 'waiting'
  | 'failed'

/** A member as it is now: what its reports add up to. */
export type Member = {
  app: string
  /** 'stock-2': also the client id that Kafka knows. */
  name: string
  groupId: string
  pid: number | null
  state: State
  memberId: string | null
  generation: number | null
  isLeader: boolean
  assignment: { [topic: string]: number[] }
  /** The next offset to read, by 'topic:partition', as this member has committed it. */
  committed: { [partition: string]: string }
  /** Since the process started. */
  counts: { [outcome in Outcome]: number }
  /** Partitions that wait for a retry, by 'topic:partition': until when, and why. */
  held: { [partition: string]: { until: number; reason: string } }
  slow: number
  restarts: number
  heartbeatAt: number | null
  lastError: string | null
}

/** Who starts and ends members, one process each. Made by `startSupervisor` in supervisor.ts. */
export type Supervisor = {
  /** A snapshot, in the order in which they were first started. Those that were stopped or killed are still in it. */
  members(): Member[]
  /**
   * Starts one more member of an app, under the lowest number that does not run: 'stock-1' where it was stopped or
   * killed before.
   */
  start(app: string): Member
  /** It commits and leaves; resolves when the process has ended, killed where it has not in time. */
  stop(member: string): Promise<void>
  /**
   * SIGKILL, and it stays dead: the others get its partitions when its session has timed out. Resolves when the process
   * has ended.
   */
  kill(member: string): Promise<void>
  /**
   * So many milliseconds more for each record; a restart keeps it. Throws where they are no whole number from 0 to
   * 60,000.
   */
  slow(member: string, ms: number): void
  /** Every report from now on, in the order in which they came; gives what ends that. A listener must not throw. */
  subscribe(listener: (report: MemberReport) => void): () => void
  /** Stops all, those that do not end in time are killed; nothing is started any more. */
  close(): Promise<void>
}

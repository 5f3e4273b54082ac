// A consumer group whose members speak the new protocol (KIP-848): each tells by heartbeats what it subscribes to and
// what it has, and the broker answers what it shall have. Each change begins a new epoch with a new target; a member
// gets there on its own: it first gives back what is not its any more, then gets what others have given back.

import { randomUUID } from 'node:crypto'
import { fail } from '../errors.ts'
import type { Topic } from '../partition.ts'
import { assign, byTopic, DEFAULT_ASSIGNOR, keyOf, type Shares } from './assignors.ts'
import { type ConsumerMember, type Heartbeat, LEAVE, LEAVE_FOR_NOW, subscribed } from './consumer-member.ts'

const INTERVAL = 5_000 // ms between heartbeats, as group.consumer.heartbeat.interval.ms
const SESSION = 45_000 // ms without one, as group.consumer.session.timeout.ms
const MAX_SIZE = 1_000 // members, as in a classic group here

type Client = { clientId: string; clientHost: string; version: number }
type Claim = { member: string; generation: number }

export class ConsumerGroup {
  epoch = 1
  members = new Map<string, ConsumerMember>()
  assignor = DEFAULT_ASSIGNOR
  targets: Shares = new Map()
  private known = '' // what the target was made for
  private topics: () => Iterable<Topic>

  constructor(topics: () => Iterable<Topic>) {
    this.topics = topics
  }

  get state() {
    if (!this.members.size) return 'Empty'
    const settled = [...this.members.values()].every(
      (member) => member.epoch === this.epoch && this.targets.get(member.id)?.size === member.assigned.size,
    )
    return settled ? 'Stable' : 'Reconciling'
  }

  heartbeat(request: Heartbeat, client: Client) {
    if (request.epoch < 0) return this.leave(request)
    const joins = request.epoch === 0
    const member = joins ? this.join(request, client) : this.present(request)
    const complete = request.rebalanceTimeout !== -1 && request.topics !== null && request.owned !== null
    if (request.topics) member.topics = request.topics
    if (request.regex !== null) member.regex = request.regex
    if (request.assignor !== null) member.assignor = request.assignor
    if (request.rebalanceTimeout !== -1) member.rebalanceTimeout = request.rebalanceTimeout
    this.retarget()
    const before = member.assigned
    this.reconcile(member, joins, request.owned)
    this.touch(member)
    const changed = joins || complete || before !== member.assigned
    return {
      member: member.id,
      epoch: member.epoch,
      interval: INTERVAL,
      assignment: changed ? { topics: byTopic(member.assigned.keys()) } : null,
    }
  }

  /** Throws where a member may not commit; what it returns throws for each partition that it may not commit. */
  committer({ member: id, generation }: Claim, version: number, transactional: boolean) {
    if (transactional && generation < 0 && !id) return () => {}
    const stale = transactional ? 'ILLEGAL_GENERATION' : 'STALE_MEMBER_EPOCH'
    const member = this.members.get(id) ?? fail('UNKNOWN_MEMBER_ID')
    if (!transactional && version < 9) fail('UNSUPPORTED_VERSION') // of before it could be told a member's epoch
    if (generation > member.epoch) fail(stale)
    return (topic: string, index: number) => {
      // As long as a partition is the member's, what it consumed in an earlier epoch counts (KIP-1251).
      const since = member.assigned.get(keyOf(topic, index)) ?? member.epoch
      if (generation !== member.epoch && generation < since) fail(stale)
    }
  }

  checkFetch({ member: id, memberEpoch }: { member: string | null; memberEpoch: number }) {
    if (id === null && memberEpoch < 0) return
    const member = this.members.get(id ?? '') ?? fail('UNKNOWN_MEMBER_ID')
    if (memberEpoch !== member.epoch) fail('STALE_MEMBER_EPOCH')
  }

  /** Nobody's session runs out. */
  hold() {
    for (const { session, revocation } of this.members.values()) {
      clearTimeout(session)
      clearTimeout(revocation)
    }
  }

  /** Everybody's session begins anew. */
  resume() {
    for (const member of this.members.values()) {
      this.touch(member)
      if (member.revoking.size) this.awaitRevocation(member)
    }
  }

  private holderOf = (instance: string | null) =>
    instance === null ? undefined : this.members.values().find((member) => member.instance === instance)

  private join({ member, instance, rack, rebalanceTimeout }: Heartbeat, { clientId, clientHost }: Client) {
    const id = member || randomUUID()
    const [present, holder] = [this.members.get(id), this.holderOf(instance)]
    if (holder && holder.id !== id && !holder.away)
      fail(
        'UNRELEASED_INSTANCE_ID',
        `Static member ${id} with instance id ${instance} cannot join the group because the instance id is owned by ${holder.id} member.`,
      )
    const before = present ?? holder
    if (!before && this.members.size >= MAX_SIZE) fail('GROUP_MAX_SIZE_REACHED')
    const fresh = { topics: [], regex: '', assignor: null, assigned: new Map(), revoking: new Set<string>() }
    const joined: ConsumerMember = Object.assign(before ?? { ...fresh, epoch: 0, previousEpoch: 0 }, {
      id,
      instance,
      rack,
      clientId,
      clientHost,
      rebalanceTimeout,
      away: false,
    })
    if (holder && holder !== present) this.rename(holder, id)
    this.members.set(id, joined)
    return joined
  }

  /** A static member came back as another process, and has what it had. */
  private rename(member: ConsumerMember, id: string) {
    for (const [old, each] of this.members) {
      if (each !== member) continue
      this.members.delete(old)
      this.targets.set(id, this.targets.get(old) ?? new Set())
      if (old !== id) this.targets.delete(old)
    }
  }

  private present({ member: id, instance, epoch, owned }: Heartbeat) {
    const holder = this.holderOf(instance)
    if (holder && holder.id !== id)
      fail('FENCED_INSTANCE_ID', `Static member ${id} with instance id ${instance} was fenced by member ${holder.id}.`)
    const member = this.members.get(id) ?? fail('UNKNOWN_MEMBER_ID', `Member ${id} is not a member of this group.`)
    // Its last answer may have got lost on the way.
    const repeated = epoch === member.previousEpoch && keysOf(owned ?? []).every((key) => member.assigned.has(key))
    if (epoch === member.epoch || (repeated && owned)) return member
    const than = epoch > member.epoch ? 'greater' : 'smaller'
    return fail(
      'FENCED_MEMBER_EPOCH',
      `The consumer group member has a ${than} member epoch (${epoch}) than the one known by the group coordinator (${member.epoch}). The member must abandon all its partitions and rejoin.`,
    )
  }

  private leave({ member: id, instance, epoch }: Heartbeat) {
    const member = this.holderOf(instance) ?? this.members.get(id) ?? fail('UNKNOWN_MEMBER_ID')
    if (member.id !== id) fail('FENCED_INSTANCE_ID')
    if (epoch === LEAVE) this.remove(member)
    else Object.assign(member, { away: true, epoch: LEAVE_FOR_NOW })
    return { member: id, epoch }
  }

  private remove(member: ConsumerMember) {
    clearTimeout(member.session)
    clearTimeout(member.revocation)
    this.members.delete(member.id)
    this.retarget()
  }

  /** A new epoch, where members, their subscriptions, or the partitions of their topics have changed. */
  private retarget() {
    const topics = new Map([...this.topics()].map((topic) => [topic.name, topic]))
    const names = [...topics.keys()].toSorted()
    const subscribers = [...this.members.values()].map((member) => ({
      id: member.id,
      topics: new Map(
        subscribed(member, names).map((name) => [topics.get(name)?.id ?? '', topics.get(name)?.partitions.length ?? 0]),
      ),
    }))
    const known = JSON.stringify(
      subscribers.map(({ id, topics }) => [
        this.members.get(id)?.instance ?? id,
        this.members.get(id)?.assignor,
        ...topics,
      ]),
    )
    if (known === this.known) return
    this.known = known
    this.epoch++
    const votes = [...this.members.values()].flatMap(({ assignor }) => assignor ?? [])
    const count = (name: string) => votes.filter((vote) => vote === name).length
    this.assignor = votes.toSorted((a, b) => count(b) - count(a))[0] ?? DEFAULT_ASSIGNOR
    const current = new Map([...this.members].map(([id, { assigned }]) => [id, new Set(assigned.keys())]))
    this.targets = assign(this.assignor, subscribers, current)
  }

  private reconcile(member: ConsumerMember, joins: boolean, owned: Heartbeat['owned']) {
    const target = this.targets.get(member.id) ?? new Set<string>()
    if (joins) member.revoking = new Set() // it has nothing
    if (member.revoking.size) {
      if (!owned || keysOf(owned).some((key) => member.revoking.has(key))) return
      member.revoking = new Set()
    }
    clearTimeout(member.revocation)
    const [kept, given] = [new Map(member.assigned), without(member.assigned.keys(), target)]
    for (const key of given) kept.delete(key)
    if (given.size && !joins) {
      Object.assign(member, { assigned: kept, revoking: given })
      this.awaitRevocation(member)
      return
    }
    const missing = without(target, kept)
    if (missing.size)
      for (const other of this.members.values())
        if (other !== member) for (const key of [...other.assigned.keys(), ...other.revoking]) missing.delete(key)
    for (const key of missing) kept.set(key, this.epoch)
    if (given.size || missing.size) member.assigned = kept
    if (member.epoch !== this.epoch) Object.assign(member, { previousEpoch: member.epoch, epoch: this.epoch })
  }

  /** Who does not give back what it shall is out. */
  private awaitRevocation(member: ConsumerMember) {
    clearTimeout(member.revocation)
    member.revocation = setTimeout(() => this.remove(member), member.rebalanceTimeout)
  }

  private touch(member: ConsumerMember) {
    clearTimeout(member.session)
    member.session = setTimeout(() => this.remove(member), SESSION)
  }
}

const without = (keys: Iterable<string>, others: { has(key: string): boolean }) =>
  new Set([...keys].filter((key) => !others.has(key)))

const keysOf = (owned: NonNullable<Heartbeat['owned']>) =>
  owned.flatMap(({ id, partitions }) => partitions.map((index) => keyOf(id, index)))

// A consumer group: who belongs to it, who consumes what, and how far they have come (the "classic" protocol).
// Members join until all known ones have; the leader among them then assigns the partitions, and the broker hands
// each member its share. Any join or departure starts this anew.

import { randomUUID } from 'node:crypto'
import { fail } from './errors.ts'
import { ConsumerGroup } from './groups/consumer-group.ts'
import type { GroupOffsets } from './group-offsets.ts'
import { electProtocol, sameProtocols } from './group-protocols.ts'
import { checkJoin, checkSync, MAX_METADATA } from './groups/classic-join.ts'
import { joined, type Joined, type Member, refusal, refuse, type Synced } from './member.ts'
import type { JoinGroup, LeaveGroup, SyncGroup } from './protocol/groups.ts'
import type { RequestOf } from './protocol/types.ts'

type Claim = { member: string; instance: string | null; generation: number }
type Client = { clientId: string; clientHost: string; version: number }

const MAX_SIZE = 1_000 // members, those that are yet to join included; Kafka's group.max.size has no bound of its own
const MAX_CLIENT = 255 // characters of a client's name in the id of a member: all members are told it

export class Group {
  id: string
  state: 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' = 'Empty'
  protocolType = ''
  protocol = ''
  members = new Map<string, Member>()
  offsets: GroupOffsets = new Map()
  consumers?: ConsumerGroup // where its members speak the protocol of KIP-848
  private generation = 0
  private leader = ''
  private promised = new Map<string, NodeJS.Timeout>() // ids given to members that have yet to join with them
  private deadline?: NodeJS.Timeout

  constructor(id: string) {
    this.id = id
  }

  join(request: RequestOf<typeof JoinGroup>, client: Client): Joined | Promise<Joined> {
    if (this.consumers?.members.size) fail('INCONSISTENT_GROUP_PROTOCOL')
    checkJoin(request, this.protocolType, [...this.members.values()])
    const { sessionTimeout, protocols, protocolType, instance } = request
    const known = this.find(request)
    if (!known && request.member && !this.promised.has(request.member)) fail('UNKNOWN_MEMBER_ID')
    if (!known && !request.member && this.members.size + this.promised.size >= MAX_SIZE) fail('GROUP_MAX_SIZE_REACHED')
    const id = request.member || `${(instance ?? client.clientId).slice(0, MAX_CLIENT)}-${randomUUID()}`
    if (!known && !request.member && !instance && client.version >= 4) {
      this.promise(id, sessionTimeout)
      return { ...refusal('MEMBER_ID_REQUIRED'), member: id }
    }
    clearTimeout(this.promised.get(id))
    this.promised.delete(id)

    const { leader } = this
    const settled = this.state === 'Stable' ? leader !== request.member : this.state === 'CompletingRebalance'
    const unchanged = known && settled && sameProtocols(known.protocols, protocols)
    if (known && known.id !== id) this.replace(known, id)
    const member: Member = Object.assign(known ?? { assignment: Buffer.alloc(0) }, {
      clientId: client.clientId,
      clientHost: client.clientHost,
      id,
      instance,
      sessionTimeout,
      rebalanceTimeout: request.rebalanceTimeout < 0 ? sessionTimeout : request.rebalanceTimeout,
      protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })), // not the request as a whole
    })
    this.members.set(id, member)
    this.consumers = undefined
    this.protocolType = protocolType
    if (unchanged) {
      this.touch(member)
      return this.joined(member, leader)
    }
    clearTimeout(member.timer) // no heartbeats are due while it waits
    return new Promise((resolve) => {
      member.joining = resolve
      this.rebalance()
    })
  }

  sync(request: RequestOf<typeof SyncGroup>): Synced | Promise<Synced> {
    const member = this.member(request)
    checkSync(request, this)
    if (this.state === 'PreparingRebalance') fail('REBALANCE_IN_PROGRESS')
    if (request.assignments.some(({ assignment }) => assignment.length > MAX_METADATA)) fail('INVALID_REQUEST')
    this.touch(member)
    if (this.state === 'Stable') return this.synced(member)
    if (member.id !== this.leader) {
      clearTimeout(member.timer)
      return new Promise((resolve) => {
        member.syncing = resolve
      })
    }
    const shares = new Map(request.assignments.map((share) => [share.member, Buffer.from(share.assignment)]))
    this.state = 'Stable'
    for (const each of this.members.values()) {
      each.assignment = shares.get(each.id) ?? Buffer.alloc(0)
      each.syncing?.(this.synced(each))
      each.syncing = undefined
      this.touch(each)
    }
    return this.synced(member)
  }

  heartbeat(claim: Claim) {
    this.touch(this.member(claim))
    if (this.state === 'PreparingRebalance') fail('REBALANCE_IN_PROGRESS')
  }

  leave({ id, instance }: RequestOf<typeof LeaveGroup>['members'][number]) {
    if (instance === null && this.promised.has(id)) return this.forget(id)
    this.remove(this.find({ member: id, instance }) ?? fail('UNKNOWN_MEMBER_ID'))
  }

  /** Throws where these offsets are not for this client to commit. */
  checkCommit(claim: Claim, transactional: boolean) {
    // A consumer that assigns its own partitions, or a transaction of before producers knew their consumer's
    // generation.
    if (claim.generation < 0 && (this.state === 'Empty' || (transactional && !claim.member))) return
    const member = this.member(claim)
    if (this.state === 'CompletingRebalance') fail('REBALANCE_IN_PROGRESS')
    this.touch(member)
  }

  /** Another node answers for the group: who waits here looks for it, and has the time of a session to get there. */
  moved() {
    for (const member of this.members.values()) {
      refuse(member, 'NOT_COORDINATOR')
      this.touch(member)
    }
  }

  /** Nobody's session runs out. */
  hold() {
    this.consumers?.hold()
    for (const { timer } of this.members.values()) clearTimeout(timer)
  }

  /** Everybody's session begins anew. */
  resume() {
    this.consumers?.resume()
    for (const member of this.members.values()) if (!member.joining && !member.syncing) this.touch(member)
  }

  close() {
    this.consumers?.hold()
    clearTimeout(this.deadline)
    for (const timer of this.promised.values()) clearTimeout(timer)
    for (const member of this.members.values()) clearTimeout(member.timer)
  }

  private find({ member, instance }: Pick<Claim, 'member' | 'instance'>) {
    const holder = instance === null ? undefined : [...this.members.values()].find((each) => each.instance === instance)
    if (holder && member && member !== holder.id) fail('FENCED_INSTANCE_ID')
    return instance === null ? this.members.get(member) : holder
  }

  private member(claim: Claim) {
    const member = this.find(claim) ?? fail('UNKNOWN_MEMBER_ID')
    if (claim.generation !== this.generation) fail('ILLEGAL_GENERATION')
    return member
  }

  private promise(id: string, sessionTimeout: number) {
    const timer = setTimeout(() => this.forget(id), sessionTimeout)
    this.promised.set(id, timer)
  }

  /** Nobody waits any longer for a member that has yet to join. */
  private forget(id: string) {
    clearTimeout(this.promised.get(id))
    this.promised.delete(id)
    this.proceed()
  }

  /** A static member came back as a new process. */
  private replace(member: Member, id: string) {
    this.members.delete(member.id)
    refuse(member, 'FENCED_INSTANCE_ID')
    if (this.leader === member.id) this.leader = id
  }

  private joined(member: Member, leader: string) {
    const { generation, protocolType, protocol } = this
    return joined({ generation, protocolType, protocol, leader }, member, [...this.members.values()])
  }

  private synced({ assignment }: Member): Synced {
    return { assignment, protocolType: this.protocolType, protocol: this.protocol }
  }

  /** Puts off the moment a member counts as dead. */
  private touch(member: Member) {
    clearTimeout(member.timer)
    member.timer = setTimeout(() => this.remove(member), member.sessionTimeout)
  }

  private remove(member: Member) {
    clearTimeout(member.timer)
    this.members.delete(member.id)
    refuse(member, 'UNKNOWN_MEMBER_ID')
    if (this.state === 'PreparingRebalance') this.proceed()
    else this.rebalance()
  }

  private rebalance() {
    const isFirst = this.state === 'Empty'
    if (this.state !== 'PreparingRebalance') {
      for (const member of this.members.values()) {
        if (!member.syncing) continue
        member.syncing(refusal('REBALANCE_IN_PROGRESS'))
        member.syncing = undefined
        this.touch(member)
      }
      this.state = 'PreparingRebalance'
      const timeouts = [...this.members.values()].map((member) => member.rebalanceTimeout)
      this.deadline = setTimeout(() => this.complete(), Math.max(0, ...timeouts))
    }
    return isFirst ? this.complete() : this.proceed()
  }

  private proceed() {
    if (this.state !== 'PreparingRebalance' || this.promised.size) return
    if ([...this.members.values()].every((member) => member.joining)) this.complete()
  }

  /** Everyone has joined, or had the time to: a new generation begins. */
  private complete() {
    clearTimeout(this.deadline)
    for (const member of this.members.values()) {
      if (member.joining) continue
      clearTimeout(member.timer)
      this.members.delete(member.id)
    }
    this.generation++
    this.state = this.members.size ? 'CompletingRebalance' : 'Empty'
    if (!this.members.has(this.leader)) this.leader = this.members.keys().next().value ?? ''
    this.protocol = electProtocol([...this.members.values()])
    for (const member of this.members.values()) {
      this.touch(member)
      member.joining?.(this.joined(member, this.leader))
      member.joining = undefined
    }
  }
}

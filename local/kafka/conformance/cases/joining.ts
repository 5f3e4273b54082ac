// What a member of a classic group asks.

import { failed, only } from '../asking.ts'
import { type Broker, settled, uniqueName } from '../broker.ts'
import type { Connection } from '../connection.ts'
import { errorName } from '../error-names.ts'
import { DescribeGroups, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '../../protocol/groups.ts'

export const TOO_EARLY = ['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']
export const SHORTEST = 6_000 // ms of a session, as brokers have it by default

export type Joining = {
  member?: string
  instance?: string | null
  session?: number
  rebalance?: number
  type?: string
  protocols?: string[]
  version?: number
  to?: Connection
}
/** A consumer's subscription to one topic, named by the protocol: Apache Kafka reads what members say of themselves. */
const subscription = (topic: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, topic.length]), Buffer.from(topic), Buffer.alloc(4, 0xff)])
export const protocolsOf = (names: string[]) => names.map((name) => ({ name, metadata: subscription(name) }))
export const subscribed = (metadata: Buffer) => String(metadata.subarray(8, -4))

/** One request to join, which waits for the other members. */
export async function askToJoin(kafka: Broker, group: string, joining: Joining = {}) {
  const { member = '', instance = null, session = 60_000, rebalance = 60_000, version, ...more } = joining
  const { type = 'consumer', protocols = ['range'], to = await kafka.coordinator(group) } = more
  const timeouts = { sessionTimeout: session, rebalanceTimeout: rebalance }
  const asked = { group, ...timeouts, member, instance, protocolType: type, protocols: protocolsOf(protocols) }
  return settled(() => to.ask(JoinGroup, asked, version), ...TOO_EARLY)
}
/** A member that joins with the id that it was given. */
export async function join(kafka: Broker, group: string, joining: Joining = {}) {
  const first = await askToJoin(kafka, group, joining)
  return errorName(first.error) === 'MEMBER_ID_REQUIRED'
    ? askToJoin(kafka, group, { ...joining, member: first.member })
    : first
}
type Claim = { member: string; generation: number; instance?: string | null; to?: Connection }
export async function sync(kafka: Broker, group: string, claim: Claim, shares: Record<string, string> = {}) {
  const { member, generation, instance = null, to = await kafka.coordinator(group) } = claim
  const assignments = Object.entries(shares).map(([id, share]) => ({ member: id, assignment: Buffer.from(share) }))
  const answer = await to.ask(SyncGroup, {
    group,
    generation,
    member,
    instance,
    protocolType: 'consumer',
    protocol: 'range',
    assignments,
  })
  return [errorName(answer.error), String(answer.assignment)]
}
export async function beat(kafka: Broker, group: string, { member, generation, instance = null }: Claim) {
  return failed(await (await kafka.coordinator(group)).ask(Heartbeat, { group, generation, member, instance }))
}
export async function leave(kafka: Broker, group: string, id: string, instance: string | null = null, version = 5) {
  const asked = { group, member: id, members: [{ id, instance }] }
  const answer = await (await kafka.coordinator(group)).ask(LeaveGroup, asked, version)
  return [failed(answer), answer.members.map(failed)]
}
export async function describe(kafka: Broker, group: string) {
  return only((await (await kafka.coordinator(group)).ask(DescribeGroups, { groups: [group] })).groups)
}
/** A group of one member that has its share. */
export async function single(kafka: Broker, joining: Joining = {}) {
  const group = uniqueName('group')
  const joined = await join(kafka, group, joining)
  const claim = { member: joined.member, generation: joined.generation, instance: joining.instance ?? null }
  await sync(kafka, group, claim, { [joined.member]: 'all of it' })
  return { group, claim, joined }
}

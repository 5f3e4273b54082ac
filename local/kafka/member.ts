import { type ErrorName, KafkaError } from './errors.ts'
import type { Protocol } from './group-protocols.ts'
import type { JoinGroup, SyncGroup } from './protocol/groups.ts'
import type { ResponseOf } from './protocol/types.ts'

export type Joined = ResponseOf<typeof JoinGroup>
export type Synced = ResponseOf<typeof SyncGroup>

/**
 * One member of a consumer group. `joining` and `syncing` answer the request of that kind that waits for other members.
 */
export type Member = {
  id: string
  instance: string | null
  clientId: string
  clientHost: string
  sessionTimeout: number
  rebalanceTimeout: number
  protocols: Protocol[]
  assignment: Buffer
  timer?: NodeJS.Timeout
  joining?: (answer: Joined) => void
  syncing?: (answer: Synced) => void
}

export const refusal = (error: ErrorName) => ({ error: new KafkaError(error).code })

/** Answers what the member waits for, if anything, with an error. */
export function refuse(member: Member, error: ErrorName) {
  for (const waiting of [member.joining, member.syncing]) waiting?.(refusal(error))
  Object.assign(member, { joining: undefined, syncing: undefined })
}

type Round = { generation: number; protocolType: string; protocol: string; leader: string }

/** What a member is told that has joined; the leader is told of all members, as it assigns the partitions. */
export const joined = (round: Round, { id: member }: Member, members: Member[]): Joined => ({
  ...round,
  member,
  members:
    member === round.leader
      ? members.map(({ id, instance, protocols }) => ({
          id,
          instance,
          metadata: protocols.find(({ name }) => name === round.protocol)?.metadata,
        }))
      : [],
})

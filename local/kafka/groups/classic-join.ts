// Which requests to join a classic group, or to get one's share in it, make no sense, or none beside its other members (KIP-62, KIP-345).

import { fail } from '../errors.ts'
import { commonProtocols } from '../group-protocols.ts'
import type { Member } from '../member.ts'
import type { JoinGroup, SyncGroup } from '../protocol/groups.ts'
import type { RequestOf } from '../protocol/types.ts'

// Bounds of the broker's defaults: group.min.session.timeout.ms and group.max.session.timeout.ms.
const MIN_SESSION_TIMEOUT = 6_000
const MAX_SESSION_TIMEOUT = 1_800_000
export const MAX_METADATA = 1024 * 1024 // bytes of a member's protocols, or of its share

export function checkJoin(
  { sessionTimeout, protocols, protocolType, member, instance }: RequestOf<typeof JoinGroup>,
  groupType: string,
  members: Member[],
) {
  if (sessionTimeout < MIN_SESSION_TIMEOUT || sessionTimeout > MAX_SESSION_TIMEOUT) fail('INVALID_SESSION_TIMEOUT')
  const others = members.filter((each) => each.id !== member && !(instance && each.instance === instance))
  if (protocols.reduce((sum, { metadata }) => sum + metadata.length, 0) > MAX_METADATA) fail('INVALID_REQUEST')
  if (!protocols.length) fail('INCONSISTENT_GROUP_PROTOCOL')
  if (others.length && (protocolType !== groupType || !commonProtocols([...others, { protocols }]).length))
    fail('INCONSISTENT_GROUP_PROTOCOL')
}

/** Throws where a member takes the group's protocol for another one; who tells none may not know of it (KIP-559). */
export function checkSync(
  { protocolType, protocol }: RequestOf<typeof SyncGroup>,
  group: { protocolType: string; protocol: string },
) {
  const differs = (told: string | null, real: string) => told !== null && told !== real
  if (differs(protocolType, group.protocolType) || differs(protocol, group.protocol))
    fail('INCONSISTENT_GROUP_PROTOCOL')
}

// Groups of the classic protocol: join, sync, heartbeat, leave, and who is fenced.

import { failed, byText } from '../asking.ts'
import { uniqueName } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { SHORTEST, askToJoin, join, sync, beat, leave, describe, single } from './joining.ts'
import { FindCoordinator } from '../../protocol/groups.ts'

export const groupChecks = [
  ...[0, 1, 2, 3].map((version) =>
    check(
      `FindCoordinator ${version} finds who answers for a group`,
      async (kafka) => {
        const key = uniqueName('group')
        await kafka.coordinator(key)
        const { error, node } = await kafka.any.ask(FindCoordinator, { key, type: 0 }, version)
        return [errorName(error), (await kafka.nodes()).some(({ id }) => id === node)]
      },
      ['NONE', true],
    ),
  ),
  check(
    'FindCoordinator of a kind that nobody knows',
    async (kafka) => {
      const { coordinators } = await kafka.any.ask(FindCoordinator, { type: 9, keys: ['x'] })
      return coordinators.map(failed)
    },
    ['INVALID_REQUEST'],
  ),
  ...[0, 1, 2, 3].map((version) =>
    check(
      `JoinGroup ${version} lets a member in at once`,
      async (kafka) => {
        const joined = await askToJoin(kafka, uniqueName('group'), { version })
        return [errorName(joined.error), joined.generation, joined.leader === joined.member, joined.members.length]
      },
      ['NONE', 1, true, 1],
    ),
  ),
  ...[4, 5, 6, 7, 8, 9].map((version) =>
    check(
      `JoinGroup ${version} gives a new member its id first`,
      async (kafka) => {
        const group = uniqueName('group')
        const first = await askToJoin(kafka, group, { version })
        const joined = await askToJoin(kafka, group, { version, member: first.member })
        const { error, generation, protocol, protocolType } = joined
        return [
          errorName(first.error),
          first.member.startsWith('conformance-'),
          errorName(error),
          generation,
          protocol,
          protocolType,
          joined.member === first.member,
        ]
      },
      ['MEMBER_ID_REQUIRED', true, 'NONE', 1, 'range', version < 7 ? null : 'consumer', true],
    ),
  ),
  check(
    'the leader gives each its share',
    async (kafka) => {
      const group = uniqueName('group')
      const [toOne, toOther] = [await kafka.coordinator(group), await kafka.again(await kafka.coordinator(group))]
      const first = await join(kafka, group, { to: toOne })
      const second = await askToJoin(kafka, group, { to: toOther })
      const waiting = askToJoin(kafka, group, { member: second.member, to: toOther })
      const claim = { member: first.member, generation: first.generation }
      while ((await beat(kafka, group, claim)) !== 'REBALANCE_IN_PROGRESS');
      const one = await askToJoin(kafka, group, { member: first.member, to: toOne })
      const other = await waiting
      const shares = { [one.member]: 'one', [other.member]: 'other' }
      const [leader, follower] = one.leader === one.member ? [one, other] : [other, one]
      const [leads, follows] = leader === one ? [toOne, toOther] : [toOther, toOne]
      const synced = [
        sync(kafka, group, { ...follower, instance: null, to: follows }),
        sync(kafka, group, { ...leader, instance: null, to: leads }, shares),
      ]
      const given = (await Promise.all(synced)).map(([error, share]) => `${error} ${share}`).toSorted(byText)
      return [one.generation === other.generation, leader.members.length, follower.members.length, given]
    },
    [true, 2, 0, ['NONE one', 'NONE other']],
  ),
  check(
    'a member keeps its place by heartbeats',
    async (kafka) => {
      const { group, claim } = await single(kafka)
      return beat(kafka, group, claim)
    },
    'NONE',
  ),
  check(
    'an earlier generation, an unknown member and an unknown group',
    async (kafka) => {
      const { group, claim } = await single(kafka)
      return [
        await beat(kafka, group, { ...claim, generation: 0 }),
        await beat(kafka, group, { ...claim, member: 'nobody' }),
        await beat(kafka, uniqueName('group'), claim),
      ]
    },
    ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
  ),
  check(
    'who comes later starts a new round, of which heartbeats tell',
    async (kafka) => {
      const { group, claim } = await single(kafka)
      const to = await kafka.again(await kafka.coordinator(group))
      const second = await askToJoin(kafka, group, { to })
      const waiting = askToJoin(kafka, group, { to, member: second.member })
      let told = ''
      while (told !== 'REBALANCE_IN_PROGRESS') told = await beat(kafka, group, claim)
      const again = await askToJoin(kafka, group, { member: claim.member })
      return [told, again.generation, (await waiting).generation]
    },
    ['REBALANCE_IN_PROGRESS', 2, 2],
  ),
  check(
    'who does not join again in time is out',
    async (kafka) => {
      const { group, claim } = await single(kafka, { rebalance: 1_000 })
      const to = await kafka.again(await kafka.coordinator(group))
      const second = await askToJoin(kafka, group, { to, rebalance: 1_000 })
      const joined = await askToJoin(kafka, group, { to, member: second.member, rebalance: 1_000 })
      return [errorName(joined.error), joined.leader === joined.member, await beat(kafka, group, claim)]
    },
    ['NONE', true, 'UNKNOWN_MEMBER_ID'],
  ),
  check(
    'a session without heartbeats ends, and the others go on',
    async (kafka) => {
      const { group } = await single(kafka, { session: SHORTEST })
      const to = await kafka.again(await kafka.coordinator(group))
      const second = await askToJoin(kafka, group, { to, session: SHORTEST })
      const joined = await askToJoin(kafka, group, { to, member: second.member, session: SHORTEST })
      return [errorName(joined.error), joined.generation, joined.members.length]
    },
    ['NONE', 2, 1],
  ),
  check(
    'who joins an empty group waits for nobody that was only given an id',
    async (kafka) => {
      const group = uniqueName('group')
      const first = await askToJoin(kafka, group, { session: 1_800_000 })
      const joined = await askToJoin(kafka, group, { session: SHORTEST, version: 3 })
      return [errorName(joined.error), failed(await askToJoin(kafka, group, { member: first.member }))]
    },
    ['NONE', 'NONE'],
  ),
  check(
    'who leaves is out, and the group is empty',
    async (kafka) => {
      const { group, claim } = await single(kafka)
      return [
        await leave(kafka, group, claim.member),
        await beat(kafka, group, claim),
        (await describe(kafka, group)).state,
      ]
    },
    [['NONE', ['NONE']], 'UNKNOWN_MEMBER_ID', 'Empty'],
  ),
  ...[0, 1, 2, 3, 4, 5].map((version) =>
    check(
      `LeaveGroup ${version}`,
      async (kafka) => {
        const { group, claim } = await single(kafka)
        return leave(kafka, group, claim.member, null, version)
      },
      ['NONE', version < 3 ? [] : ['NONE']],
    ),
  ),
  check(
    'nobody can leave who is no member',
    async (kafka) => {
      const { group } = await single(kafka)
      return [await leave(kafka, group, 'nobody'), await leave(kafka, uniqueName('group'), 'nobody')]
    },
    [
      ['NONE', ['UNKNOWN_MEMBER_ID']],
      ['NONE', ['UNKNOWN_MEMBER_ID']],
    ],
  ),
  check(
    'an id that was given can be given back',
    async (kafka) => {
      const group = uniqueName('group')
      const { member } = await askToJoin(kafka, group)
      return leave(kafka, group, member)
    },
    ['NONE', ['NONE']],
  ),
]

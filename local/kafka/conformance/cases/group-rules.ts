// Classic groups: static members, what is refused, and what operators see.

import { failed, only } from '../asking.ts'
import { settled, uniqueName } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import {
  SHORTEST,
  type Joining,
  protocolsOf,
  subscribed,
  askToJoin,
  join,
  sync,
  beat,
  leave,
  describe,
  single,
  TOO_EARLY,
} from './joining.ts'
import {
  DeleteGroups,
  DescribeGroups,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  SyncGroup,
} from '../../protocol/groups.ts'

export const groupRuleChecks = [
  check(
    'a static member that comes back has its share, without a new round',
    async (kafka) => {
      const { group, claim, joined } = await single(kafka, { instance: 'one' })
      const back = await askToJoin(kafka, group, { instance: 'one' })
      const share = await sync(kafka, group, { ...back, instance: 'one' })
      const old = await beat(kafka, group, claim)
      return [back.generation === joined.generation, back.member !== joined.member, share, old]
    },
    [true, true, ['NONE', 'all of it'], 'FENCED_INSTANCE_ID'],
  ),
  check(
    'a static member that leaves by its name',
    async (kafka) => {
      const { group } = await single(kafka, { instance: 'one' })
      const answer = await (
        await kafka.coordinator(group)
      ).ask(LeaveGroup, { group, members: [{ id: '', instance: 'one' }] })
      return [
        answer.members.map(({ error, instance }) => [errorName(error), instance]),
        (await describe(kafka, group)).state,
      ]
    },
    [[['NONE', 'one']], 'Empty'],
  ),
  check(
    'a static member by the id of another is fenced',
    async (kafka) => {
      const { group, claim } = await single(kafka, { instance: 'one' })
      return [
        await beat(kafka, group, { ...claim, member: 'other' }),
        failed(await askToJoin(kafka, group, { instance: 'one', member: 'other' })),
        await leave(kafka, group, 'other', 'one'),
        await beat(kafka, group, { ...claim, instance: 'nobody' }),
      ]
    },
    ['FENCED_INSTANCE_ID', 'FENCED_INSTANCE_ID', ['NONE', ['FENCED_INSTANCE_ID']], 'UNKNOWN_MEMBER_ID'],
  ),

  ...[
    [SHORTEST - 1, 'INVALID_SESSION_TIMEOUT'],
    [1_800_001, 'INVALID_SESSION_TIMEOUT'],
    [1_800_000, 'MEMBER_ID_REQUIRED'],
  ].map(([session, error]) =>
    check(
      `a session of ${session} ms`,
      async (kafka) => failed(await askToJoin(kafka, uniqueName('group'), { session: Number(session) })),
      error,
    ),
  ),
  check(
    'no group has an empty name',
    async (kafka) => failed(await askToJoin(kafka, '', { to: kafka.any })),
    'INVALID_GROUP_ID',
  ),
  check(
    'an id that the group did not give',
    async (kafka) => failed(await askToJoin(kafka, uniqueName('group'), { member: 'own-name' })),
    'UNKNOWN_MEMBER_ID',
  ),
  check(
    'no protocols',
    async (kafka) => failed(await askToJoin(kafka, uniqueName('group'), { protocols: [] })),
    'INCONSISTENT_GROUP_PROTOCOL',
  ),
  check(
    'no protocol that all know, and another type',
    async (kafka) => {
      const { group } = await single(kafka)
      const of = async (joining: Joining) => failed(await askToJoin(kafka, group, joining))
      return [await of({ protocols: ['sticky'] }), await of({ type: 'connect' })]
    },
    ['INCONSISTENT_GROUP_PROTOCOL', 'INCONSISTENT_GROUP_PROTOCOL'],
  ),
  check(
    'the protocol is the one that all know and most prefer',
    async (kafka) => {
      const group = uniqueName('group')
      const joined = await join(kafka, group, { protocols: ['sticky', 'range'] })
      return [joined.protocol, joined.members.map(({ metadata }) => subscribed(metadata))]
    },
    ['sticky', ['sticky']],
  ),
  check(
    'sync of another protocol than the group’s',
    async (kafka) => {
      const group = uniqueName('group')
      const joined = await join(kafka, group)
      const claim = { group, generation: joined.generation, member: joined.member, assignments: [] }
      return failed(
        await (
          await kafka.coordinator(group)
        ).ask(SyncGroup, { ...claim, protocolType: 'consumer', protocol: 'sticky' }),
      )
    },
    'INCONSISTENT_GROUP_PROTOCOL',
  ),

  check(
    'a group is described with its members',
    async (kafka) => {
      const { group, claim } = await single(kafka, { instance: 'one' })
      const { error, state, protocol, protocolType, members } = await describe(kafka, group)
      return [
        errorName(error),
        state,
        protocol,
        protocolType,
        members.map(({ id, instance, clientId, clientHost, metadata, assignment }) => [
          id === claim.member,
          instance,
          clientId,
          clientHost,
          subscribed(metadata),
          String(assignment),
        ]),
      ]
    },
    ['NONE', 'Stable', 'range', 'consumer', [[true, 'one', 'conformance', '/127.0.0.1', 'range', 'all of it']]],
  ),
  ...[0, 1, 2, 3, 4, 5].map((version) =>
    check(
      `DescribeGroups ${version} of a group that is not there`,
      async (kafka) => {
        const group = uniqueName('group')
        const to = await kafka.coordinator(group)
        const { groups } = await settled(
          async () => {
            const answer = await to.ask(DescribeGroups, { groups: [group] }, version)
            return { ...answer, error: only(answer.groups).error }
          },
          ...TOO_EARLY,
        )
        return groups.map(({ error, state, members }) => [errorName(error), state, members])
      },
      [['NONE', 'Dead', []]],
    ),
  ),
  check(
    'ListGroups by state and type',
    async (kafka) => {
      const { group } = await single(kafka)
      const to = await kafka.coordinator(group)
      const listed = async (states: string[], types: string[]) => {
        const { groups } = await to.ask(ListGroups, { states, types }, 5)
        return groups.flatMap((each) => (each.group === group ? [[each.protocolType, each.state, each.type]] : []))
      }
      return [
        await listed([], []),
        await listed(['Stable'], ['classic']),
        await listed(['Empty'], []),
        await listed([], ['consumer']),
      ]
    },
    [[['consumer', 'Stable', 'classic']], [['consumer', 'Stable', 'classic']], [], []],
  ),
  check(
    'a group is deleted when nobody is in it',
    async (kafka) => {
      const { group, claim } = await single(kafka)
      const to = await kafka.coordinator(group)
      const remove = async () => (await to.ask(DeleteGroups, { groups: [group] })).groups.map(failed)
      const full = await remove()
      await leave(kafka, group, claim.member)
      return [full, await remove(), await remove()]
    },
    [['NON_EMPTY_GROUP'], ['NONE'], ['GROUP_ID_NOT_FOUND']],
  ),
  check(
    'another node than the coordinator says so',
    async (kafka) => {
      const { group, claim } = await single(kafka)
      const { address } = await kafka.coordinator(group)
      const other = (await kafka.nodes()).find((node) => node.address !== address)
      const to = await kafka.node(other?.id ?? -1)
      return [
        failed(await to.ask(Heartbeat, { group, ...claim })),
        failed(
          await to.ask(JoinGroup, {
            group,
            sessionTimeout: 10_000,
            rebalanceTimeout: 10_000,
            member: '',
            protocolType: 'consumer',
            protocols: protocolsOf(['range']),
          }),
        ),
      ]
    },
    ['NOT_COORDINATOR', 'NOT_COORDINATOR'],
    2,
  ),
]

// Groups whose members the broker assigns (KIP-848).

import { only, said, byText } from '../asking.ts'
import { uniqueName, until } from '../broker.ts'
import { check } from '../check.ts'
import { errorName } from '../error-names.ts'
import { TOO_EARLY, advanced, beat, shareOf, settle, single, describe, REFUSED } from './beating.ts'
import { DescribeGroups } from '../../protocol/groups.ts'

export const consumerGroupChecks = [
  check(
    'one that joins gets all, and beats on',
    async (kafka) => {
      const { group, epoch, owned } = await single(kafka)
      const next = await beat(kafka, group, { epoch })
      return [
        shareOf({ assignment: { topics: owned } }),
        errorName(next.error),
        next.epoch === epoch,
        next.assignment,
        next.interval,
      ]
    },
    [[0, 1], 'NONE', true, null, 5_000],
  ),
  check(
    'version 0 lets the broker name the member',
    async (kafka) => {
      const joined = await beat(kafka, uniqueName('group'), { version: 0, member: '' })
      return [errorName(joined.error), (joined.member ?? '').length > 10]
    },
    ['NONE', true],
  ),
  ...REFUSED.map(([what, asked, error, message]) =>
    check(`${what} is refused`, async (kafka) => said(await beat(kafka, uniqueName('group'), asked)), [error, message]),
  ),
  check('no name of a group', async (kafka) => said(await beat(kafka, '')), [
    'INVALID_REQUEST',
    "GroupId can't be empty.",
  ]),
  check(
    'a second member gets its part when the first has given it back',
    async (kafka) => {
      const { group, topic, epoch, owned } = await single(kafka)
      const second = await beat(kafka, group, { member: 'two', topics: [topic] })
      const first = await settle(kafka, group, 'one', epoch, 1, owned)
      const other = await settle(kafka, group, 'two', second.epoch, 1)
      const shares = [first.owned, other.owned].flatMap((topics) => topics.flatMap(({ partitions }) => partitions))
      return shares.toSorted(byText)
    },
    [0, 1],
  ),
  check(
    'who leaves is out, and the group is empty',
    async (kafka) => {
      const { group, epoch } = await single(kafka)
      const left = await beat(kafka, group, { epoch: -1 })
      const after = await beat(kafka, group, { epoch })
      return [errorName(left.error), left.epoch, errorName(after.error), (await describe(kafka, group)).state]
    },
    ['NONE', -1, 'UNKNOWN_MEMBER_ID', 'Empty'],
  ),
  check(
    'a wrong epoch is fenced',
    async (kafka) => {
      const { group, epoch } = await single(kafka)
      const [error, message] = said(await beat(kafka, group, { epoch: epoch + 5 }))
      return [error, message?.includes('has a greater member epoch')]
    },
    ['FENCED_MEMBER_EPOCH', true],
  ),
  check(
    'who has not heard of its new epoch is told again',
    async (kafka) => {
      const { group, topic, other, before, epoch, owned } = await advanced(kafka)
      const again = await beat(kafka, group, { epoch: before, owned })
      const asked = { epoch: before, owned, rebalanceTimeout: 60_000, topics: [topic, other] }
      const complete = await beat(kafka, group, asked)
      return [errorName(again.error), again.epoch === epoch, shareOf(again), shareOf(complete)]
    },
    ['NONE', true, null, [0, 0, 1, 1]],
  ),
  check(
    'the epoch before is fenced where it does not say what the member has',
    async (kafka) => {
      const { group, before } = await advanced(kafka)
      const [error, message] = said(await beat(kafka, group, { epoch: before }))
      return [error, message?.includes('has a smaller member epoch')]
    },
    ['FENCED_MEMBER_EPOCH', true],
  ),
  check(
    'the epoch before is fenced where the member has what is not its own',
    async (kafka) => {
      const { group, before, owned } = await advanced(kafka)
      const more = owned.map(({ id }) => ({ id, partitions: [0, 1, 2] }))
      return said(await beat(kafka, group, { epoch: before, owned: more }))[0]
    },
    'FENCED_MEMBER_EPOCH',
  ),
  check(
    'an epoch before the one before is fenced',
    async (kafka) => {
      const { group, topic, other, first, epoch, owned, all } = await advanced(kafka)
      const third = await kafka.topic({ partitions: 1 })
      const next = await beat(kafka, group, { epoch, topics: [topic, other, third], owned: all })
      await settle(kafka, group, 'one', next.epoch, 5, next.assignment?.topics ?? all)
      return said(await beat(kafka, group, { epoch: first, owned }))[0]
    },
    'FENCED_MEMBER_EPOCH',
  ),
  check(
    'an unknown member, and an unknown group',
    async (kafka) => {
      const { group, epoch } = await single(kafka)
      return [
        errorName((await beat(kafka, group, { member: 'two', epoch })).error),
        errorName((await beat(kafka, uniqueName('group'), { epoch: 3 })).error),
      ]
    },
    ['UNKNOWN_MEMBER_ID', 'GROUP_ID_NOT_FOUND'],
  ),
  check(
    'a static member is one at a time',
    async (kafka) => {
      const { group, topic } = await single(kafka, { instance: 'i' })
      const second = await beat(kafka, group, { member: 'two', instance: 'i', topics: [topic] })
      await beat(kafka, group, { epoch: -2, instance: 'i' })
      const back = await beat(kafka, group, { member: 'two', instance: 'i', topics: [topic] })
      return [errorName(second.error), errorName(back.error), shareOf(back)]
    },
    ['UNRELEASED_INSTANCE_ID', 'NONE', [0, 1]],
  ),
  check(
    'a static member by the id of another is fenced',
    async (kafka) => {
      const { group, epoch } = await single(kafka, { instance: 'i' })
      return errorName((await beat(kafka, group, { member: 'two', instance: 'i', epoch })).error)
    },
    'FENCED_INSTANCE_ID',
  ),
  check(
    'a static member that leaves keeps its part for who comes next, and one that leaves for good does not',
    async (kafka) => {
      const { group, topic, epoch } = await single(kafka, { instance: 'i' })
      const left = await beat(kafka, group, { epoch: -2, instance: 'i' })
      const after = await beat(kafka, group, { epoch, instance: 'i' })
      const away = only((await describe(kafka, group)).members)
      const gone = await beat(kafka, group, { epoch: -1, instance: 'i' })
      const { members } = await describe(kafka, group)
      const next = await beat(kafka, group, { member: 'two', instance: 'i', topics: [topic] })
      return [
        [errorName(left.error), left.epoch],
        errorName(after.error),
        [away.epoch, shareOf(away)],
        [errorName(gone.error), gone.epoch, members.length],
        errorName(next.error),
      ]
    },
    [['NONE', -2], 'FENCED_MEMBER_EPOCH', [-2, [0, 1]], ['NONE', -1, 0], 'NONE'],
  ),
  check(
    'who leaves by the name of another is refused, and so is who is no member',
    async (kafka) => {
      const { group } = await single(kafka, { instance: 'i' })
      const leave = async (asked: Parameters<typeof beat>[2]) => errorName((await beat(kafka, group, asked)).error)
      return [
        await leave({ member: 'two', instance: 'i', epoch: -1 }),
        await leave({ member: 'two', instance: 'i', epoch: -2 }),
        await leave({ member: 'two', instance: 'j', epoch: -2 }),
        await leave({ member: 'two', epoch: -1 }),
      ]
    },
    ['FENCED_INSTANCE_ID', 'FENCED_INSTANCE_ID', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
  ),
  check(
    'a group is described with what each has',
    async (kafka) => {
      const { group, topic, epoch } = await single(kafka)
      const { error, state, assignor, members, ...described } = await describe(kafka, group)
      const { id, epoch: at, clientId, clientHost, topics, assignment, type } = only(members)
      return [
        errorName(error),
        state,
        assignor,
        described.epoch === epoch,
        id,
        at === epoch,
        clientId,
        clientHost,
        topics.join() === topic,
        shareOf({ assignment }),
        type,
      ]
    },
    ['NONE', 'Stable', 'uniform', true, 'one', true, 'conformance', '/127.0.0.1', true, [0, 1], 1],
  ),
  check(
    'a group that is not there is not described',
    async (kafka) => {
      const group = uniqueName('group')
      await kafka.coordinator(group)
      const [error, message] = said(
        await until(async () => {
          const answer = await describe(kafka, group)
          return !TOO_EARLY.includes(errorName(answer.error)) && answer
        }),
      )
      return [error, message?.replace(group, 'NAME')]
    },
    ['GROUP_ID_NOT_FOUND', 'Group NAME not found.'],
  ),
  check(
    'the classic way to describe knows nothing of it',
    async (kafka) => {
      const { group } = await single(kafka)
      const answer = only((await (await kafka.coordinator(group)).ask(DescribeGroups, { groups: [group] }, 5)).groups)
      return [errorName(answer.error), answer.state]
    },
    ['NONE', 'Dead'],
  ),
]

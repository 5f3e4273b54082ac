// Offsets of groups whose members the broker assigns (KIP-848).

import { commit, committed } from '../asking.ts'
import { check } from '../check.ts'
import { advanced, single } from './beating.ts'

export const consumerGroupOffsetChecks = [
  check(
    'a member commits in its epoch, and no other',
    async (kafka) => {
      const { group, topic, epoch } = await single(kafka)
      const of = (generation: number, member = 'one') =>
        commit(kafka, group, { topic, offset: 3 }, { generation, member })
      return [
        await of(epoch),
        await of(epoch + 1),
        await of(epoch, 'two'),
        await of(-1, ''),
        await committed(kafka, group, topic),
      ]
    },
    ['NONE', 'STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID', [3, '']],
  ),
  check(
    'a member commits in an epoch before, where it had the partition then',
    async (kafka) => {
      const { group, topic, other, first, epoch } = await advanced(kafka)
      const of = (name: string, generation: number) =>
        commit(kafka, group, { topic: name, offset: 3 }, { generation, member: 'one' })
      return [await of(topic, first), await of(other, first), await of(other, epoch), await of(topic, first - 1)]
    },
    ['NONE', 'STALE_MEMBER_EPOCH', 'NONE', 'STALE_MEMBER_EPOCH'],
  ),
  check(
    'a member asks for offsets in no epoch before',
    async (kafka) => {
      const { group, topic, first } = await advanced(kafka)
      return committed(kafka, group, topic, { member: 'one', memberEpoch: first })
    },
    'STALE_MEMBER_EPOCH',
  ),
  check(
    'a member asks for offsets in its epoch',
    async (kafka) => {
      const { group, topic, epoch } = await single(kafka)
      const as = (memberEpoch: number, member = 'one') => committed(kafka, group, topic, { member, memberEpoch })
      return [await as(epoch), await as(epoch + 1), await as(epoch, 'two')]
    },
    [[-1, ''], 'STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'],
  ),
]

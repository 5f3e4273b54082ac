// How a leader moves: as an operator has it, by another order of the replicas and an election (KIP-455, KIP-460).

import type { MoveLeader } from './broker.ts'
import { until } from './broker.ts'
import { throttle } from '../protocol/common.ts'
import { ElectLeaders } from '../protocol/leaders.ts'
import { api, int16, int32, list, nullableArray, nullableString, string } from '../protocol/types.ts'

const AlterPartitionReassignments = api(
  45,
  [0, 0],
  0,
  {
    timeout: int32,
    topics: list({ name: string, partitions: list({ index: int32, replicas: nullableArray(int32) }) }),
  },
  {
    throttle,
    error: int16,
    message: nullableString,
    topics: list({ name: string, partitions: list({ index: int32, error: int16, message: nullableString }) }),
  },
)

export const byReassignment: MoveLeader = async (kafka, name, index, to) => {
  const { replicas } = await kafka.leaderOf(name, index)
  const order = [to, ...replicas.filter((id) => id !== to)]
  const topics = [{ name, partitions: [{ index, replicas: order }] }]
  await until(async () => {
    await kafka.any.ask(AlterPartitionReassignments, { timeout: 30_000, topics })
    return (await kafka.leaderOf(name, index)).replicas[0] === to
  })
  await until(async () => {
    await kafka.any.ask(ElectLeaders, { type: 0, topics: [{ name, partitions: [index] }], timeout: 30_000 })
    return (await kafka.leaderOf(name, index)).leader === to
  })
}

// Moves a group to other offsets. Kafka allows that only while nobody of the group runs: a member would go on from what
// it knows, and commit over it.

import type { Admin, Kafka } from 'kafkajs'
import { Refused } from './refused.ts'

type Target = { to: 'earliest' } | { to: 'latest' } | { to: 'back'; records: number } | { to: 'time'; at: number }
export type Move = { group: string; really: boolean } & Target

type Step = { topic: string; partition: number; from: number | null; to: number; end: number }
/** `again` is how many records the group will see a second time, `skipped` how many it will never see. */
export type Moved = { group: string; done: boolean; steps: Step[]; again: number; skipped: number }

/** What the move is, and where it is really wanted, does it. Throws Refused while members run. */
export async function moveGroup(kafka: Kafka, topics: string[], move: Move): Promise<Moved> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const steps = await planMove(admin, topics, move)
    const plan = { group: move.group, done: false, steps, ...sums(steps) }
    if (!move.really) return plan
    const [group] = (await admin.describeGroups([move.group])).groups
    if (group?.members.length) {
      const names = group.members.map(({ clientId }) => clientId).join(', ')
      throw new Refused(
        `${move.group} cannot be moved while members run (${names}): they would commit over it. Stop them, move, and start them again.`,
      )
    }
    for (const topic of new Set(steps.map((step) => step.topic))) {
      const partitions = steps
        .filter((step) => step.topic === topic)
        .map(({ partition, to }) => ({ partition, offset: String(to) }))
      await admin.setOffsets({ groupId: move.group, topic, partitions })
    }
    return { ...plan, done: true }
  } finally {
    await admin.disconnect()
  }
}

async function planMove(admin: Admin, topics: string[], move: Move): Promise<Step[]> {
  const known = await admin.listTopics()
  const shown = topics.filter((topic) => known.includes(topic))
  const committed = shown.length ? await admin.fetchOffsets({ groupId: move.group, topics: shown }) : []
  const steps: Step[] = []
  for (const topic of shown) {
    const offsets = committed.find((each) => each.topic === topic)?.partitions ?? []
    if (offsets.every(({ offset }) => offset === '-1')) continue // the group does not read it
    const ends = await admin.fetchTopicOffsets(topic)
    const atTime = move.to === 'time' ? await admin.fetchTopicOffsetsByTimestamp(topic, move.at) : []
    for (const { partition, low, high } of ends.sort((a, b) => a.partition - b.partition)) {
      const offset = Number(offsets.find((each) => each.partition === partition)?.offset ?? -1)
      const from = offset < 0 ? null : offset
      const at = Number(atTime.find((each) => each.partition === partition)?.offset ?? high)
      steps.push({
        topic,
        partition,
        from,
        to: targetOf(move, { low: Number(low), high: Number(high), from, at }),
        end: Number(high),
      })
    }
  }
  if (!steps.length) throw new Refused(`${move.group} has committed nothing yet, so there is nothing to move.`)
  return steps
}

type Around = { low: number; high: number; from: number | null; at: number }

/** Where a partition is moved to; never beyond its ends. */
export function targetOf(move: Target, { low, high, from, at }: Around) {
  switch (move.to) {
    case 'earliest':
      return low
    case 'latest':
      return high
    case 'back':
      return Math.max(low, (from ?? low) - move.records)
    case 'time':
      return Math.min(high, Math.max(low, at))
  }
}

const sums = (steps: Step[]) => ({
  again: steps.reduce((sum, { from, to }) => sum + Math.max(0, (from ?? to) - to), 0),
  skipped: steps.reduce((sum, { from, to }) => sum + Math.max(0, to - (from ?? to)), 0),
})

// The committed offsets of all groups, as a log (Kafka has the topic __consumer_offsets for them): a commit costs a line
// at its end, however many offsets there are.

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Group } from './group.ts'
import { type CommittedOffset, storeOffset } from './group-offsets.ts'
import { readJson } from './json-file.ts'
import { type Journal, openJournal } from './log/journal.ts'
import type { Storage } from './log/storage.ts'
import { Committed, OffsetsFile } from './metadata-files.ts'
import { MAX_STRING } from './protocol/types.ts'

export type PartitionOffset = CommittedOffset & { topic: string; index: number }

const Entry = z.union([
  z.object({ group: z.string(), offsets: z.array(Committed) }),
  z.object({ group: z.string(), deleted: z.array(z.object({ topic: z.string(), index: z.int() })) }),
  z.object({ group: z.string(), gone: z.literal(true) }),
  z.object({ topic: z.string(), gone: z.literal(true) }), // with the offsets that every group has in it
])
type Entry = z.infer<typeof Entry>

export class CommittedOffsets {
  private groups: Map<string, Group>
  private groupOf: (id: string) => Group
  private journal?: Journal<Entry>

  constructor(groups: Map<string, Group>, groupOf: (id: string) => Group) {
    this.groups = groups
    this.groupOf = groupOf
  }

  /** Without those of topics that are not there: a kill has cut their deletion short. */
  load(folder: string, storage: Storage, isTopic: (name: string) => boolean) {
    const former = join(folder, 'offsets.json') // of before there was a log
    for (const { group, topic, index, ...offset } of readJson(former, OffsetsFile) ?? []) {
      const sayable = [group, offset.metadata ?? ''].every((text) => Buffer.byteLength(text) <= MAX_STRING)
      if (!sayable || !Number.isSafeInteger(offset.offset))
        storage.report(`offsets.json: what is no offset of a group is left out`)
      else storeOffset(this.groupOf(group).offsets, topic, index, offset)
    }
    const path = join(folder, 'consumer-offsets.log')
    this.journal = openJournal(
      path,
      storage,
      Entry,
      (entry) => this.apply(entry),
      () => this.all(),
    )
    const topics = [...this.groups.values()].flatMap(({ offsets }) => [...offsets.keys()])
    for (const topic of new Set(topics)) if (!isTopic(topic)) this.forgetTopic(topic)
    for (const [id, { offsets }] of this.groups) if (!offsets.size) this.groups.delete(id)
    if (!existsSync(former)) return
    this.journal.rewrite()
    rmSync(former)
  }

  commit(group: string, offsets: PartitionOffset[]) {
    if (offsets.length) this.change({ group, offsets: offsets.map(plain) })
  }

  forget(group: string, deleted: { topic: string; index: number }[]) {
    if (deleted.length) this.change({ group, deleted })
  }

  /** Of a group that is deleted. */
  forgetGroup(group: string) {
    this.change({ group, gone: true })
  }

  forgetTopic(topic: string) {
    if ([...this.groups.values()].some(({ offsets }) => offsets.has(topic))) this.change({ topic, gone: true })
  }

  private change(entry: Entry) {
    this.journal?.append(entry)
    this.apply(entry)
  }

  private apply(entry: Entry) {
    if ('topic' in entry) for (const { offsets } of this.groups.values()) offsets.delete(entry.topic)
    else if ('offsets' in entry) {
      const { offsets } = this.groupOf(entry.group)
      for (const { topic, index, ...offset } of entry.offsets) storeOffset(offsets, topic, index, offset)
    } else if ('deleted' in entry) {
      const { offsets } = this.groupOf(entry.group)
      for (const { topic, index } of entry.deleted) {
        offsets.get(topic)?.delete(index)
        if (!offsets.get(topic)?.size) offsets.delete(topic)
      }
    } else this.groups.delete(entry.group)
  }

  private *all(): Iterable<Entry> {
    for (const { id: group, offsets } of this.groups.values())
      for (const [topic, partitions] of offsets)
        for (const [index, offset] of partitions) yield { group, offsets: [{ topic, index, ...offset }] }
  }
}

const plain = ({ topic, index, offset, leaderEpoch, metadata }: PartitionOffset) => ({
  topic,
  index,
  offset,
  leaderEpoch,
  metadata,
})

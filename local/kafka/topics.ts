import type { Partition } from './partition.ts'
import { likeness } from './topic-names.ts'

export type Topic = { name: string; id: string; partitions: Partition[]; replication: number; configs: Record<string, string> }

/** All topics, found by name and by id as fast however many there are. */
export class Topics {
  private byName = new Map<string, Topic>()
  private byId = new Map<string, Topic>()
  private byLikeness = new Map<string, Topic>()

  get size() {
    return this.byName.size
  }
  has(name: string) {
    return this.byName.has(name)
  }
  get(name: string) {
    return this.byName.get(name)
  }
  withId(id: string) {
    return this.byId.get(id)
  }
  /** The topic beside which there can be none of this name. */
  like(name: string) {
    return this.byLikeness.get(likeness(name))
  }
  values() {
    return this.byName.values()
  }

  add(topic: Topic) {
    this.byName.set(topic.name, topic)
    this.byId.set(topic.id, topic)
    this.byLikeness.set(likeness(topic.name), topic)
  }
  delete({ name, id }: Topic) {
    this.byName.delete(name)
    this.byId.delete(id)
    this.byLikeness.delete(likeness(name))
  }
}

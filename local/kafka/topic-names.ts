// Names of topics, and of the files in which their records are.

import { createHash } from 'node:crypto'

const FOLDED = 200 // characters of a name that a file's name has room for beside a hash, a partition and an ending: 255 bytes in all

/** At most 249 characters, as in Kafka. */
export const isTopicName = (name: string) => /^[\w.-]{1,249}$/.test(name) && !/^\.\.?$/.test(name)

/** Equal for names that Kafka takes for one another, as its metrics have `_` in place of `.` */
export const likeness = (name: string) => name.replaceAll('.', '_')

/**
 * How files are named after a topic: no two topics alike, on a disk that folds case neither. No topic's own name has a `~`.
 */
export const fileName = (topic: string) =>
  topic === topic.toLowerCase() && topic.length <= FOLDED
    ? topic
    : `${topic.slice(0, FOLDED)}~${createHash('sha256').update(topic).digest('hex').slice(0, 16)}`

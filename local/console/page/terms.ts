// The words of the lecture, each explained in a line where it shows.

import { html } from 'lit-html'

const TERMS = {
  broker: 'A server of Kafka: it keeps the records of some partitions, and hands them out.',
  controller: 'The broker that keeps the list of topics, partitions and leaders for all brokers.',
  topic: 'A named, append-only sequence of records, cut into partitions.',
  partition: 'One part of a topic: the records in it have an order, and one member of a group reads it at a time.',
  record: 'One entry of a partition: key, value, headers and a time. It never changes.',
  offset: 'The place of a record in its partition, counted from 0.',
  producer: 'Whoever writes records. Here the API does, out of its outbox, after the answer.',
  consumer: 'Whoever reads records, and says how far it has come by committing an offset.',
  group: 'Consumers that share the partitions of a topic. Each group sees every record; within it, one member does.',
  replication:
    'Each partition is kept by several brokers. One of them leads; the others follow, and are in sync or not (ISR).',
  leader: 'The broker that takes the records of a partition. The others copy from it.',
  lag: 'How many records a group has not committed yet: end of the partition minus committed offset.',
  rebalance: 'The members of a group share the partitions out anew, because one came or went. Meanwhile nobody works.',
  session:
    'Kafka takes a member for dead when its heartbeats stay away that long. Until then its partitions stand still.',
  generation: 'Each time that the partitions are shared out anew, the group begins its next generation.',
  outbox:
    'A table of events that are to go to Kafka, written in the same statement as the product. Kafka can be down meanwhile.',
  lease: 'Who may publish from the outbox now. It ends by itself, should its holder die.',
  key: 'Records with one key go to one partition, so they keep their order.',
  commit: 'A group notes the offset from which it goes on, should its member die.',
  'dead letter':
    'A record that a group could never work with. It is set aside with the reason, so that the others go on.',
  murmur2:
    'The function that makes a number of the bytes of a key. Every Kafka client uses it, so all choose the same partition.',
} as const
export type Term = keyof typeof TERMS

const idOf = (term: string) => `term-${term.replaceAll(' ', '-')}`

/** The word, to be asked what it means. */
export const term = (name: Term, shown: string = name) =>
  html`<button type="button" class="term" popovertarget=${idOf(name)}>${shown}</button>`

/** All explanations, once a page. */
export const explanations = () =>
  Object.entries(TERMS).map(
    ([name, line]) =>
      html`<div popover id=${idOf(name)} class="explanation">
        <dfn>${name}</dfn>
        <p>${line}</p>
      </div>`,
  )

// Where ours answers otherwise than Apache Kafka 4.3.1, by the name of the case: what it answers, and why that is right.
// What Apache Kafka answers is what the case expects.

type Difference = { ours: unknown; why: string }

export const DIFFERENCES: Record<string, Difference> = {
  'metadata: the topic of committed offsets is internal': {
    ours: 0,
    why: 'Committed offsets are a log of their own, which no client reads: there are no internal topics.',
  },
  'fetch: a session is given to who begins one, and what has not changed is left out': {
    ours: [false, 1, 'NONE', 0],
    why: 'It gives no sessions, as a broker may (KIP-227): the id 0 tells clients to name all partitions each time.',
  },
  'configs: a way to change that nobody knows': {
    ours: 'INVALID_REQUEST',
    why: 'The request is wrong and says so; Apache Kafka fails on it by an exception that it does not expect.',
  },
  'committed offsets: a group may have an empty name to commit by': {
    ours: ['INVALID_GROUP_ID'],
    why: 'No request takes an empty name here. Apache Kafka keeps it for commits of clients of before 0.9, which it cannot speak to any more.',
  },
}

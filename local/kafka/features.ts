// What a cluster tells of its features (KIP-584): the levels that it can have, and the one that is in force. Names and
// levels are those of Apache Kafka 4.3.1. What is not here has level 0, which is not told as finalized: clients then do
// without it.

type Feature = { name: string; min: number; max: number; finalized: number }

export const FEATURES_EPOCH = 1 // of the levels in force, which never change

export const FEATURES: Feature[] = [
  { name: 'eligible.leader.replicas.version', min: 0, max: 0, finalized: 0 },
  { name: 'group.version', min: 0, max: 1, finalized: 1 }, // 1: groups of KIP-848
  { name: 'kraft.version', min: 0, max: 0, finalized: 0 }, // 0: who the controllers are never changes
  { name: 'metadata.version', min: 7, max: 30, finalized: 30 }, // 30: 4.3-IV0, by which tools tell the version of Kafka
  { name: 'share.version', min: 0, max: 0, finalized: 0 },
  { name: 'streams.version', min: 0, max: 0, finalized: 0 },
  { name: 'transaction.version', min: 0, max: 1, finalized: 1 }, // 2: producers' epochs move with each transaction (KIP-890)
]

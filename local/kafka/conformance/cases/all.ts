import type { Check } from '../check.ts'
import { committedOffsetChecks } from './committed-offsets.ts'
import { configChecks } from './configs.ts'
import { configChangeChecks } from './config-changes.ts'
import { consumerGroupOffsetChecks } from './consumer-group-offsets.ts'
import { consumerGroupChecks } from './consumer-groups.ts'
import { fetchChecks } from './fetch.ts'
import { fetchBoundChecks } from './fetch-bounds.ts'
import { groupChecks } from './groups.ts'
import { groupRuleChecks } from './group-rules.ts'
import { leaderChecks } from './leaders.ts'
import { metadataChecks } from './metadata.ts'
import { offsetChecks } from './offsets.ts'
import { produceChecks } from './produce.ts'
import { produceRuleChecks } from './produce-rules.ts'
import { topicChecks } from './topics.ts'
import { topicChangeChecks } from './topic-changes.ts'
import { transactionChecks } from './transactions.ts'
import { idempotenceChecks } from './idempotence.ts'
import { wireChecks } from './wire.ts'

/** All cases by what they are about; those that wait for timers come first. */
export const AREAS: Record<string, Check[]> = {
  groups: [...groupChecks, ...groupRuleChecks],
  transactions: [...transactionChecks, ...idempotenceChecks],
  'consumer groups': [...consumerGroupChecks, ...consumerGroupOffsetChecks],
  'committed offsets': committedOffsetChecks,
  wire: wireChecks,
  metadata: metadataChecks,
  produce: [...produceChecks, ...produceRuleChecks],
  fetch: [...fetchChecks, ...fetchBoundChecks],
  offsets: offsetChecks,
  topics: [...topicChecks, ...topicChangeChecks],
  configs: [...configChecks, ...configChangeChecks],
  leaders: leaderChecks,
}

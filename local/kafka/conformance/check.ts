import type { Broker } from './broker.ts'

/**
 * One case: what is seen of a broker, as plain data, and what is `expected` of it, which is what Apache Kafka 4.3.1
 * shows. `nodes` is how many of them it takes.
 */
export type Check = { name: string; observe: Observe; expected: unknown; nodes: number }
type Observe = (kafka: Broker) => Promise<unknown>

export const check = (name: string, observe: Observe, expected: unknown, nodes = 1): Check => ({
  name,
  observe,
  expected,
  nodes,
})

// A rolling restart under load, as an upgrade of Kafka is: each node in turn goes in peace and comes back, and nobody
// is to notice.

import { setTimeout } from 'node:timers/promises'
import type { Where } from './nodes/nodes.ts'
import { startPosts } from './posts.ts'
import { seeded } from './random.ts'
import { settle } from './settle.ts'
import { startStack } from './stack.ts'
import { whenUsable } from '../rig/topics.ts'
import { judge, type Result } from './result.ts'

export type Options = {
  times: number
  seed: number
  where: Where
  log?: (message: string) => void
  signal?: AbortSignal
}

const CALM = 1_000 // ms of load before the first node goes, and between two
const AWAY = 500 // ms that a node is away at least

/** Throws where a node did not come up again. */
export async function runRolling({ times, seed, where, log = () => {}, signal }: Options): Promise<Result> {
  const stack = await startStack(where, seeded(seed))
  const { nodes, ids, brokers } = stack.cluster
  const load = startPosts(seed, () => stack.workers.map((worker) => worker.url()))
  try {
    if (!nodes) throw new Error('The nodes of a cluster that is not ours are not restarted')
    for (let time = 1; time <= times; time++) {
      for (const node of ids) {
        await setTimeout(CALM, undefined, { signal })
        await nodes.down(node)
        await setTimeout(AWAY, undefined, { signal })
        await nodes.up()
        await whenUsable(brokers, Object.values(stack.topics))
        signal?.throwIfAborted()
        log(`${String(time).padStart(4)}/${times}  node ${node} was restarted, ${load.answered()} answers so far`)
      }
    }
    const report = await load.stop()
    const { state, records } = await settle(stack, signal)
    return judge({ load: report, state, records, sendings: stack.sendings(), disturbances: [], topics: stack.topics })
  } finally {
    await load.stop()
    await stack.stop()
  }
}

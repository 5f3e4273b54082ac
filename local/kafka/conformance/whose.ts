import { openBroker } from './broker.ts'
import { byReassignment } from './moves.ts'
import { DescribeConfigs } from '../protocol/configs.ts'

const BROKER = 4
const OF_APACHE = 'num.network.threads' // a setting of what ours has none of

/** Whether the brokers are ours, and how many there are. */
export async function isOurs(bootstrap: string[]) {
  const kafka = await openBroker(bootstrap, byReassignment)
  try {
    const nodes = await kafka.nodes()
    const first = nodes[0]
    if (!first) throw new Error(`no node of ${bootstrap.join()} is known`)
    const asked = { type: BROKER, name: `${first.id}`, keys: [OF_APACHE] }
    const { results } = await (await kafka.node(first.id)).ask(DescribeConfigs, { resources: [asked] })
    return { ours: results[0]?.configs.length === 0, nodes: nodes.length }
  } finally {
    kafka.close()
  }
}

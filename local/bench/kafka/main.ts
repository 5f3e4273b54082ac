// npm run kafka:bench [-- --rounds N --megabytes N --log N]: the local Kafka beside Apache Kafka, alternating in one run.

import { parseArgs } from 'node:util'
import { errorMessage } from '../../machine/error-message.ts'
import { wholeNumber } from '../../machine/whole-number.ts'
import { percentile } from '../../rig/percentile.ts'
import { heading, ratios, row, show, spread } from '../statistics.ts'
import type { Broker } from '../../kafka/clients/brokers.ts'
import { openBrokers } from './brokers.ts'
import { openCommits } from './commits.ts'
import { measureFootprint } from './footprint.ts'
import { openLongPolls } from './long-polls.ts'
import { consume, produce } from './perf-tools.ts'

const MEGABYTE = 1_000_000
const LOADS = [100, 1_000].flatMap((size) => ['1', 'all'].map((acks) => ({ size, acks })))

const exit = () => process.exit(130)
process.once('SIGINT', exit).once('SIGTERM', exit)
try {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      megabytes: { type: 'string', default: '100' },
      log: { type: 'string', default: '1000' },
    },
  })
  const rounds = wholeNumber('--rounds', values.rounds, 1, 1_000)
  const megabytes = wholeNumber('--megabytes', values.megabytes, 1, 100_000)
  const log = wholeNumber('--log', values.log, 1, 100_000)
  await using brokers = await openBrokers()
  await compare(brokers, rounds, megabytes)
  await measureFootprint(brokers.local, log)
} catch (error) {
  console.error(`npm run kafka:bench: ${errorMessage(error)}`)
  process.exitCode = 1
}

async function compare({ local, apache }: { local: Broker; apache: Broker }, rounds: number, megabytes: number) {
  const figures = new Map<string, Map<Broker, number[]>>()
  const keep = (what: string, broker: Broker, figure: number) => {
    const of = figures.get(what) ?? new Map<Broker, number[]>()
    figures.set(what, of.set(broker, [...(of.get(broker) ?? []), figure]))
  }
  await using opened = new AsyncDisposableStack()
  const open = async (broker: Broker) => ({
    broker,
    commits: opened.use(await openCommits(broker.address)),
    polls: opened.use(await openLongPolls(broker.address)),
  })
  const subjects = [await open(local), await open(apache)]
  for (let round = 0; round < rounds; round++)
    for (const { broker, commits, polls } of round % 2 ? subjects.toReversed() : subjects) {
      for (const { size, acks } of LOADS) {
        const load = { topic: `perf-${size}-${acks}-${round}`, records: (megabytes * MEGABYTE) / size, size, acks }
        keep(`produce, ${size} B, acks ${acks}, records/s`, broker, await produce(broker.address, load))
        if (acks === 'all') keep(`consume, ${size} B, records/s`, broker, await consume(broker.address, load))
      }
      keep('commit of an offset, p50 ms', broker, percentile(await commits.commit(), 0.5))
      keep('produce that wakes 1,000 long polls, p50 ms', broker, percentile(await polls.send(), 0.5))
    }
  console.log(`\n${heading('', local.name, apache.name, 'ratio')}`)
  for (const [what, of] of figures) {
    const [ours, theirs] = [of.get(local) ?? [], of.get(apache) ?? []]
    console.log(row(what, show(spread(ours)), show(spread(theirs)), show(ratios(ours, theirs))))
  }
}

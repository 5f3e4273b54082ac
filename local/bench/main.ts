// npm run bench [-- --rounds N --seconds S | --soak N | --backlog N]: how fast it is, as ratios of subjects that
// alternate in one run.

import { parseArgs } from 'node:util'
import { timeAcknowledgements } from './acknowledgement.ts'
import { measureBacklog } from './backlog.ts'
import { type Call, load } from './load.ts'
import { usage } from './processes.ts'
import { soak } from './soak.ts'
import { type Stack, startStack } from './stack.ts'
import { ratios, show, spread } from './statistics.ts'
import { wholeNumber } from '../machine/whole-number.ts'
import { percentile } from '../rig/percentile.ts'

const POST: Call = { method: 'POST', path: '/products', body: '{"name":"Kanelbulle","price":"24.90","quantity":12}' }
const CONNECTIONS = [1, 32, 128]
const WARM_UP = 2 // s
const MOST = 999_999_999

const options = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  soak: { type: 'string' },
  backlog: { type: 'string' },
} as const
const { values } = parseArgs({ options })
const rounds = wholeNumber('--rounds', values.rounds, 1, MOST)
const seconds = wholeNumber('--seconds', values.seconds, 1, MOST)
const backlog = values.backlog === undefined ? undefined : wholeNumber('--backlog', values.backlog, 1, MOST)
const requests = values.soak === undefined ? undefined : wholeNumber('--soak', values.soak, 1, MOST)

process.setMaxListeners(20) // each process of the stack ends with this one
const exit = () => process.exit(130)
process.once('SIGINT', exit).once('SIGTERM', exit)
await using stack = await startStack()
process.off('SIGINT', exit).off('SIGTERM', exit)
const interrupted = () => void stack[Symbol.asyncDispose]().finally(() => process.exit(130))
process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
if (backlog !== undefined) await measureBacklog(stack.unused, backlog)
else if (requests === undefined) await compare(stack)
else await soak(stack, POST, requests)
process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted)

async function compare(stack: Stack) {
  const subjects = {
    POST: (connections: number) => load(stack.api.url, POST, connections, seconds),
    'GET list': (connections: number) => load(stack.api.url, { path: '/products' }, connections, seconds),
    'GET by id': (connections: number) => load(stack.api.url, { path: '/products/1' }, connections, seconds),
    'no-op Worker': (connections: number) => load(stack.noop.url, { path: '/' }, connections, seconds),
    'one subrequest': (connections: number) => load(stack.subrequest.url, { path: '/' }, connections, seconds),
    'one insert': (connections: number) => load(stack.insert.url, POST, connections, seconds),
    'one insert with its event': (connections: number) => load(stack.insertWithEvent.url, POST, connections, seconds),
    'POST, unpublished': (connections: number) => load(stack.unpublished.url, POST, connections, seconds),
    'producer per request': (connections: number) => load(stack.rival.url, POST, connections, seconds),
  }
  for (const { url } of [
    stack.api,
    stack.insert,
    stack.insertWithEvent,
    stack.unpublished,
    stack.rival,
    stack.counted,
    stack.dead,
  ])
    await load(url, POST, 4, WARM_UP)
  for (const { url } of [stack.noop, stack.subrequest]) await load(url, { path: '/' }, 4, WARM_UP)

  console.log('\nRequests a second, as a share of those of another: median (minimum-maximum) of the rounds\n')
  console.log(
    '| connections | subject | of the no-op Worker | of one subrequest | of a producer per request |\n| --- | --- | --- | --- | --- |',
  )
  for (const connections of CONNECTIONS) {
    const rates = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, run] of Object.entries(subjects)) rates.get(name)?.push((await run(connections)).rate)
      await stack.forgetUnpublished()
    }
    const of = (name: string) => rates.get(name) ?? []
    for (const name of [
      'POST',
      'GET list',
      'GET by id',
      'one subrequest',
      'one insert',
      'one insert with its event',
      'POST, unpublished',
    ])
      console.log(
        `| ${connections} | ${name} | ${['no-op Worker', 'one subrequest', 'producer per request'].map((other) => show(ratios(of(name), of(other)))).join(' | ')} |`,
      )
  }
  await publishing(stack)
  await withoutBroker(stack)
}

/** What it takes to publish, at 32 connections. */
async function publishing(stack: Stack) {
  const opened = stack.connections()
  const counted = await load(stack.counted.url, POST, 32, seconds * rounds)
  console.log(`\nKafka connections per POST: ${((stack.connections() - opened) / counted.count).toFixed(4)}`)

  const pids = { workerd: stack.api.pid, ...stack.pids }
  const before = await Promise.all(Object.values(pids).map(usage))
  const { count } = await load(stack.api.url, POST, 32, seconds * rounds)
  const after = await Promise.all(Object.values(pids).map(usage))
  const used = Object.keys(pids).map(
    (name, i) => `${name} ${Math.round(((after[i]?.cpu ?? 0) - (before[i]?.cpu ?? 0)) / count)}`,
  )
  console.log(`CPU per POST, microseconds: ${used.join(', ')}`)

  await using acknowledgements = await timeAcknowledgements(stack.databaseUrl)
  await load(stack.api.url, POST, 32, seconds * rounds)
  const ms = await acknowledgements.milliseconds()
  console.log(
    `From commit to acknowledgement, ms: p50 ${percentile(ms, 0.5).toFixed(0)}, p99 ${percentile(ms, 0.99).toFixed(0)} of ${ms.length}`,
  )
}

async function withoutBroker(stack: Stack) {
  const live: number[] = []
  const dead: number[] = []
  for (let round = 0; round < rounds; round++) {
    live.push((await load(stack.api.url, POST, 32, seconds)).p99)
    dead.push((await load(stack.dead.url, POST, 32, seconds)).p99)
  }
  console.log(
    `p99 of POST, the broker dead, of that with the broker alive: ${show(ratios(dead, live))}; alive, ms: ${show(spread(live), 0)}`,
  )
}

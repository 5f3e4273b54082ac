// The API, beside Workers that do less, on three counts of connections.

import { timeAcknowledgements } from './acknowledgement.ts'
import { withCpu } from './cpu.ts'
import { load, POST } from './load.ts'
import type { Services } from './services.ts'
import { type Stack, startStack } from './stack.ts'
import { heading, ratios, row, show, spread } from './statistics.ts'
import { percentile } from '../rig/percentile.ts'

const SUBJECTS = [
  'POST',
  'GET list',
  'GET by id',
  'one subrequest',
  'one insert',
  'one insert with its event',
  'POST, unpublished',
]
const OTHERS = ['no-op Worker', 'one subrequest', 'producer per request']

export type Effort = { rounds: number; seconds: number; connections: number[] }

export async function compare(services: Services, effort: Effort) {
  const stack = await startStack(services)
  const warmUp = { connections: 4, seconds: effort.seconds }
  const { api, insert, insertWithEvent, unpublished, rival, counted, dead, noop, subrequest } = stack
  for (const { url } of [api, insert, insertWithEvent, unpublished, rival, counted, dead]) await load(url, POST, warmUp)
  for (const { url } of [noop, subrequest]) await load(url, { path: '/' }, warmUp)

  console.log('\nRequests a second, as a share of those of another: median (minimum-maximum) of the rounds\n')
  console.log(
    heading('connections', 'subject', 'of the no-op Worker', 'of one subrequest', 'of a producer per request'),
  )
  for (const connections of effort.connections) await compareAt(connections, stack, effort)
  await publishing(stack, effort)
  await withoutBroker(stack, effort)
}

async function compareAt(connections: number, stack: Stack, { rounds, seconds }: Effort) {
  const pace = { connections, seconds }
  const subjects = {
    POST: () => load(stack.api.url, POST, pace),
    'GET list': () => load(stack.api.url, { path: '/products' }, pace),
    'GET by id': () => load(stack.api.url, { path: '/products/1' }, pace),
    'no-op Worker': () => load(stack.noop.url, { path: '/' }, pace),
    'one subrequest': () => load(stack.subrequest.url, { path: '/' }, pace),
    'one insert': () => load(stack.insert.url, POST, pace),
    'one insert with its event': () => load(stack.insertWithEvent.url, POST, pace),
    'POST, unpublished': () => load(stack.unpublished.url, POST, pace),
    'producer per request': () => load(stack.rival.url, POST, pace),
  }
  const rates = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(subjects)) rates.get(name)?.push((await run()).rate)
    await stack.forgetUnpublished()
  }
  const of = (name: string) => rates.get(name) ?? []
  for (const name of SUBJECTS)
    console.log(row(connections, name, ...OTHERS.map((other) => show(ratios(of(name), of(other))))))
}

/** What it takes to publish, at 32 connections. */
async function publishing(stack: Stack, { rounds, seconds }: Effort) {
  const pace = { connections: 32, seconds: seconds * rounds }
  const opened = stack.connections()
  const counted = await load(stack.counted.url, POST, pace)
  console.log(`\nKafka connections per POST: ${((stack.connections() - opened) / counted.count).toFixed(4)}`)

  const pids = { workerd: stack.api.pid, ...stack.pids }
  const { cpu } = await withCpu(pids, () => load(stack.api.url, POST, pace))
  const used = [...cpu].map(([name, microseconds]) => `${name} ${Math.round(microseconds)}`)
  console.log(`CPU per POST, microseconds: ${used.join(', ')}`)

  await using acknowledgements = await timeAcknowledgements({ databaseUrl: stack.databaseUrl, url: stack.api.url })
  await load(stack.api.url, POST, pace)
  const ms = await acknowledgements.milliseconds()
  console.log(
    `From commit to acknowledgement, ms: p50 ${percentile(ms, 0.5).toFixed(0)}, p99 ${percentile(ms, 0.99).toFixed(0)} of ${ms.length}`,
  )
}

async function withoutBroker(stack: Stack, { rounds, seconds }: Effort) {
  const pace = { connections: 32, seconds }
  const live: number[] = []
  const dead: number[] = []
  for (let round = 0; round < rounds; round++) {
    live.push((await load(stack.api.url, POST, pace)).p99)
    dead.push((await load(stack.dead.url, POST, pace)).p99)
  }
  console.log(
    `p99 of POST, the broker dead, of that with the broker alive: ${show(ratios(dead, live))}; alive, ms: ${show(spread(live), 0)}`,
  )
}

// How fast one publisher empties an outbox, beside how fast single creations fill it in the same run.

import { insertOne } from '../../lib/products/statements.ts'
import { neon } from '@neondatabase/serverless'
import { createTopics, deleteTopics } from '../rig/topics.ts'
import { newClient } from '../machine/pg-client.ts'
import { query } from '../rig/history.ts'
import { create, type Outbox, whenDrained, whenNone } from './drained.ts'
import { asSuperuser, fillOutbox } from './fill.ts'
import { load, POST } from './load.ts'
import { type Services, TOPICS } from './services.ts'
import { heading, ratios, row, show, spread } from './statistics.ts'

const CONNECTIONS = 32

type Subject = Outbox & { name: string; database: string }

/** `kafka` has brokers of yours, by comma: then they are emptied into as well. */
export async function measureScale(
  services: Services,
  { events, kafka }: { events: number; kafka: string | undefined },
  { rounds, seconds }: { rounds: number; seconds: number },
) {
  const open = async (name: string, database: string, brokers: string, topics: typeof TOPICS): Promise<Subject> => {
    const databaseUrl = await services.createDatabase(database)
    const bindings = { ...services.env(databaseUrl, brokers), ...topics }
    return { name, database, databaseUrl, url: (await services.startWorker('api', bindings)).url }
  }
  const emulator = await open('the emulator', 'bench_emulator', services.brokers, TOPICS)
  const outboxes = [emulator]
  if (kafka !== undefined) outboxes.push(await open(kafka, 'bench_kafka', kafka, await ownTopics(services, kafka)))
  const unpublished = await services.createDatabase('bench_unpublished')
  const pace = { connections: CONNECTIONS, seconds }
  for (const outbox of outboxes) {
    await load(outbox.url, POST, pace)
    await whenDrained(outbox)
  }

  const rates = new Map<string, number[]>()
  const keep = (name: string, rate: number) => rates.set(name, [...(rates.get(name) ?? []), rate])
  for (let round = 0; round < rounds; round++) {
    keep('statement', await insertRate(unpublished, seconds))
    keep('POST', (await load(emulator.url, POST, pace)).rate)
    await whenDrained(emulator)
    for (const outbox of outboxes) keep(outbox.name, await emptyRate(services, outbox, events))
  }
  const of = (name: string) => rates.get(name) ?? []
  console.log(`\nEvents a second of one publisher with ${events} waiting, beside creations a second\n`)
  console.log(heading('into', 'events a second', 'of the statement of POST in Postgres', 'of POST'))
  for (const { name } of outboxes) {
    const shares = ['statement', 'POST'].map((other) => show(ratios(of(name), of(other))))
    console.log(row(name, show(spread(of(name)), 0), ...shares))
  }
  for (const name of ['statement', 'POST']) console.log(`A second, of the ${name}: ${show(spread(of(name)), 0)}`)
}

/** Events a second, from the first request that asks for a publisher to the last event that is gone. */
async function emptyRate({ superuserUrlOf }: Services, outbox: Subject, events: number) {
  const last = await asSuperuser(superuserUrlOf(outbox.database), (client) => fillOutbox(client, events))
  const began = performance.now()
  await create(outbox.url)
  await whenNone(outbox, 'select from outbox where id = $1', [last])
  const rate = events / ((performance.now() - began) / 1000)
  console.log(`${events} events into ${outbox.name}: ${rate.toFixed(0)} a second`)
  await whenDrained(outbox)
  return rate
}

/** How often a second Postgres runs the statement of POST, over connections of its own protocol, unnamed as Neon's. */
async function insertRate(url: string, seconds: number) {
  const product = { name: 'Kanelbulle', price: '24.90', quantity: 12 }
  const { queryData } = insertOne(neon(url), product, { eventId: crypto.randomUUID() })
  if (!('toParameterizedQuery' in queryData)) throw new Error('It is no template')
  const { query: text, params } = queryData.toParameterizedQuery()
  const clients = Array.from({ length: CONNECTIONS }, () => newClient(url))
  await Promise.all(clients.map((client) => client.connect()))
  const end = performance.now() + seconds * 1000
  const insert = async (client: (typeof clients)[number]) => {
    let count = 0
    for (; performance.now() < end; count++) await client.query(text, params)
    return count
  }
  const counts = await Promise.all(clients.map(insert))
  await Promise.all(clients.map((client) => client.end()))
  await query(url, 'truncate outbox')
  return counts.reduce((sum, count) => sum + count, 0) / seconds
}

/** Topics that are there as long as the services are. */
async function ownTopics(services: Services, kafka: string): Promise<typeof TOPICS> {
  const suffix = crypto.randomUUID()
  const topics = { PRODUCTS_TOPIC: `bench.created.${suffix}`, PRODUCTS_CHANGED_TOPIC: `bench.changed.${suffix}` }
  const brokers = kafka.split(',')
  await createTopics(brokers, Object.values(topics))
  services.use({ [Symbol.asyncDispose]: () => deleteTopics(brokers, Object.values(topics)) })
  return topics
}

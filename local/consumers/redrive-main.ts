// `npm run redrive`: sends dead letters again, each to the one group that failed; the others skip it.

import { parseArgs } from 'node:util'
import { errorMessage } from '../machine/error-message.ts'
import { plain } from '../machine/plain.ts'
import { createTables, openDatabase } from './database.ts'
import type { DeadLetter } from './dead-letters.ts'
import { findStack } from './environment.ts'
import { createTopics, deadLetterTopic, openKafka, topicsOf } from './kafka.ts'
import { listDeadLetters, redrive } from './redrive.ts'

const USAGE = `npm run redrive -- [ID…] [--group GROUP] [--list]
  ID…             the events, by their ce_id: all dead letters that were not sent again yet where none is named
  --group GROUP   only those of this group
  --list          shows them, and sends nothing`

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { group: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) console.log(USAGE)
  else await run(positionals, values)
} catch (error) {
  console.error(`npm run redrive: ${errorMessage(error)}`)
  process.exitCode = 1
}
process.exit()

async function run(ids: string[], { group, list }: { group?: string | undefined; list?: boolean | undefined }) {
  const { config } = findStack()
  const kafka = openKafka(config, 'redrive')
  const pool = openDatabase(config.DATABASE_URL)
  const topics = topicsOf(config)
  await createTables(pool)
  await createTopics(kafka, topics)
  const letters = (await listDeadLetters(kafka, pool, topics.map(deadLetterTopic))).filter(
    ({ groupId, eventId }) => (group ?? groupId) === groupId && (!ids.length || ids.includes(eventId ?? '')),
  )
  for (const letter of letters) console.log(describe(letter))
  if (!list) await redrive(kafka, pool, letters)
  console.log(`${letters.length} dead letter${letters.length === 1 ? '' : 's'}${list ? '' : ' sent again'}`)
  await pool.end()
}

function describe({ topic, partition, offset, source, groupId, deliveries, message, eventId }: DeadLetter) {
  const from = `${source.topic} ${source.partition} ${source.offset}`
  const failure = `failed in ${groupId} at attempt ${deliveries}: ${message}`
  return plain(`${topic} ${partition} ${offset}: ${eventId ?? 'no ce_id'}, of ${from}, ${failure}`)
}

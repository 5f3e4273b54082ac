// `npm run kafka:clients`: real clients do the same on Apache Kafka and on the local one, and what they say of both is
// compared. A client whose tools are not there is named and left out.
//   npm run kafka:clients -- [--only NAME] [--rounds 2] [--verbose]
// --only takes a part of a client's name, --rounds how often Kafka Streams is killed.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { errorMessage } from '../../machine/error-message.ts'
import { wholeNumber } from '../../machine/whole-number.ts'
import { type Broker, startBrokers } from './brokers.ts'
import { type Client, CLIENTS, HOME } from './clients.ts'
import { compare, type Row } from './compare.ts'
import { DIFFERENCES } from './differences.ts'
import { CommandError } from './run.ts'

const { only, verbose, rounds } = options()

function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: '' },
        rounds: { type: 'string', default: '2' },
        verbose: { type: 'boolean', default: false },
      },
    })
    return { ...values, rounds: wholeNumber('--rounds', values.rounds, 1, 1_000) }
  } catch (error) {
    console.error(`npm run kafka:clients: ${errorMessage(error)}`)
    return process.exit(2)
  }
}
const missing = (commands: string[]) =>
  commands.find((command) => spawnSync(command, { shell: true, stdio: 'ignore' }).status !== 0)

/** The folder of a client in this version, which holds all that it takes. */
async function got({ name, version, get }: Client) {
  const home = join(HOME, `${name.replaceAll(/[^\w-]/g, '')}-${version}`)
  const complete = join(home, '.complete')
  if (existsSync(complete)) return home
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  await get?.(home)
  await writeFile(complete, '')
  return home
}

/** What a client has said, up to where it failed. */
async function said(client: Client, broker: Broker, home: string, folder: string) {
  try {
    return { output: await client.use(broker, { home, folder, rounds }) }
  } catch (error) {
    const output = error instanceof CommandError ? error.stdout : ''
    return { output, failure: `on ${broker.name}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function compareOn(brokers: [Broker, Broker], client: Client, home: string, root: string) {
  const folder = join(root, client.name.replaceAll(/\W/g, ''))
  await mkdir(folder)
  await client.build?.({ home, folder, rounds })
  const [real, ours] = await Promise.all([
    said(client, brokers[0], home, folder),
    said(client, brokers[1], home, folder),
  ])
  return {
    rows: compare(real.output, ours.output, DIFFERENCES[client.name] ?? []),
    failures: [real, ours].flatMap(({ failure }) => failure ?? []),
  }
}

const SAYS: Record<Row['verdict'], (row: Row) => string> = {
  same: () => 'same',
  known: ({ why }) => `differs: ${why}`,
  stale: ({ why }) => `SAME, though it is said to differ: ${why}`,
  differs: () => 'DIFFERS',
}

function print({ name, version }: Client, rows: Row[]) {
  for (const row of rows) {
    const isWrong = row.verdict === 'differs' || row.verdict === 'stale'
    if (isWrong || verbose || row.verdict === 'known')
      console.log(`${name} | ${row.session} | ${SAYS[row.verdict](row)}`)
    if (isWrong || verbose) for (const line of row.lines) console.log(`    ${line.slice(0, 300)}`)
  }
  const count = (verdict: Row['verdict']) => rows.filter((row) => row.verdict === verdict).length
  console.log(`${name} ${version}: ${count('same')} sessions the same, ${count('known')} known to differ`)
}

const folder = await mkdtemp(join(tmpdir(), 'kafka-clients-'))
let wrong = 0
try {
  if (missing(['java -version', 'mvn -v', 'openssl version']))
    console.log('Nothing is compared: Apache Kafka takes Java, Maven and openssl')
  else {
    const brokers = await startBrokers(folder)
    try {
      for (const client of CLIENTS.filter(({ name }) => name.includes(only))) {
        const lacks = missing(client.needs)
        if (lacks) {
          console.log(`${client.name}: left out, as there is no \`${lacks}\``)
          continue
        }
        const began = Date.now()
        const home = await got(client)
        const ready = Date.now()
        const { rows, failures } = await compareOn(brokers, client, home, folder)
        print(client, rows)
        for (const failure of failures) console.log(`${client.name} failed ${failure}`)
        wrong += failures.length + rows.filter(({ verdict }) => verdict === 'differs' || verdict === 'stale').length
        console.log(`    got in ${ready - began} ms, compared in ${Date.now() - ready} ms`)
      }
    } finally {
      await Promise.all(brokers.map((broker) => broker.stop()))
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
console.log(wrong ? `${wrong} wrong` : 'Nothing differs but what is known')
process.exit(wrong ? 1 : 0)

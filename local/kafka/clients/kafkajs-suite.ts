// `npm run kafka:kafkajs`: KafkaJS's own tests, as they are at the release that we use, on three nodes of Apache Kafka
// and of the local one. It counts, and names what passes on one of them only. What takes TLS, SASL or ACLs fails on
// both, as only plaintext is offered.
//   npm run kafka:kafkajs -- [PART OF A PATH OF TESTS]
// KAFKAJS_REPOSITORY names another place to clone it from.

import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { HOME } from './clients.ts'
import { type Broker, startThreeNodes } from './brokers.ts'
import { CommandError, run } from './run.ts'

const VERSION = '2.2.4' // of package.json
const COMMIT = 'c08472878724ce5fc62a9a9aa865255d7e7682a6'
const REPOSITORY = process.env.KAFKAJS_REPOSITORY ?? 'https://github.com/tulios/kafkajs.git'
const TIME = 40 * 60_000 // ms for one broker
const CLOSED = 1 // a port on which nobody listens, for what takes TLS
const JEST = ['--ci', '--forceExit', '--silent', '--maxWorkers=2', '--reporters=default', '--json']

const Results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

async function getSuite() {
  const suite = join(HOME, `kafkajs-suite-${VERSION}`)
  if (!existsSync(join(suite, 'node_modules/.yarn-integrity'))) {
    await rm(suite, { recursive: true, force: true })
    await run('git', ['clone', '--quiet', '--depth', '1', '--branch', `v${VERSION}`, REPOSITORY, suite])
    const yarn = ['install', '--frozen-lockfile', '--ignore-scripts', '--ignore-engines', '--silent', '--cwd', suite]
    await run('npx', ['--yes', 'yarn@1.22.22', ...yarn])
  }
  const commit = (await run('git', ['-C', suite, 'rev-parse', 'HEAD'])).trim()
  if (commit !== COMMIT) throw new Error(`${suite} is at ${commit}, and v${VERSION} was ${COMMIT}`)
  return suite
}

/** The tests have their ports in one file. */
async function usePorts(suite: string, brokers: string[]) {
  const path = join(suite, 'testHelpers/index.js')
  await run('git', ['-C', suite, 'checkout', '--quiet', '--', path])
  const ports = brokers.map((address) => address.replace(/.*:/, ''))
  const port = (known: string) => ports[['9092', '9095', '9098'].indexOf(known)] ?? String(CLOSED)
  await writeFile(path, (await readFile(path, 'utf8')).replace(/\b(909[2-9]|9100)\b/g, port))
}

/** What became of each test, by its name. */
async function test(suite: string, broker: Broker, folder: string) {
  await usePorts(suite, broker.address.split(','))
  const file = join(folder, `${broker.name}.json`)
  const args = [join(suite, 'node_modules/jest/bin/jest.js'), '--rootDir', suite, ...JEST, `--outputFile=${file}`]
  const env = { NODE_ENV: 'test', KAFKA_VERSION: '2.4', KAFKAJS_DEBUG_PROTOCOL_BUFFERS: '1', NODE_NO_WARNINGS: '1' }
  await run(process.execPath, [...args, ...process.argv.slice(2)], { env, cwd: suite, timeout: TIME }).catch(
    (error) => {
      if (!(error instanceof CommandError && existsSync(file))) throw error // tests that fail are counted below
    },
  )
  const { testResults } = Results.parse(JSON.parse(await readFile(file, 'utf8')))
  return new Map(
    testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => [`${name.slice(suite.length + 1)}: ${fullName}`, status]),
    ),
  )
}

const suite = await getSuite()
const folder = await mkdtemp(join(tmpdir(), 'kafkajs-suite-'))
const results: Map<string, string>[] = []
try {
  for (const start of startThreeNodes(folder)) {
    const broker = await start()
    try {
      const result = await test(suite, broker, folder)
      const count = (status: string) => [...result.values()].filter((each) => each === status).length
      console.log(`${broker.name}: ${count('passed')} passed, ${count('failed')} failed, ${count('pending')} skipped`)
      results.push(result)
    } finally {
      await broker.stop()
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const [real, ours] = results
const names = new Set([...(real?.keys() ?? []), ...(ours?.keys() ?? [])])
const differing = [...names].filter((name) => real?.get(name) !== ours?.get(name))
for (const name of differing) console.log(`${real?.get(name)} on Apache Kafka, ${ours?.get(name)} here: ${name}`)
process.exit(differing.some((name) => real?.get(name) === 'passed') ? 1 : 0)

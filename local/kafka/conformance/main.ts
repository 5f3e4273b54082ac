// npm run kafka:conformance [-- HOST:PORT[,HOST:PORT...]]: every case against these brokers; without, against ours.

import { startVitest } from 'vitest/node'
import { DIFFERENCES } from './differences.ts'

const ADDRESSES = /^[\w.-]+:\d+(,[\w.-]+:\d+)*$/
const [brokers, ...more] = process.argv.slice(2)

if (more.length || (brokers !== undefined && !ADDRESSES.test(brokers))) {
  console.error('npm run kafka:conformance [-- HOST:PORT[,HOST:PORT...]]')
  process.exitCode = 2
} else {
  if (brokers) process.env.TEST_KAFKA_BOOTSTRAP_SERVERS = brokers
  else delete process.env.TEST_KAFKA_BOOTSTRAP_SERVERS
  const vitest = await startVitest('test', [], { config: 'local/kafka/conformance/vitest.config.ts', watch: false })
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
  const count = (state: string) => tests.filter((each) => each.result().state === state).length
  const differing = brokers ? '' : `, ${Object.keys(DIFFERENCES).length} of them in a way that is ours`
  console.log(
    `${brokers ?? 'Ours'}: ${count('passed')} passed${differing}, ${count('failed')} failed, ${count('skipped')} skipped`,
  )
  await vitest.close()
}

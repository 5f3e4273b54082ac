// `npm run chaos` kills and stalls one part after the other under load, and says whether every promise was kept:
//
//   --rounds 20                    faults
//   --rolling 10                   in their place, restarts of each node in turn, and creations as fast as they go
//   --bursts 10000                 in their place nothing: tiny bursts, and no cron
//   --seed 1                       of what is drawn
//   --cluster SCRIPT:PORT          three nodes of real Kafka, which SCRIPT started on PORT and may kill
//   --kafka HOST:PORT              brokers of yours: none of them is killed
//
// Without the last two it uses three nodes of the emulator, whatever the shell has.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { errorMessage } from '../machine/error-message.ts'
import { stopSignal } from '../machine/stop-signal.ts'
import { runBursts } from './bursts.ts'
import type { Where } from './nodes/nodes.ts'
import { runRolling } from './rolling.ts'
import { runChaos } from './run.ts'
import { table } from './table.ts'
import { wholeNumber } from '../machine/whole-number.ts'

const MOST = 999_999_999

const signal = stopSignal()
try {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      rolling: { type: 'string' },
      bursts: { type: 'string' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      cluster: { type: 'string' },
      kafka: { type: 'string' },
    },
  })
  const seed = wholeNumber('--seed', values.seed, 0, MOST)
  const options = { seed, where: whereOf(values.cluster, values.kafka), log: console.log, signal }
  const place = values.cluster ?? values.kafka ?? 'the emulator'
  const say = (what: string) => console.log(`${what} with seed ${seed} on ${place}`)
  const result = await run()
  console.log(`\n${table(result)}`)
  process.exitCode = result.broken ? 1 : 0

  async function run() {
    if (values.rolling !== undefined) {
      const times = wholeNumber('--rolling', values.rolling, 1, MOST)
      say(`${times} rolling restarts`)
      return runRolling({ times, ...options })
    }
    if (values.bursts !== undefined) {
      const bursts = wholeNumber('--bursts', values.bursts, 1, MOST)
      say(`${bursts} bursts`)
      return runBursts({ bursts, ...options })
    }
    const rounds = wholeNumber('--rounds', values.rounds, 1, MOST)
    say(`${rounds} rounds`)
    return runChaos({ rounds, ...options })
  }
} catch (error) {
  console.error(signal.aborted ? 'Stopped' : `npm run chaos: ${errorMessage(error)}`)
  process.exitCode = 1
}
process.exit()

function whereOf(cluster: string | undefined, kafka: string | undefined): Where {
  if (cluster === undefined) return kafka === undefined ? 'emulator' : { brokers: kafka.split(',') }
  const [, script, port] = /^(.+):(\d{1,5})$/.exec(cluster) ?? []
  if (script === undefined) throw new Error('--cluster is the path of a script, a colon and a port')
  return { script, port: Number(port) }
}

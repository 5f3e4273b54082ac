// `npm run chaos -- --rounds 20 --seed 1 --kafka HOST:PORT`: kills and stalls one part after the other under load, and says whether every
// promise was kept. Without --kafka it uses the emulator, whatever the shell has. `--bursts 10000` in place of rounds kills nothing:
// tiny bursts, and no cron.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { errorMessage } from '../error-message.ts'
import { stopSignal } from '../stop-signal.ts'
import { runBursts } from './bursts.ts'
import { runChaos } from './run.ts'
import { table } from './table.ts'

const signal = stopSignal()
try {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      kafka: { type: 'string' },
      bursts: { type: 'string' },
    },
  })
  const { kafka } = values
  const rounds = wholeNumber('--rounds', values.rounds)
  const seed = wholeNumber('--seed', values.seed)
  const bursts = values.bursts === undefined ? undefined : wholeNumber('--bursts', values.bursts)
  console.log(`${bursts === undefined ? `${rounds} rounds` : `${bursts} bursts`} with seed ${seed} on ${kafka ?? 'the emulator'}`)
  const options = { seed, kafka, log: console.log, signal }
  const verdict = bursts === undefined ? await runChaos({ rounds, ...options }) : await runBursts({ bursts, ...options })
  console.log(`\n${table(verdict)}`)
  process.exitCode = verdict.broken ? 1 : 0
} catch (error) {
  console.error(signal.aborted ? 'Stopped' : `npm run chaos: ${errorMessage(error)}`)
  process.exitCode = 1
}
process.exit()

function wholeNumber(option: string, text: string) {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`${option} is a whole number`)
}

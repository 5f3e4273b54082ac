// `npm run consumers`: the apps, until Ctrl-C. The stack must run: `npm run dev`, `docker compose up -d`, or one of
// your own.

import { errorMessage } from '../machine/error-message.ts'
import { stopSignal } from '../machine/stop-signal.ts'
import { parseCommand, USAGE } from './arguments.ts'
import { APP_NAMES, runConsumers } from './consumers.ts'
import { findStack } from './environment.ts'

const args = process.argv.slice(2)
try {
  if (args.includes('--help')) console.log(USAGE)
  else await runConsumers({ env: findStack().env, command: parseCommand(args, APP_NAMES) }, stopSignal())
} catch (error) {
  console.error(`npm run consumers: ${errorMessage(error)}`)
  process.exitCode = 1
}
process.exit()

// `npm run reset`: forgets all local data.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DATA } from './data.ts'
import { errorMessage } from '../machine/error-message.ts'
import { lock } from '../machine/lock.ts'
import { stopApacheKafka } from '../apache-kafka/broker.ts'
import { stopOrphan } from '../postgres/server.ts'

try {
  const holder = await lock(DATA, () => `npm run reset, process ${process.pid}`)
  if (holder !== undefined) throw new Error(`stop npm run dev first: ${holder}`)
  await stopOrphan(join(DATA, 'postgres'))
  await stopApacheKafka(join(DATA, 'apache-kafka'))
  await rm(DATA, { recursive: true, force: true })
  console.log(`Removed ${DATA}`)
} catch (error) {
  console.error(`npm run reset: ${errorMessage(error)}`)
  process.exitCode = 1
}

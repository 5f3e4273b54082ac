// Runs apps under a supervisor, and says on the terminal what happens.

import { once } from 'node:events'
import { parseConfig, PublisherConfig } from '../../lib/config.ts'
import { APPS } from './apps/index.ts'
import type { Command } from './arguments.ts'
import { createTables, forget, openDatabase } from './database.ts'
import { forgetOffsets, openKafka } from './kafka.ts'
import { line, overview } from './lines.ts'
import type { Supervisor } from './reports.ts'
import { startSupervisor } from './supervisor.ts'

export const APP_NAMES = APPS.map(({ name }) => name)

type Options = { env: NodeJS.ProcessEnv; command?: Command; stopMs?: number; say?: (line: string) => void }

/**
 * Resolves when all members are started. They find their way by themselves, also when Kafka or Postgres comes later.
 */
export async function startConsumers({ env, command, stopMs, say = console.log }: Options): Promise<Supervisor> {
  const { apps, count, again } = command ?? { apps: APP_NAMES, count: 1, again: 'no' }
  if (again !== 'no') await beginAgain(apps, again, env)
  const supervisor = startSupervisor({ env, apps: APP_NAMES, ...(stopMs !== undefined && { stopMs }) })
  const said = new Map<string, string>() // the last overview of each group
  supervisor.subscribe((report) => {
    const text = line(report)
    if (text) say(text)
    if (report.what !== 'joined') return
    const group = overview(supervisor.members().filter(({ app }) => app === report.app))
    if (group && said.get(report.app) !== group) say(group)
    said.set(report.app, group ?? '')
  })
  for (let number = 1; number <= count; number++) for (const app of apps) supervisor.start(app)
  return supervisor
}

/** Throws where members of a group still run. */
async function beginAgain(names: string[], how: 'from-beginning' | 'reset', env: NodeJS.ProcessEnv) {
  const config = parseConfig(PublisherConfig, env)
  const apps = APPS.filter(({ name }) => names.includes(name))
  await forgetOffsets(openKafka(config, 'consumers'), names)
  if (how === 'from-beginning') return
  const pool = openDatabase(config.DATABASE_URL)
  try {
    await createTables(pool, apps)
    for (const app of apps) await forget(pool, app, app.name, env)
  } finally {
    await pool.end()
  }
}

/** Until it is asked to end. */
export async function runConsumers(options: Options, stopping: AbortSignal) {
  const supervisor = await startConsumers(options)
  if (!stopping.aborted) await once(stopping, 'abort')
  await supervisor.close()
}

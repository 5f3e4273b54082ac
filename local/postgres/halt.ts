import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Identity, run } from './run.ts'
import { findRunning, isServer, readPidFile } from './running.ts'

// A server that does not end the first way loses nothing by the others: what was committed is read from its log again.
const MODES = [
  { mode: 'fast', seconds: 3 },
  { mode: 'immediate', seconds: 1 },
]
const KILLED_MS = 2_000
/** Longer than `halt` takes. */
export const STOP_MS = 8_000
const LOOK_MS = 20

/** Ends the server on these files, if there is one, whether it answers or not. Throws where it cannot be ended. */
export async function halt(programs: string, cluster: string, identity: Identity) {
  const { pid } = (await readPidFile(cluster)) ?? {}
  if (pid === undefined || !(await runs(pid, cluster))) return
  for (const { mode, seconds } of MODES) {
    const stop = ['stop', '--wait', `--mode=${mode}`, `--timeout=${seconds}`, `--pgdata=${cluster}`]
    if ((await run(join(programs, 'pg_ctl'), stop, identity)).code === 0) return
  }
  if (await runs(pid, cluster)) await kill(pid, cluster)
}

async function runs(pid: number, cluster: string) {
  return (await isServer(pid, cluster)) ?? (await findRunning(cluster))?.pid === pid
}

/** Its processes see that it is gone. */
async function kill(pid: number, cluster: string) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by now, or is another user's
  }
  for (const end = Date.now() + KILLED_MS; Date.now() < end; await setTimeout(LOOK_MS))
    if (!(await runs(pid, cluster))) return
  throw new Error(
    `Postgres, process ${pid}, has ${cluster} and does not end: end it with \`kill -9 ${pid}\`, then start again`,
  )
}

import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../machine/ports.ts'
import { findRunning } from '../postgres/running.ts'
import { startPostgres } from '../postgres/server.ts'

const RESTART = 20_000 // ms it may take until the last process of the dead server has gone
const RETRY = 50 // ms

/** A Postgres whose postmaster can be killed, and that comes back on its port with what it had committed. */
export async function startKillablePostgres(folder: string, wanted: number) {
  let server = await startPostgres({ folder, port: wanted })
  const { url, port } = server

  const start = async () => {
    if ((await freePort('Postgres', port, () => {})) !== port) throw new Error(`port ${port} is still taken`)
    server = await startPostgres({ folder, port })
  }
  return {
    url,
    async kill() {
      const running = await findRunning(join(folder, 'cluster'))
      if (!running) throw new Error('Postgres does not run')
      process.kill(running.pid, 'SIGKILL')
    },
    async start() {
      await server.stop() // the dead one: for this process to forget it
      for (const end = Date.now() + RESTART; ;) {
        try {
          return await start()
        } catch (error) {
          if (Date.now() > end) throw error
          await setTimeout(RETRY)
        }
      }
    },
    stop: () => server.stop(),
  }
}

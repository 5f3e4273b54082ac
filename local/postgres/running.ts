import { readFile, realpath } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { join } from 'node:path'
import pg from 'pg'
import { CREDENTIALS } from './cluster.ts'

const STARTING_UP = '57P03'

/**
 * The port and process of the server that runs on these files, if one does. The file postmaster.pid alone is no proof: a crash
 * leaves it behind, and by then another program may have that process id, or another Postgres that port. So the server is asked.
 */
export async function findRunning(cluster: string) {
  const [pid = NaN, , , port = NaN] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n').map(Number)
  if (!pid || !port) return
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return (await askForFolder(port)) === (await realpath(cluster)) ? { pid, port } : undefined
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === STARTING_UP) || Date.now() > deadline) return
      await setTimeout(20)
    }
  }
}

async function askForFolder(port: number) {
  const client = new pg.Client({ ...CREDENTIALS, host: '127.0.0.1', port, database: 'postgres', connectionTimeoutMillis: 2_000 })
  client.on('error', () => {}) // the answer below fails anyway
  await client.connect()
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return rows[0] && (await realpath(rows[0].data_directory))
  } finally {
    await client.end()
  }
}

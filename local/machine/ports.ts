import { once } from 'node:events'
import { createServer } from 'node:net'
import { portOf } from './port-of.ts'

const ATTEMPTS = 50

/** The wanted port, or the next free one, saying so. 0 wants any free one. */
export async function freePort(name: string, wanted: number, log: (message: string) => void) {
  for (let port = wanted; port < wanted + ATTEMPTS; port++) {
    const free = await tryPort(port)
    if (!free) continue
    if (wanted !== 0 && free !== wanted) log(`${name}: port ${wanted} is taken, using ${free}`)
    return free
  }
  throw new Error(`${name}: ports ${wanted} to ${wanted + ATTEMPTS - 1} are all taken`)
}

async function tryPort(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return portOf(server)
  } catch {
    return undefined
  } finally {
    await new Promise((closed) => server.close(closed))
  }
}

/** A free port below those that systems give to connections: it is still there after a restart. */
export const lastingPort = () => freePort('', 10_000 + Math.floor(Math.random() * 20_000), () => {})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { portOf } from '../machine/port-of.ts'

/**
 * Stands before Neon's proxy and counts the statements that come by. While it is `away` it passes none on, as if there
 * were no database.
 */
export async function startCountingProxy(neonProxyUrl: string) {
  let away = false
  let statements = 0
  const server = createServer((request, response) => {
    statements++
    const pass = async () => {
      if (away) return response.destroy()
      const headers = new Headers()
      for (const [name, value] of Object.entries(request.headers))
        if (name.startsWith('neon-') && typeof value === 'string') headers.set(name, value)
      const answer = await fetch(neonProxyUrl, { method: 'POST', headers, body: await text(request) })
      return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
    }
    pass().catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}/sql`,
    statements: () => statements,
    goAway: (gone: boolean) => void (away = gone),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

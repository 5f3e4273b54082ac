// For tests: a proxy of their own in front of the Postgres of all, and a database of their own.

import { neon, neonConfig } from '@neondatabase/serverless'
import { inject, onTestFinished } from 'vitest'
import { createDatabase, dropDatabase } from '../rig/databases.ts'
import { type Options, startNeonProxy } from './server.ts'

/** `neon()` goes to the last one that was started. `neonUrl` is the database's, as Neon's console would show it. */
export async function startProxied(options: Partial<Options> = {}) {
  const database = await createDatabase(inject('services').DATABASE_URL)
  onTestFinished(() => dropDatabase(database))
  const { hostname, port, pathname } = new URL(database)
  const proxy = await startNeonProxy({ port: 0, postgres: { host: hostname, port: Number(port) }, ...options })
  let open = true
  const close = async () => {
    if (open) await proxy.close()
    open = false
  }
  onTestFinished(close)
  neonConfig.fetchEndpoint = proxy.url
  neonConfig.wsProxy = () => new URL(proxy.url).host
  neonConfig.useSecureWebSocket = false
  const neonUrl = `postgresql://products:products@ep-name.eu-central-1.aws.neon.tech${pathname}?sslmode=require&channel_binding=require`
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(proxy.url, {
      method: 'POST',
      headers: { 'Neon-Connection-String': database, ...headers },
      body: JSON.stringify(body),
    })
  return { ...proxy, close, database, neonUrl, post, sql: neon(neonUrl) }
}

// Sends every event to WEBHOOK_URL, signed with WEBHOOK_SECRET as Standard Webhooks says
// (https://www.standardwebhooks.com). Where no URL is set, it starts a receiver of its own on this machine, so that one
// can see what arrives. HTTP cannot be part of a transaction: a process that dies before its commit sends again, with
// the same Idempotency-Key.

import { randomBytes } from 'node:crypto'
import { ConfigError } from '../../../lib/config.ts'
import type { App, Work } from '../app.ts'
import { Poison } from '../event.ts'
import { startReceiver } from './webhook-receiver.ts'
import { sign } from './webhook-signature.ts'

const TIMEOUT = 5_000 // ms: less than half a session, within which the member must be heard of
const REFUSED = new Set([400, 413, 422]) // it is this event that they do not want: trying again changes nothing

export const webhook: App = {
  name: 'webhook',
  create: '',
  forget: async () => {},
  olderToo: true,
  async start(env, say) {
    const { url, secret } = await target(env, say)
    return ({ event, record }) => send(url, secret, event.id, record)
  },
}

async function target(
  { WEBHOOK_URL: url, WEBHOOK_SECRET: secret }: NodeJS.ProcessEnv,
  say: (sentence: string) => void,
) {
  if (url) {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new ConfigError('WEBHOOK_URL is no http:// or https:// URL')
    if (!secret) throw new ConfigError('WEBHOOK_SECRET is missing: without it nobody could tell whose events these are')
    return { url, secret }
  }
  const own = randomBytes(24).toString('base64')
  const receiver = await startReceiver(own, say)
  say(`WEBHOOK_URL is not set: events go to ${receiver.url}, which checks their signature and says what it got`)
  return { url: receiver.url, secret: own }
}

async function send(url: string, secret: string, id: string, { value }: Work['record']) {
  const body = value?.toString() ?? ''
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': id,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': sign(secret, id, timestamp, body),
    },
    body,
  })
  await response.body?.cancel()
  if (response.ok) return `sent to ${new URL(url).host}, which answered ${response.status}` // a path may hold a secret
  const reason = `the receiver answered ${response.status}`
  throw REFUSED.has(response.status) ? new Poison(reason) : new Error(reason)
}

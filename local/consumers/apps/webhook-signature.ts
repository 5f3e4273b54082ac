import { createHmac } from 'node:crypto'

/** As Standard Webhooks says. A secret may have its prefix; what follows that is base64. */
export function sign(secret: string, id: string, timestamp: string, body: string) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

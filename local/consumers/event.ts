// What a record on the product topics says, checked before anybody works with it.

import type { IHeaders } from 'kafkajs'
import * as z from 'zod'

/** A record as a consumer gets it. Its bytes are kept, for a dead letter must have the same. */
export type ConsumedRecord = {
  topic: string
  partition: number
  offset: string
  key: Buffer | null
  value: Buffer | null
  headers: IHeaders
}

/**
 * Can never work, however often it is tried: the record goes to the dead letters. Everything else that is thrown is
 * tried again.
 */
export class Poison extends Error {
  override name = 'Poison'
}

const product = {
  product_id: z.number().int(),
  pname: z.string(),
  price: z.string().regex(/^\d+\.\d\d$/),
  quantity: z.number().int(),
  created_at: z.string(),
}
const version = z.number().int().min(1)
const Payload = z.discriminatedUnion('type', [
  z.object({ type: z.literal('product.created'), ...product, version: version.default(1) }), // or unsaid
  z.object({ type: z.literal('product.updated'), ...product, version, updated_at: z.string() }),
  z.object({ type: z.literal('product.deleted'), ...product, version, deleted_at: z.string() }),
])

/** `id` and `source` together are unique: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#id */
export type ProductEvent = z.infer<typeof Payload> & { id: string; source: string }

/** Throws Poison. A type that is not known is one too: once the app is newer than the record, it can be sent again. */
export function readEvent({ headers, value }: ConsumedRecord): ProductEvent {
  const id = headerText(headers, 'ce_id')
  if (!id) throw new Poison('the record has no ce_id')
  if (value === null) throw new Poison('the record has no value')
  const { data, error } = Payload.safeParse(parseJson(value))
  if (error) throw new Poison(`the value is no event of a product: ${z.prettifyError(error).replaceAll(/\s+/g, ' ')}`)
  return { ...data, id, source: headerText(headers, 'ce_source') ?? '' }
}

/** Of several headers with one name the last counts, as in Kafka's own `Headers.lastHeader`. */
export function headerText(headers: IHeaders, name: string): string | undefined {
  const value = headers[name]
  const last = Array.isArray(value) ? value.at(-1) : value
  return last?.toString()
}

function parseJson(value: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
  } catch {
    throw new Poison('the value is no JSON')
  }
}

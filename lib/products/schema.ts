// What a product is, and what a client may send of it.

import * as z from 'zod'

const MAX_NAME = 200 // Unicode code points, after trimming
const MAX_QUANTITY = 2 ** 31 - 1 // Postgres' integer
const MAX_PRICE = 9_999_999_999.99
const PRICE = /^[0-9]{1,10}([.][0-9]{1,2})?$/

/** What a field must be, in the words of an issue. */
export const EXPECTED = {
  field: 'is required',
  name: `must have 1 to ${MAX_NAME} characters, not counting space around it`,
  price: 'must be from 0 to 9999999999.99 with at most 2 decimals, as a string or a number',
  quantity: `must be a whole number from 0 to ${MAX_QUANTITY}`,
  change: 'must have at least one of name, price and quantity',
}

const required = (expected: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? EXPECTED.field : expected),
})

const name = z
  .string(required('must be a string'))
  .trim()
  .refine((text) => text !== '' && Array.from(text).length <= MAX_NAME, EXPECTED.name)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not contain NUL or half of a surrogate pair')
  .meta({
    description: `1 to ${MAX_NAME} Unicode code points, not counting space around it, which is taken off. No NUL.`,
    pattern: `^\\s*[^\\s\\u0000]([^\\u0000]{0,${MAX_NAME - 2}}[^\\s\\u0000])?\\s*$`, // the same, for the contract: it cannot see into functions
    examples: ['Kanelbulle'],
  })

// Decimal from end to end: a number is taken by its shortest decimal form, which is what the client wrote (see
// parseJson).
const price = z
  .union(
    [
      z.string().meta({ pattern: PRICE.source, examples: ['24.90'] }),
      z.number().meta({ minimum: 0, maximum: MAX_PRICE, examples: [24.9] }),
    ],
    required(EXPECTED.price),
  )
  .transform(String)
  .refine((text) => PRICE.test(text), EXPECTED.price)
  .meta({ description: `In decimal, from 0 to ${MAX_PRICE} with at most 2 decimals. Never rounded.` })

const quantity = z
  .int(required(EXPECTED.quantity))
  .min(0, EXPECTED.quantity)
  .max(MAX_QUANTITY, EXPECTED.quantity)
  .meta({ examples: [12] })

/** What a client sends to create a product. */
export const NewProduct = z.strictObject({ name, price, quantity }, required('must be an object'))
export type NewProduct = z.infer<typeof NewProduct>

/** The same as a row of a table, where every field is text, and decimals may follow a comma, as in most of Europe. */
export const NewProductRow = NewProduct.extend({
  price: z.preprocess(
    (text) => (typeof text === 'string' ? text.replace(/^([0-9]+),([0-9]{1,2})$/, '$1.$2') : text), // three digits may be thousands
    price,
  ),
  quantity: z.preprocess(
    (text) => (typeof text === 'string' && /^[0-9]{1,10}$/.test(text) ? Number(text) : text),
    quantity,
  ),
})

/** What a client sends to change a product: any of its fields. */
export const ProductChange = z
  .strictObject({ name, price, quantity }, required('must be an object'))
  .partial()
  .refine((change) => Object.keys(change).length > 0, EXPECTED.change)
  .meta({ minProperties: 1 })
export type ProductChange = z.infer<typeof ProductChange>

/** A product as it is answered. */
export const Product = z.object({
  id: z
    .int()
    .min(1)
    .meta({ format: 'int64', examples: [1] }), // or clients of Java, Kotlin and Rust take it for one of 32 bits
  name: z.string().meta({ description: 'As it was sent, without space around it.', examples: ['Kanelbulle'] }),
  price: z
    .string()
    .regex(/^[0-9]{1,10}[.][0-9]{2}$/)
    .meta({ description: 'In decimal, with 2 decimals.', examples: ['24.90'] }),
  quantity: z
    .int()
    .min(0)
    .max(MAX_QUANTITY)
    .meta({ examples: [12] }),
  created_at: z.string().meta({
    format: 'date-time',
    description: 'RFC 3339 with microseconds, in UTC.',
    examples: ['2026-11-23T09:30:00.123456+00:00'],
  }),
})
export type Product = z.infer<typeof Product>

/** With its version: 1 when it is created, and one more with each change. */
export type Versioned = { product: Product; version: number }

/** The id that a path segment spells, or 0, which no product has: no sign, no leading zero, within 2^53. */
export function parseId(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0
  return Number.isSafeInteger(id) ? id : 0
}

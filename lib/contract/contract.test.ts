// What the contract says of itself, before any handler is asked.

import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { compile, contractOperations } from '../../local/rig/contract.ts'
import { decodeCursor, encodeCursor } from '../http/cursor.ts'
import { parseIdempotencyKey } from '../http/idempotency-key.ts'
import { parseJson } from '../http/parse-json.ts'
import { NewProduct, ProductChange } from '../products/schema.ts'
import { contract } from './document.ts'
import { idempotencyKey } from './headers.ts'
import { listProducts } from './operations/list-products.ts'

const validJson = compile()

test('the document is OpenAPI 3.1', async () => {
  expect(await new Validator().validate(contract())).toEqual({ valid: true })
})

test('every status of every operation with a body has an example, and every example is valid', () => {
  for (const { operation } of contractOperations()) {
    const bodies = [
      ...Object.entries(operation.responses),
      ...(operation.requestBody ? [['request', operation.requestBody] as const] : []),
    ]
    for (const [of, { content = {} }] of bodies)
      for (const [mediaType, { schema, examples }] of Object.entries(content)) {
        const where = `${operation.operationId} ${of} ${mediaType}`
        expect(Object.keys(examples ?? {}), where).not.toEqual([])
        for (const { value } of Object.values(examples ?? {})) expect(validJson(schema, value), where).toEqual([])
      }
  }
})

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 210 }),
  fc.string({ unit: fc.constantFrom(' ', '\n', '\u00A0', '\uFEFF', '\0', 'x', '\u{1F950}'), maxLength: 4 }),
  fc.integer({ min: 195, max: 205 }).map((length) => `${'\u{1F950}'.repeat(length)} `),
)
const price = fc.oneof(
  // no number with more decimals: multipleOf would say so, but validators work it out in doubles
  fc.stringMatching(/^[0-9]{0,11}([.,][0-9]{0,3})?$/),
  fc.integer({ min: -1, max: 1_000_000_000_000 }).map((cents) => cents / 100),
  fc.constantFrom(9_999_999_999.99, 10_000_000_000, -0.01, true, null),
)
const quantity = fc.oneof(fc.integer({ min: -1, max: 2 ** 31 }), fc.constantFrom(0.5, '1', null))

test.each([
  ['NewProduct', NewProduct],
  ['ProductChange', ProductChange],
] as const)('the contract takes as a %s what the handlers take', (name, schema) => {
  const bodies = fc.oneof(
    fc.record({ name: text, price, quantity }),
    fc.record({ name: text, price, quantity, colour: text }, { requiredKeys: [] }),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(bodies, (body) => {
      const sent = parseJson(JSON.stringify(body))
      expect(validJson({ $ref: `#/components/schemas/${name}` }, sent).length === 0).toBe(
        schema.safeParse(sent).success,
      )
    }),
    { numRuns: 1_000 },
  )
})

test('the contract takes in an Idempotency-Key the characters that the handlers take, but for quotes around it', () => {
  const taken = (key: string) => {
    try {
      return parseIdempotencyKey(key) === key
    } catch {
      return false
    }
  }
  const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
  for (const key of characters.flatMap((character) => [character, `a${character}b`]))
    expect(validJson(idempotencyKey.schema, key).length === 0, JSON.stringify(key)).toBe(taken(key))
})

test('the contract takes every cursor that the handlers give and take', () => {
  const { schema = {} } = listProducts.parameters?.find(({ name }) => name === 'after') ?? {}
  const pattern = new RegExp(z.object({ pattern: z.string() }).parse(schema).pattern)
  const id = fc.oneof(
    fc.integer({ min: 1, max: 1_000 }),
    fc.maxSafeNat().filter((id) => id > 0),
  )
  fc.assert(
    fc.property(id, (id) => {
      expect(encodeCursor(id)).toMatch(pattern)
    }),
  )
  for (const cursor of ['', 'aWQ6', 'nonsense', 'aWQ6Mg=='])
    expect([decodeCursor(cursor), pattern.test(cursor)]).toEqual([undefined, false])
})

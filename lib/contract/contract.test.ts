// What the contract says of itself, before any handler is asked.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

test('the words of a problem and of its issues stand in one place each, where handlers and contract find them', async () => {
  const root = join(import.meta.dirname, '../..')
  const names = ['lib', 'functions'].map(async (folder) =>
    (await readdir(join(root, folder), { recursive: true })).map((name) => join(root, folder, name)),
  )
  const files = (await Promise.all(names)).flat().filter((name) => /(?<!\.test|\.d)\.ts$/.test(name))
  const sources = (await Promise.all(files.map((name) => readFile(name, 'utf8')))).join('\n')

  const Shown = z.object({ detail: z.string(), errors: z.array(z.object({ detail: z.string() })).default([]) })
  const examples = contractOperations()
    .flatMap(({ operation }) => Object.values(operation.responses))
    .flatMap(({ content }) => Object.values(content?.['application/problem+json']?.examples ?? {}))
    .map(({ value }) => Shown.parse(value))
  const words = new Set(examples.flatMap(({ detail, errors }) => [detail, ...errors.map((issue) => issue.detail)]))
  expect(words.size).toBeGreaterThan(20)
  expect([...words].filter((text) => sources.split(`'${text}'`).length > 2)).toEqual([])
})

const Property = z.object({ type: z.string(), format: z.string().optional(), pattern: z.string().optional() })

test('a generator finds ids of 64 bits, times without a pattern, and no name that is New and another', () => {
  const { schemas } = contract().components
  const { id, created_at } = z.object({ id: Property, created_at: Property }).parse(schemas.Product?.properties)
  const inPath = contractOperations()
    .flatMap(({ operation }) => operation.parameters ?? [])
    .filter((parameter) => parameter.name === 'id')
    .map(({ schema }) => Property.parse(schema))
  expect(inPath).toHaveLength(3)
  for (const { type, format } of [id, ...inPath]) expect([type, format]).toEqual(['integer', 'int64'])
  expect([created_at.format, created_at.pattern]).toEqual(['date-time', undefined]) // a client that has parsed it cannot match it
  const names = Object.keys(schemas)
  expect(names.filter((name) => name.startsWith('New') && names.includes(name.slice(3)))).toEqual([])
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
  ['ProductCreation', NewProduct],
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

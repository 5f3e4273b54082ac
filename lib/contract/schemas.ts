// The schemas of the contract, as JSON Schema: what a client sends from the schemas that validate it, what it gets from
// those of the answers.

import * as z from 'zod'
import { MAX_ENTRIES } from '../http/list.ts'
import type { Issue as AnsweredIssue } from '../http/problem.ts'
import { MOST, type OutboxHealth } from '../outbox/health.ts'
import { MAX_LIMIT } from '../products/page.ts'
import { NewProduct, Product, ProductChange } from '../products/schema.ts'

const ProductCreations = z.array(NewProduct).min(1).max(MAX_ENTRIES)

const ProductPage = z.object({
  items: z.array(Product).max(MAX_LIMIT),
  next: z
    .string()
    .nullable()
    .meta({ description: 'The cursor of the next page, or null where this is the last.', examples: ['aWQ6MjA'] }),
})

const ImportedProducts = z.object({ items: z.array(Product).meta({ description: 'In the order of the request.' }) })

const detail = z.string().meta({ examples: ['must be a whole number from 0 to 2147483647'] })
const pointer = z
  .string()
  .meta({ description: 'JSON Pointer (RFC 6901) into the body, or into what the line has.', examples: ['/quantity'] })
const Issue: z.ZodType<AnsweredIssue> = z.union([
  z.object({
    line: z.int().min(1).optional().meta({ description: 'Of NDJSON and CSV, the first is 1.' }),
    pointer,
    detail,
  }),
  z.object({ parameter: z.string().meta({ description: 'Name of a query parameter.' }), detail }),
  z.object({ header: z.string().meta({ description: 'Name of a header.' }), detail }),
])

const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'What the status says.' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'For people.' }),
    errors: z.array(Issue).optional().meta({ description: 'Every issue of the request, at once.' }),
  })
  .meta({ description: 'Problem details, RFC 9457.' })

const Outbox: z.ZodType<OutboxHealth> = z.object({
  pending: z
    .int()
    .min(0)
    .max(MOST)
    .meta({ description: `Events that wait for Kafka, counted up to ${MOST}.` }),
  oldest_age_seconds: z.number().nullable().meta({ description: 'Age of the event that waits longest.' }),
  failures: z.int().min(0).meta({ description: 'Attempts in a row that found no Kafka.' }),
  last_error: z.string().nullable().meta({ description: 'Name of the last error, never its text.' }),
  held: z
    .array(z.object({ target: z.string().meta({ examples: ['products.created:2'] }), last_error: z.string() }))
    .meta({
      description: 'Topics, and partitions of them, that cannot be written at the moment. Ten of them at most.',
    }),
  dead: z
    .int()
    .min(0)
    .max(MOST)
    .meta({ description: `Events that Kafka has refused for good, counted up to ${MOST}.` }),
})

const Health = z.object({
  status: z.enum(['ok', 'degraded', 'down']).meta({
    description: 'degraded: products are taken, but their events wait for Kafka, or for somebody to look at them.',
  }),
  database: z.enum(['ok', 'down']).optional().meta({ description: 'Only for who has a token.' }),
  outbox: Outbox.nullable().optional().meta({ description: 'Only for who has a token.' }),
})

const Alive = z.object({ status: z.literal('ok') })

// None is called New and the name of another: Go's clients have a NewProduct() that makes a Product.
const sent = { ProductCreation: NewProduct, ProductCreations, ProductChange }
const answered = { Product, ProductPage, ImportedProducts, Issue, Problem, Health, Alive }

export type SchemaName = keyof typeof sent | keyof typeof answered
export type JsonSchema = Record<string, unknown>

export const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` })

/** All of them by name. OpenAPI 3.1 takes JSON Schema 2020-12 as it is. */
export const schemas = (): Record<string, JsonSchema> => ({ ...convert(sent, 'input'), ...convert(answered, 'output') })

function convert(named: Record<string, z.ZodType>, io: 'input' | 'output') {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const converted = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` })
  for (const schema of Object.values(converted.schemas)) {
    delete schema.$schema
    delete schema.$id // its place in the document says it
  }
  return converted.schemas
}

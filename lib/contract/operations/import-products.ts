import { UNKNOWN_FIELD } from '../../http/issues.ts'
import { ACCEPTED, EXPECTED_ENTRIES } from '../../http/list.ts'
import { NO_JSON } from '../../http/ndjson.ts'
import { problems } from '../../http/problems.ts'
import { EXPECTED } from '../../products/schema.ts'
import { bun, newBun, semla } from '../examples.ts'
import { answersWith, idempotencyKey } from '../headers.ts'
import type { Content, Operation } from '../openapi.ts'
import { body, keyIssues, keyInFlight, problem, writing } from '../problems.ts'
import { ref } from '../schemas.ts'

const lines = `${JSON.stringify(newBun)}\n{"name":"Semla","price":45,"quantity":0}\n`
const table = 'name,price,quantity\nKanelbulle,24.90,12\n"Semla, with ""cream""",45,0\n'
const ndjson: Content[string] = {
  schema: { type: 'string', description: 'A product on each line.' },
  examples: { lines: { value: lines } },
}

export const importProducts: Operation = {
  operationId: 'importProducts',
  tags: ['import-products'],
  summary: 'Create up to 1,000 products, all or none',
  description: 'Each has its event, product.created, in the order of the body.',
  parameters: [idempotencyKey],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: ref('ProductCreations'),
        examples: { products: { value: [newBun, { name: 'Semla', price: 45, quantity: 0 }] } },
      },
      'application/x-ndjson': ndjson,
      'application/ndjson': ndjson,
      'application/jsonl': ndjson,
      'text/csv': {
        schema: {
          type: 'string',
          description:
            'A header with the columns name, price and quantity in any order, and a row for each product (RFC 4180). As Excel writes it: with commas, semicolons or tabs, and 24,90 for 24.90.',
        },
        examples: { table: { value: table } },
      },
    },
  },
  responses: {
    201: {
      description: 'The products.',
      headers: answersWith('Idempotency-Replayed'),
      content: {
        'application/json': {
          schema: ref('ImportedProducts'),
          examples: { products: { value: { items: [bun, semla] } } },
        },
      },
    },
    ...writing,
    ...body(ACCEPTED.types, ACCEPTED.maxBytes, '1 MiB'),
    ...keyInFlight,
    422: problem('The body is not valid, or the Idempotency-Key is not. Up to 100 issues are listed.', {
      array: {
        summary: 'Of a JSON array',
        problem: problems.invalidBody([{ pointer: '/1/quantity', detail: EXPECTED.field }]),
      },
      lines: {
        summary: 'Of lines, or of a table',
        problem: problems.invalidBody([
          { line: 1, pointer: '/colour', detail: UNKNOWN_FIELD },
          { line: 2, pointer: '', detail: NO_JSON },
        ]),
      },
      count: problems.invalidBody([{ pointer: '', detail: EXPECTED_ENTRIES }]),
      ...keyIssues,
    }),
  },
}

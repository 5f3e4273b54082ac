import { bun, newBun, semla } from '../examples.ts'
import { answersWith, idempotencyKey } from '../headers.ts'
import type { Content, Operation } from '../openapi.ts'
import { keyFaults, keyInFlight, otherType, problem, writing } from '../problems.ts'
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
        schema: ref('NewProducts'),
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
    400: problem(400, 'The body is not JSON, or not UTF-8.', {
      syntax: { detail: 'The body is not well-formed JSON.' },
      encoding: { detail: 'The body is not in UTF-8.' },
    }),
    ...keyInFlight,
    413: problem(413, 'The body has more than 1 MiB.', {
      tooLarge: { detail: 'The body may have 1048576 bytes at most.' },
    }),
    415: otherType(
      'application/json or application/x-ndjson or application/ndjson or application/jsonl or text/csv',
    ),
    422: problem(422, 'The body is not valid, or the Idempotency-Key is not. Up to 100 faults are listed.', {
      array: {
        summary: 'Of a JSON array',
        detail: 'The body is not valid.',
        errors: [{ pointer: '/1/quantity', detail: 'is required' }],
      },
      lines: {
        summary: 'Of lines, or of a table',
        detail: 'The body is not valid.',
        errors: [
          { line: 1, pointer: '/colour', detail: 'is not a known field' },
          { line: 2, pointer: '', detail: 'is not well-formed JSON' },
        ],
      },
      count: { detail: 'The body is not valid.', errors: [{ pointer: '', detail: 'must have 1 to 1000 entries' }] },
      ...keyFaults,
    }),
  },
}

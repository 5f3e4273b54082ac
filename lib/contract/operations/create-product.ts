import { UNKNOWN_FIELD } from '../../http/issues.ts'
import { problems } from '../../http/problems.ts'
import { EXPECTED } from '../../products/schema.ts'
import { bun, newBun } from '../examples.ts'
import { answersWith, idempotencyKey } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { jsonBody, keyIssues, keyInFlight, problem, writing } from '../problems.ts'
import { ref } from '../schemas.ts'

export const createProduct: Operation = {
  operationId: 'createProduct',
  tags: ['create-product'],
  summary: 'Create a product',
  description:
    'Its event, product.created, is written with it: both are there after the answer, or neither is. Kafka may be down.',
  parameters: [
    idempotencyKey,
    {
      name: 'Prefer',
      in: 'header',
      description:
        '`wait=N` holds the answer back for up to N seconds, at most 10, until Kafka has acknowledged the event (RFC 7240).',
      schema: { type: 'string', examples: ['wait=5'] },
    },
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: ref('ProductCreation'),
        examples: {
          text: { summary: 'The price as text', value: newBun },
          number: { value: { ...newBun, price: 24.9 } },
        },
      },
    },
  },
  responses: {
    201: {
      description: 'The product.',
      headers: answersWith('ETag', 'Idempotency-Replayed', 'Location', 'Preference-Applied'),
      content: { 'application/json': { schema: ref('Product'), examples: { product: { value: bun } } } },
    },
    ...writing,
    ...jsonBody(),
    ...keyInFlight,
    422: problem('The body is not valid, or the Idempotency-Key is not.', {
      fields: {
        summary: 'Every issue at once',
        problem: problems.invalidBody([
          { pointer: '/name', detail: EXPECTED.name },
          { pointer: '/price', detail: EXPECTED.price },
          { pointer: '/quantity', detail: EXPECTED.field },
          { pointer: '/colour', detail: UNKNOWN_FIELD },
        ]),
      },
      ...keyIssues,
    }),
  },
}

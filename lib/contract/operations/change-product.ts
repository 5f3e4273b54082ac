import { bun } from '../examples.ts'
import { answersWith, ifMatch, productId } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { jsonBody, noProduct, otherType, otherVersion, problem, writing } from '../problems.ts'
import { ref } from '../schemas.ts'

const change = { schema: ref('ProductChange'), examples: { price: { value: { price: '19.90' } } } }

export const changeProduct: Operation = {
  operationId: 'changeProduct',
  tags: ['change-product'],
  summary: 'Change fields of a product',
  description: 'Its event is product.updated, with the product after the change.',
  parameters: [productId, ifMatch],
  requestBody: {
    required: true,
    content: { 'application/json': change, 'application/merge-patch+json': change },
  },
  responses: {
    200: {
      description: 'The product after the change.',
      headers: answersWith('ETag'),
      content: {
        'application/json': { schema: ref('Product'), examples: { product: { value: { ...bun, price: '19.90' } } } },
      },
    },
    ...writing,
    ...jsonBody,
    415: otherType('application/json or application/merge-patch+json', 'Accept-Patch'),
    ...noProduct,
    ...otherVersion,
    422: problem(422, 'The body is not valid.', {
      fields: {
        detail: 'The body is not valid.',
        errors: [
          {
            pointer: '/price',
            detail: 'must be from 0 to 9999999999.99 with at most 2 decimals, as a string or a number',
          },
        ],
      },
      nothing: {
        detail: 'The body is not valid.',
        errors: [{ pointer: '', detail: 'must have at least one of name, price and quantity' }],
      },
    }),
  },
}

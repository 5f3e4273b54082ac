import { PATCH_TYPES } from '../../http/body.ts'
import { problems } from '../../http/problems.ts'
import { EXPECTED } from '../../products/schema.ts'
import { bun } from '../examples.ts'
import { answersWith, ifMatch, productId } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { jsonBody, noProduct, otherVersion, problem, writing } from '../problems.ts'
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
    content: Object.fromEntries(PATCH_TYPES.map((type) => [type, change])),
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
    ...jsonBody(PATCH_TYPES, 'PATCH'),
    ...noProduct,
    ...otherVersion,
    422: problem('The body is not a change of a product.', {
      fields: problems.invalidBody([{ pointer: '/price', detail: EXPECTED.price }]),
      nothing: problems.invalidBody([{ pointer: '', detail: EXPECTED.change }]),
    }),
  },
}

import { bun } from '../examples.ts'
import { answersWith, ifNoneMatch, productId } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { noProduct, reading } from '../problems.ts'
import { ref } from '../schemas.ts'

export const getProduct: Operation = {
  operationId: 'getProduct',
  tags: ['get-product'],
  summary: 'Get a product',
  parameters: [productId, ifNoneMatch],
  responses: {
    200: {
      description: 'The product.',
      headers: answersWith('ETag'),
      content: { 'application/json': { schema: ref('Product'), examples: { product: { value: bun } } } },
    },
    304: { description: 'The client has this version.', headers: answersWith('ETag') },
    ...reading,
    ...noProduct,
  },
}

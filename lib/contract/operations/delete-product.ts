import { answersWith, ifMatch, productId } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { noProduct, otherVersion, writing } from '../problems.ts'

export const deleteProduct: Operation = {
  operationId: 'deleteProduct',
  tags: ['delete-product'],
  summary: 'Delete a product',
  description: 'Its event is product.deleted, with the product as it was at last.',
  parameters: [productId, ifMatch],
  responses: {
    204: { description: 'It is gone.', headers: answersWith() },
    ...writing,
    ...noProduct,
    ...otherVersion,
  },
}

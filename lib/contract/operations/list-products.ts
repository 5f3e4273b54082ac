import { problems } from '../../http/problems.ts'
import { DEFAULT_LIMIT, EXPECTED, MAX_LIMIT } from '../../products/page.ts'
import { bun, semla } from '../examples.ts'
import { answersWith } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { problem, reading } from '../problems.ts'
import { ref } from '../schemas.ts'

export const listProducts: Operation = {
  operationId: 'listProducts',
  tags: ['list-products'],
  summary: 'List products by ascending id',
  parameters: [
    {
      name: 'limit',
      in: 'query',
      description: 'Products on a page.',
      schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    },
    {
      name: 'after',
      in: 'query',
      description: 'The cursor that the page before has as `next`.',
      schema: { type: 'string', pattern: '^aWQ6[A-Za-z0-9]+$' },
    },
  ],
  responses: {
    200: {
      description: 'A page of products.',
      headers: answersWith('Link'),
      content: {
        'application/json': {
          schema: ref('ProductPage'),
          examples: {
            page: { value: { items: [bun, semla], next: 'aWQ6Mg' } },
            last: { summary: 'The last page', value: { items: [semla], next: null } },
          },
        },
      },
    },
    ...reading,
    422: problem('A parameter is not valid.', {
      query: problems.invalidQuery([
        { parameter: 'limit', detail: EXPECTED.limit },
        { parameter: 'after', detail: EXPECTED.after },
      ]),
    }),
  },
}

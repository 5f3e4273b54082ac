import { answersWith, ifNoneMatch } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { internal } from '../problems.ts'

const unchanged = { description: 'The client has this version.', headers: answersWith('ETag') }
const shared: Pick<Operation, 'tags' | 'security' | 'parameters'> = {
  tags: ['describe-api'],
  security: [],
  parameters: [ifNoneMatch],
}

export const getContract: Operation = {
  operationId: 'getContract',
  ...shared,
  summary: 'This contract',
  responses: {
    200: {
      description: 'OpenAPI 3.1.',
      headers: answersWith('ETag'),
      content: {
        'application/json': {
          schema: { type: 'object', required: ['openapi', 'info', 'paths', 'components'] },
          examples: {
            start: { summary: 'How it begins', value: { openapi: '3.1.1', info: {}, paths: {}, components: {} } },
          },
        },
      },
    },
    304: unchanged,
    ...internal,
  },
}

export const getDocs: Operation = {
  operationId: 'getDocs',
  ...shared,
  summary: 'A page to read this contract, and to try it',
  responses: {
    200: {
      description: 'Loads nothing from another host.',
      headers: answersWith('ETag'),
      content: {
        'text/html': {
          schema: { type: 'string' },
          examples: { start: { summary: 'How it begins', value: '<!doctype html>' } },
        },
      },
    },
    304: unchanged,
    ...internal,
  },
}

import { answersWith } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { authenticated, internal } from '../problems.ts'
import { ref } from '../schemas.ts'

const idle = { pending: 0, oldest_age_seconds: null, failures: 0, last_error: null, held: [], dead: 0 }
const waiting = { ...idle, pending: 3, oldest_age_seconds: 12.5, failures: 4, last_error: 'KafkaJSConnectionError' }
const stuck = {
  ...waiting,
  oldest_age_seconds: 300.5,
  held: [{ target: 'products.created:2', last_error: 'NOT_ENOUGH_REPLICAS' }],
}

export const health: Operation = {
  operationId: 'getHealth',
  tags: ['health'],
  summary: 'Whether the API can be used',
  description:
    'Remembered for 2 s. Without a token the answer has nothing but its status; what waits for Kafka, and why, is for who has one.',
  security: [{}, { token: [] }],
  responses: {
    200: {
      description: 'Products are taken, though Kafka may be away.',
      headers: answersWith(),
      content: {
        'application/json': {
          schema: ref('Health'),
          examples: {
            anonymous: { summary: 'Without a token', value: { status: 'ok' } },
            ok: { value: { status: 'ok', database: 'ok', outbox: idle } },
            away: { summary: 'Kafka is away', value: { status: 'degraded', database: 'ok', outbox: waiting } },
            stuck: {
              summary: 'A partition cannot be written',
              value: { status: 'degraded', database: 'ok', outbox: stuck },
            },
          },
        },
      },
    },
    ...authenticated,
    ...internal,
    503: {
      description: 'The database is away.',
      headers: answersWith('Retry-After'),
      content: {
        'application/json': {
          schema: ref('Health'),
          examples: {
            anonymous: { summary: 'Without a token', value: { status: 'down' } },
            database: { summary: 'No database', value: { status: 'down', database: 'down', outbox: null } },
          },
        },
      },
    },
  },
}

export const liveness: Operation = {
  operationId: 'getLiveness',
  tags: ['health'],
  summary: 'Whether the API runs',
  description: 'It asks nothing of what is behind the API: whether products are taken is for `/health` to say.',
  security: [],
  responses: {
    200: {
      description: 'It runs.',
      headers: answersWith(),
      content: { 'application/json': { schema: ref('Alive'), examples: { alive: { value: { status: 'ok' } } } } },
    },
    ...internal,
  },
}

import { answersWith } from '../headers.ts'
import type { Operation } from '../openapi.ts'
import { internal } from '../problems.ts'
import { ref } from '../schemas.ts'

const idle = { pending: 0, oldest_age_seconds: null, failures: 0, last_error: null, held_topics: 0, dead: 0 }
const waiting = { ...idle, pending: 3, oldest_age_seconds: 12.5, failures: 4, last_error: 'KafkaJSNumberOfRetriesExceeded' }

export const health: Operation = {
  operationId: 'getHealth',
  tags: ['health'],
  summary: 'How the API is',
  security: [],
  responses: {
    200: {
      description: 'Products are taken, though Kafka may be away.',
      headers: answersWith(),
      content: {
        'application/json': {
          schema: ref('Health'),
          examples: {
            ok: { value: { status: 'ok', database: 'ok', outbox: idle } },
            degraded: { summary: 'Kafka is away', value: { status: 'degraded', database: 'ok', outbox: waiting } },
          },
        },
      },
    },
    ...internal,
    503: {
      description: 'The database is away, or an event has waited for more than 2 minutes.',
      headers: answersWith('Retry-After'),
      content: {
        'application/json': {
          schema: ref('Health'),
          examples: {
            database: { summary: 'No database', value: { status: 'down', database: 'down', outbox: null } },
            outbox: {
              summary: 'Events are stuck',
              value: { status: 'down', database: 'ok', outbox: { ...waiting, oldest_age_seconds: 300.5 } },
            },
          },
        },
      },
    },
  },
}

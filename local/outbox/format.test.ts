import { expect, test } from 'vitest'
import { type Answer, dropQuestion, duration, format } from './format.ts'

const at = new Date('2026-11-26T08:00:00Z')
const clean: Answer = {
  verb: 'status',
  database: 'db.example/products',
  pending: 0,
  oldest_age_seconds: null,
  dead: 0,
  lease: { held: false, token: '17', expires_at: null, expires_in_seconds: null },
  failures: 0,
  last_error: null,
  backoff_until: null,
  backoff_seconds: null,
  held: [],
  more_held: false,
}
const lines = (...all: string[]) => all.join('\n')

test.each<[string, Answer, string]>([
  [
    'a clean outbox',
    clean,
    lines(
      'Database   db.example/products',
      'Pending    0 events',
      'Dead       0 events',
      'Lease      free, token 17',
      'Failures   none',
      'Backoff    none',
      'Held back  nothing',
    ),
  ],
  [
    'an outbox in trouble',
    {
      ...clean,
      pending: 100_000,
      oldest_age_seconds: 200,
      dead: 1,
      lease: { held: true, token: '18', expires_at: at, expires_in_seconds: 4.2 },
      failures: 3,
      last_error: 'KafkaJSConnectionError: no\u001b[2J',
      backoff_until: at,
      backoff_seconds: 29,
      held: [
        {
          target: 'products.changed',
          events: 12,
          failures: 1,
          retry_in_seconds: 0,
          last_error: 'TOPIC_AUTHORIZATION_FAILED',
        },
        {
          target: 'products.created:2',
          events: 1,
          failures: 4,
          retry_in_seconds: 7,
          last_error: 'NOT_ENOUGH_REPLICAS',
        },
      ],
      more_held: true,
    },
    lines(
      'Database    db.example/products',
      'Pending     100,000 events or more, the oldest for 3 min',
      'Dead        1 event',
      'Lease       held until 2026-11-26T08:00:00.000Z (4 s from now), token 18',
      'Failures    3 in a row to reach Kafka',
      'Last error  KafkaJSConnectionError: no\uFFFD[2J',
      'Backoff     nobody tries Kafka until 2026-11-26T08:00:00.000Z (29 s from now)',
      'Held back',
      '  products.changed    12 events  1 failure   next try now     TOPIC_AUTHORIZATION_FAILED',
      '  products.created:2  1 event    4 failures  next try in 7 s  NOT_ENOUGH_REPLICAS',
      '  and more',
    ),
  ],
  ['no pending event', { verb: 'list', dead: false, events: [], more: false }, 'No event waits.'],
  ['no dead event', { verb: 'list', dead: true, events: [], more: false }, 'No event is dead.'],
  [
    'pending events',
    {
      verb: 'list',
      dead: false,
      events: [
        { event_id: 'a', type: 'product.created', key: '1', age_seconds: 90_000, held_for: null },
        { event_id: 'b', type: 'product.deleted', key: '23', age_seconds: 4, held_for: 'products.changed:1' },
      ],
      more: true,
    },
    lines(
      'EVENT ID  TYPE             KEY  AGE  HELD FOR',
      'a         product.created  1    1 d  -',
      'b         product.deleted  23   4 s  products.changed:1',
      'There are more: --limit shows more than 2.',
    ),
  ],
  [
    'a dead event',
    {
      verb: 'list',
      dead: true,
      events: [{ event_id: 'a', type: 'x', key: '1', age_seconds: 9, died_at: at, error: 'MESSAGE_TOO_LARGE' }],
      more: false,
    },
    lines(
      'EVENT ID  TYPE  KEY  AGE  DIED AT                   ERROR',
      'a         x     1    9 s  2026-11-26T08:00:00.000Z  MESSAGE_TOO_LARGE',
    ),
  ],
  [
    'what was put back',
    { verb: 'redrive', dry_run: false, redriven: 1_234 },
    'Put back 1,234 events. The next change publishes them, or the relay within the hour. What is still too large will be dead again.',
  ],
  ['that nothing was put back', { verb: 'redrive', dry_run: false, redriven: 0 }, 'Put back 0 events.'],
  ['what would be put back', { verb: 'redrive', dry_run: true, redriven: 1 }, 'Would put back 1 event.'],
  [
    'what was released',
    { verb: 'release', dry_run: false, released: ['a', 'a:1'] },
    'To be tried at once: a, a:1. The relay publishes within a minute.',
  ],
  ['what would be released', { verb: 'release', dry_run: true, released: ['a'] }, 'Would try at once: a.'],
  [
    'what was dropped',
    { verb: 'drop', dry_run: false, pending: 1, dead: 2, publishing: false },
    'Dropped 1 pending and 2 dead events.',
  ],
  [
    'that it may be too late for that',
    { verb: 'drop', dry_run: false, pending: 2, dead: 0, publishing: true },
    'Dropped 2 pending events. A publisher is at work: what it had read already may still reach Kafka.',
  ],
  [
    'what would be dropped',
    { verb: 'drop', dry_run: true, pending: 0, dead: 1, publishing: false },
    'Would drop 1 dead event.',
  ],
])('says %s', (_, answer, text) => {
  expect(format(answer)).toBe(text)
})

test('the question says what is lost, and where', () => {
  expect(dropQuestion({ pending: 0, dead: 1, publishing: false }, 'db.example/products')).toBe(
    'Drop 1 dead event of db.example/products for good? Consumers will never see it.',
  )
})

test.each([
  [-1, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [7_199, '1 h'],
  [172_800, '2 d'],
])('%d s is %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

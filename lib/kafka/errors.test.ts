import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs'
import { expect, test } from 'vitest'
import { kafkaErrorName, KafkaUnreachable } from './errors.ts'

test("an error keeps Kafka's name for it, however deep KafkaJS wraps it", () => {
  const error = new KafkaJSProtocolError(
    Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE', code: 10, retriable: false }),
  )
  expect(kafkaErrorName(error)).toBe('MESSAGE_TOO_LARGE')
  expect(kafkaErrorName(new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 3, retryTime: 50 }))).toBe(
    'MESSAGE_TOO_LARGE',
  )
  expect(kafkaErrorName(new TypeError('other'))).toBe('TypeError')
  expect(kafkaErrorName('text')).toBe('Error')
})

test('the reason why no broker can be reached begins with its name', () => {
  expect(new KafkaUnreachable(new TypeError('other')).message).toBe('TypeError: other')
})

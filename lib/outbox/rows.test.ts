import { expect, test } from 'vitest'
import { parseStep } from './rows.ts'

const event = {
  id: 1,
  type: 'product.created',
  key: '1',
  payload: '{}',
  size: 2,
  headers: { ce_id: 'a' },
  at: 1_700_000_000_000,
  target: null,
}
const step = { token: '12', events: [event], held: null, backoff: null }

test('what the database tells is taken', () => {
  expect(parseStep(step)).toEqual(step)
  expect(parseStep({ ...step, token: null, events: null })).toMatchObject({ token: null, events: null })
})

test.each([2 ** 53, 1.5, '1', null, 0])('an event with the id %j is not: another could be deleted for it', (id) => {
  expect(() => parseStep({ ...step, events: [{ ...event, id }] })).toThrow(/id/)
})

test.each([12, '', 'x', undefined])('the token %j is not', (token) => {
  expect(() => parseStep({ ...step, token })).toThrow(/token/)
})

test('no row is not', () => {
  expect(() => parseStep(undefined)).toThrow()
})

test('a header that is no text is sent as one', () => {
  expect(parseStep({ ...step, events: [{ ...event, headers: { n: 1 } }] }).events?.[0]?.headers).toEqual({ n: '1' })
})

test.each([[null], [[]], ['x'], [1]])('headers that are %j are none, and hold up no other event', (headers) => {
  const { events } = parseStep({ ...step, events: [{ ...event, headers }, event] })
  expect(events?.map((event) => event.headers)).toEqual([{}, { ce_id: 'a' }])
})

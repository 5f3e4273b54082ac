import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'

test('a cursor gives back its id, and needs no escaping in a URL', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
      const cursor = encodeCursor(id)
      expect(decodeCursor(cursor)).toBe(id)
      expect(encodeURIComponent(cursor)).toBe(cursor)
    }),
  )
})

test.each(['', '5', 'aWQ6', 'aWQ6MA', 'aWQ6LTU', 'aWQ6MS41', 'aWQ6MDU', 'eHg6NQ', 'aWQ6NQ==', 'aWQ6NQ ', '%%%', '💥'])(
  '%j is not ours',
  (cursor) => {
    expect(decodeCursor(cursor)).toBeUndefined()
  },
)

test('no text makes it throw, or is taken for a cursor that it is not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const id = decodeCursor(text)
      expect(id === undefined || encodeCursor(id) === text).toBe(true)
    }),
  )
})

import { expect, test } from 'vitest'
import { parseCommand } from './arguments.ts'

const KNOWN = ['stock', 'webhook']

test.each([
  [[], { apps: KNOWN, count: 1, again: 'no' }],
  [['stock', '--count', '5'], { apps: ['stock'], count: 5, again: 'no' }],
  [['stock', 'stock', '--from-beginning'], { apps: ['stock'], count: 1, again: 'from-beginning' }],
  [['--reset'], { apps: KNOWN, count: 1, again: 'reset' }],
])('%o is understood', (args, command) => {
  expect(parseCommand(args, KNOWN)).toEqual(command)
})

test.each([
  [['stok'], 'there is no app stok: there are stock, webhook'],
  [['--count', '0'], '--count is a whole number from 1 to 20'],
  [['--count', '1e1'], '--count is a whole number from 1 to 20'],
  [['--reset', '--from-beginning'], '--reset reads from the beginning anyway'],
  [['--cuont', '5'], "Unknown option '--cuont'"],
])('%o is refused with a reason', (args, reason) => {
  expect(() => parseCommand(args, KNOWN)).toThrow(reason)
})

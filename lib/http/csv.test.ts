import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCsv } from './csv.ts'

const columns = ['name', 'price']
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
const cell = fc
  .array(fc.constantFrom('a', '"', ',', '\n', '\r\n', '\r', ' ', '\u{1F990}', 'é'), { maxLength: 8 })
  .map((parts) => parts.join(''))
const blank = fc.nat({ max: 2 })

test('what a table says is what is read, each row with the line where it begins', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, blank)),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (rows, newline, ends) => {
        let text = `price,name${newline}`
        const lines = rows.map(([price, name, blanks]) => {
          text += newline.repeat(blanks)
          const line = text.split('\n').length
          text += `${quote(price)},${quote(name)}${newline}`
          return line
        })
        const given = ends ? text : text.slice(0, -newline.length)
        const values = rows.map(([price, name]) => ({ price, name }))
        expect(parseCsv(given, { columns, limit: 1_000 })).toEqual({ values, lines, unread: [] })
      },
    ),
  )
})

test('no text makes it throw', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '\0') })
  fc.assert(
    fc.property(text, (rows) => {
      const { values, lines } = parseCsv(`name,price\n${rows}`, { columns, limit: 3 })
      expect(values.length).toBeLessThanOrEqual(3)
      expect(lines).toHaveLength(values.length)
    }),
  )
})

test('LF and CRLF end a line, in one table even; CR by itself is text', () => {
  const { values, lines } = parseCsv('name,price\na,1\r\nb\rc,2\nd,3', { columns, limit: 3 })
  expect([values.map(({ name }) => name), values.map(({ price }) => price), lines]).toEqual([
    ['a', 'b\rc', 'd'],
    ['1', '2', '3'],
    [2, 3, 4],
  ])
})

test('a header that is not ours and a row that is malformed are two faults', () => {
  expect(parseCsv('name\na\n"b"c', { columns, limit: 3 })).toEqual({
    values: [],
    lines: [],
    unread: [
      { line: 1, pointer: '', detail: 'must name the columns name, price, each once, in any order' },
      { line: 3, pointer: '', detail: 'is not well-formed CSV' },
    ],
  })
})

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
      fc.array(fc.tuple(cell, cell, blank).filter(([price, name]) => `${price}${name}`.trim() !== '')),
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

test.each([
  ['with semicolons', 'name;price\nSemla, with cream;24,90\n'],
  ['with tabs', 'price\tname\r\n24,90\tSemla, with cream'],
  ['with the line by which Excel is told', 'sep=;\r\nname;price\r\nSemla, with cream;24,90\r\n'],
  ['with that line, in quotes', '"sep=|"\nname|price\nSemla, with cream|24,90'],
  ['with names as people write them', 'Name ;PRICE\nSemla, with cream;24,90'],
  ['with names in quotes', '"price";"name"\n"24,90";"Semla, with cream"'],
  ['with CR only', 'name;price\rSemla, with cream;24,90\r'],
  ['with columns at the end in which nothing stands', 'name;price; ;\nSemla, with cream;24,90;;\n;;;\n;;;;\n'],
  ['after a row of spaces', '  \nname;price\nSemla, with cream;24,90'],
  ['with empty rows', `name;price\n;\nSemla, with cream;24,90\n${';\n \n'.repeat(5_000)}`],
])('a table as Excel writes it, %s', (_, text) => {
  const { values, unread } = parseCsv(text, { columns, limit: 2 })
  expect([values, unread]).toEqual([[{ name: 'Semla, with cream', price: '24,90' }], []])
})

test('a line counts as it is in the file', () => {
  const { lines } = parseCsv('sep=;\r\rname;price\ra;1\r;\rb;2\r"c\r";3\rd;4', { columns, limit: 9 })
  expect(lines).toEqual([4, 6, 7, 9])
})

test.each([
  ['name;cost\na;1', 'semicolons'],
  ['name\tcost\na\t1', 'tabs'],
  ['name|price|cost\na|1', 'vertical bars'],
  ['sep=;\nname,price\na,1', 'semicolons'],
  ['name:price\na:1', 'commas'],
])('of a header that is not ours it tells what was found between the columns: %j', (text, separators) => {
  const detail = `must name the columns name, price, each once, in any order, with ${separators} between them`
  expect(parseCsv(text, { columns, limit: 3 }).unread).toMatchObject([{ detail }])
})

test.each([
  ['name,price\nSemla,24,', 'Semla,24,'], // as 24,90 without its decimals, or with the next field empty
  ['name,price,\nSemla,24,90', '24,90 in a column without a name'],
  ['name,price,\nSemla,24,,', 'wider than the first row'],
  [',,,,\rname,price\rSemla,24,', 'wider than the first row in which something stands'],
])('a field too many is an issue where it could mean something: %j', (text) => {
  expect(parseCsv(text, { columns, limit: 3 })).toMatchObject({
    values: [],
    unread: [{ detail: expect.stringMatching(/^has [34] fields between commas, not 2$/) }],
  })
})

test('a column without a name is none only at the end', () => {
  for (const header of ['name,,price', ',name,price', 'name,price,,x'])
    expect(parseCsv(`${header}\na,1`, { columns, limit: 3 }).unread).toMatchObject([{ line: 1 }])
})

test('rows in which nothing stands are read no further than ten thousand, and what comes after them is not lost unsaid', () => {
  const after = (count: number) =>
    parseCsv(`name;price\n${';\n'.repeat(count)}a;1\n${';\n'.repeat(20_000)}`, { columns, limit: 3 })
  expect(after(10_000)).toEqual({ values: [{ name: 'a', price: '1' }], lines: [10_002], unread: [] })
  const detail = 'comes after 10000 rows in which nothing stands'
  expect(after(10_001)).toEqual({ values: [], lines: [], unread: [{ line: 10_002, pointer: '', detail }] })
})

test.each([
  ['name,price\r\na,1\r\n;\r\n', [{ name: 'a', price: '1' }, { name: ';' }]],
  ['name;price\r\na;1\r\n;\r\n\r\n', [{ name: 'a', price: '1' }]],
  ['name;price\ra;\r;\r\r', [{ name: 'a', price: '' }]],
  [
    'name;price\n;1\n"\n;\n";\n',
    [
      { name: '', price: '1' },
      { name: '\n;\n', price: '' },
    ],
  ],
])('the end of a table loses nothing but rows in which nothing stands: %j', (text, values) => {
  expect(parseCsv(text, { columns, limit: 9 })).toMatchObject({ values, unread: [] })
})

test('rows that come after empty ones are not forgotten', () => {
  const { values } = parseCsv(`name,price\n${',\n'.repeat(10)}a,1\nb,2`, { columns, limit: 3 })
  expect(values).toHaveLength(2)
})

test('LF and CRLF end a line, in one table even; CR by itself is text', () => {
  const { values, lines } = parseCsv('name,price\na,1\r\nb\rc,2\nd,3', { columns, limit: 3 })
  expect([values.map(({ name }) => name), values.map(({ price }) => price), lines]).toEqual([
    ['a', 'b\rc', 'd'],
    ['1', '2', '3'],
    [2, 3, 4],
  ])
})

test('a header that is not ours and a row that is malformed are two issues', () => {
  expect(parseCsv('name\na\n"b"c', { columns, limit: 3 })).toEqual({
    values: [],
    lines: [],
    unread: [
      {
        line: 1,
        pointer: '',
        detail: 'must name the columns name, price, each once, in any order, with commas between them',
      },
      { line: 3, pointer: '', detail: 'is not well-formed CSV' },
    ],
  })
})

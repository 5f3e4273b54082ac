import { CsvError, parse } from 'csv-parse/sync'
import type { Fault } from './problem.ts'

const LF = 0x0a
const CR = 0x0d

type Row = { line: number; fields: string[] }

/**
 * Up to `limit` rows of a table (RFC 4180) as objects, every field as text. The first row names the `columns`, in any order; a row
 * with more fields than these is a fault. Blank lines are passed over. After a row that is malformed nothing is read.
 */
export function parseCsv(text: string, { columns, limit }: { columns: string[]; limit: number }) {
  const { rows, unread } = readRows(text, { limit: limit + 1, columns: columns.length })
  const [header, ...entries] = rows
  const names = header?.fields ?? []
  if (header && !(names.length === columns.length && columns.every((column) => names.includes(column)))) {
    const detail = `must name the columns ${columns.join(', ')}, each once, in any order`
    return { values: [], lines: [], unread: [{ line: header.line, pointer: '', detail }, ...unread] }
  }
  return {
    values: entries.map(({ fields }) => Object.fromEntries(fields.map((field, index) => [names[index] ?? '', field]))),
    lines: entries.map(({ line }) => line),
    unread,
  }
}

/** Rows with the lines where they begin. The parser's own count takes a CRLF between quotes for two lines, so its bytes are counted. */
function readRows(text: string, { limit, columns }: { limit: number; columns: number }) {
  const bytes = Buffer.from(text)
  const rows: Row[] = []
  const unread: Fault[] = []
  let position = 0
  let line = 1 // of the byte at `position`
  const advance = () => {
    if (bytes[position++] === LF) line++
  }
  const skipBlankLines = () => {
    while (bytes[position] === LF || bytes[position] === CR) advance()
  }

  try {
    parse(bytes, {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      to: limit,
      on_record(fields: string[], { bytes: end }) {
        skipBlankLines()
        if (fields.length > columns && rows.length > 0)
          unread.push({ line, pointer: '', detail: `has ${fields.length} fields, not ${columns}` })
        else rows.push({ line, fields: fields.slice(0, columns + 1) })
        while (position < end) advance()
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    skipBlankLines()
    unread.push({ line, pointer: '', detail: 'is not well-formed CSV' })
  }
  return { rows, unread }
}

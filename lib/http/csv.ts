import { CsvError, parse } from 'csv-parse/sync'
import { columnsOf, dialectOf, nameOf, namesAll } from './csv-dialect.ts'
import type { Issue } from './problem.ts'

const LF = 0x0a
const CR = 0x0d

const isBlank = (field: string) => field.trim() === ''

type Row = { line: number; fields: string[] }
type Limits = { columns: string[]; limit: number }

/** Rows among others in which nothing stands: each costs the parser 30 µs, and of `;` and LF 1 MiB has half a million. */
const MOST_EMPTY = 10_000

/** Thrown to stop the parser, which has no other way that does not count rows that are empty. */
const ENOUGH = new Error('enough rows')

/**
 * Up to `limit` rows of a table (RFC 4180, or as Excel writes it) as objects, every field as text. The first row names
 * the `columns`, in any order; a row with more fields than these is an issue, but for columns that are empty from the
 * first row to the last. Rows in which nothing stands are passed over. After a row that is malformed nothing is read.
 */
export function parseCsv(text: string, { columns, limit }: Limits) {
  const { rows, unread, separators } = readRows(text, { columns, limit: limit + 1 })
  const [header, ...entries] = rows
  const names = columnsOf(header?.fields ?? [])
  if (header && !namesAll(names, columns)) {
    const detail = `must name the columns ${columns.join(', ')}, each once, in any order, with ${separators} between them`
    return { values: [], lines: [], unread: [{ line: header.line, pointer: '', detail }, ...unread] }
  }
  return {
    values: entries.map(({ fields }) => Object.fromEntries(fields.map((field, index) => [names[index] ?? '', field]))),
    lines: entries.map(({ line }) => line),
    unread,
  }
}

/**
 * Rows with the lines where they begin. The parser's own count takes a CRLF between quotes for two lines, so its bytes
 * are counted.
 */
function readRows(text: string, { columns, limit }: Limits) {
  const { separator, newlines, start } = dialectOf(text, columns)
  const newline = newlines.includes('\r') ? CR : LF
  const table = withoutEmptyEnd(text.slice(start), separator, newline === CR ? /\r/ : /\r?\n/)
  const bytes = Buffer.from(table)
  const rows: Row[] = []
  let width = columns.length // of the first row, where that ends in empty columns
  const unread: Issue[] = []
  let empty = 0
  let position = 0
  let line = start > 0 ? 2 : 1 // of the byte at `position`
  const advance = () => {
    if (bytes[position++] === newline) line++
  }
  const skipBlankLines = () => {
    while (bytes[position] === LF || bytes[position] === CR) advance()
  }
  const read = (fields: string[]) => {
    if (fields.every(isBlank)) {
      if (++empty <= MOST_EMPTY) return
      unread.push({ line, pointer: '', detail: `comes after ${MOST_EMPTY} rows in which nothing stands` })
      throw ENOUGH
    }
    const isHeader = rows.length === 0
    if (isHeader) width = Math.max(width, fields.length)
    // Not in a row that is wider than the first: where 24,90 has made two fields, the empty one may be a quantity.
    const fits = fields.length <= width && fields.slice(columns.length).every(isBlank)
    if (isHeader) rows.push({ line, fields })
    else if (fits) rows.push({ line, fields: fields.slice(0, columns.length) })
    else {
      const detail = `has ${fields.length} fields between ${nameOf(separator)}, not ${columns.length}`
      unread.push({ line, pointer: '', detail })
    }
  }

  try {
    parse(bytes, {
      delimiter: separator,
      record_delimiter: newlines,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record(fields: string[], { bytes: end }) {
        if (rows.length + unread.length === limit) throw ENOUGH
        skipBlankLines()
        read(fields)
        while (position < end) advance()
        return null
      },
    })
  } catch (error) {
    if (error !== ENOUGH) {
      if (!(error instanceof CsvError)) throw error
      skipBlankLines()
      unread.push({ line, pointer: '', detail: 'is not well-formed CSV' })
    }
  }
  return { rows, unread, separators: nameOf(separator) }
}

/** A table without the rows at its end in which nothing stands: a sheet may have any number of them. */
function withoutEmptyEnd(table: string, separator: string, newline: RegExp) {
  let end = table.length
  while (end > 0 && (table[end - 1] === separator || table[end - 1]?.trim() === '')) end--
  const rest = table.slice(end).search(newline)
  return rest < 0 ? table : table.slice(0, end + rest)
}

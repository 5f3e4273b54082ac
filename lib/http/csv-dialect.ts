// How a table is written. RFC 4180 has commas; Excel writes what the language of its user wants, and never says which.

/** What may stand between the fields of a row, with its name in the plural. */
const SEPARATORS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' } as const
type Separator = keyof typeof SEPARATORS

export type Dialect = { separator: Separator; newlines: string[]; start: number }

export const nameOf = (separator: Separator) => SEPARATORS[separator]

/**
 * The columns that a row names, as `columns` spells them; upper and lower case are the same, as is space around a name.
 * Those at its end that have no name are none.
 */
export function columnsOf(fields: string[]) {
  const names = fields.map((field) => field.trim().toLowerCase())
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1)
}

export const namesAll = (names: string[], columns: string[]) =>
  names.length === columns.length && columns.every((column) => names.includes(column))

/**
 * A table begins at `start`, after the line `sep=;` by which Excel can be told its separator. Without one it is the
 * separator by which the first row names the columns, or else the one that is there most often. Lines end in LF or
 * CRLF, or in CR where the first one does, as on a Macintosh.
 */
export function dialectOf(text: string, columns: string[]): Dialect {
  const [hint = '', told] = /^"?sep=([,;\t|])"?(?:\r\n|\r|\n|$)/i.exec(text) ?? []
  const table = text.slice(hint.length)
  const [header = ''] = /\S[^\r\n]{0,999}/.exec(table) ?? [] // as much as can be ours: one of a million fields is dear to split
  const [, newline] = /[^\r\n](\r\n|\r|\n)/.exec(text) ?? []
  const all = Object.keys(SEPARATORS).filter(isSeparator)
  const byFrequency = all.toSorted((a, b) => header.split(b).length - header.split(a).length)
  const fits = (separator: Separator) => namesAll(columnsOf(header.split(separator).map(unquoted)), columns)
  return {
    separator: all.find((separator) => separator === told) ?? all.find(fits) ?? byFrequency[0] ?? ',',
    newlines: newline === '\r' ? ['\r'] : ['\r\n', '\n'],
    start: hint.length,
  }
}

const isSeparator = (text: string): text is Separator => text in SEPARATORS
const unquoted = (field: string) => field.trim().replace(/^"(.*)"$/, '$1')

import { parseJson } from './parse-json.ts'
import type { Issue } from './problem.ts'

export const NO_JSON = 'is not well-formed JSON'

/** Up to `limit` values, each on a line of its own: https://jsonlines.org. Blank lines are passed over. */
export function parseNdjson(text: string, { limit }: { limit: number }) {
  const values: unknown[] = []
  const lines: number[] = []
  const unread: Issue[] = []
  for (const [index, source] of text.split('\n').entries()) {
    if (/^[ \t\r]*$/.test(source)) continue
    if (values.length + unread.length === limit) break
    try {
      values.push(parseJson(source))
      lines.push(index + 1)
    } catch {
      unread.push({ line: index + 1, pointer: '', detail: NO_JSON })
    }
  }
  return { values, lines, unread }
}

import type { Line, Result } from './result.ts'

const EXAMPLES = 3

/** The result as lines of text, with examples of what broke a promise. */
export function table({ lines, broken }: Result) {
  const width = Math.max(...lines.map(({ name }) => name.length))
  const row = ({ name, value, violations }: Line) => `${mark(violations)} ${name.padEnd(width)}  ${value}`
  const rows = lines.flatMap((line) => [
    row(line),
    ...(line.violations ?? []).slice(0, EXAMPLES).map((example) => `       ${example}`),
  ])
  return [...rows, '', broken ? `${broken} promises broken` : 'All promises kept'].join('\n')
}

const mark = (violations: string[] | undefined) => (violations ? (violations.length ? 'FAIL' : 'ok  ') : '    ')

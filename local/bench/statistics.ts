import { percentile } from '../rig/percentile.ts'

/** Minimum, median and maximum. */
export const spread = (values: number[]) => ({
  min: percentile(values, 0),
  median: percentile(values, 0.5),
  max: percentile(values, 1),
})

/** One value for each round by another of the same round: what disturbs a machine for a while disturbs both. */
export const ratios = (values: number[], others: number[]) =>
  spread(values.map((value, round) => value / (others[round] ?? NaN)))

/** e.g. `0.61 (0.58-0.66)`: the median, and from where to where. */
export const show = ({ min, median, max }: ReturnType<typeof spread>, digits = 2) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`

/** How much y grows with x, by least squares. */
export function slope(points: { x: number; y: number }[]) {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))]
  const covariance = mean(points.map((point) => (point.x - x) * (point.y - y)))
  return covariance / mean(points.map((point) => (point.x - x) ** 2))
}

/** A row of a table in Markdown. */
export const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`

/** The first two rows of a table in Markdown. */
export const heading = (...names: string[]) => `${row(...names)}\n${row(...names.map(() => '---'))}`

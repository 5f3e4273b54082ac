/** What lies at a share of the values, 0 to 1, by nearest rank. NaN where there is none. */
export function percentile(values: number[], share: number) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

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

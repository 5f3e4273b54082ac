// The lag of each group over the last 15 minutes, as a line of points.

type LagPoint = { at: number; lag: number }

const EVERY = 15_000 // ms
const KEPT = 60 // points

export function openLagHistory() {
  const histories = new Map<string, LagPoint[]>()
  return {
    of: (groupId: string) => (histories.get(groupId) ?? []).map(({ lag }) => lag),
    /** The highest lag of each `EVERY` ms counts, or a short one would not be seen. */
    note(groupId: string, lag: number, now: number) {
      const points = histories.get(groupId) ?? []
      const last = points.at(-1)
      const at = Math.floor(now / EVERY) * EVERY
      if (last?.at === at) last.lag = Math.max(last.lag, lag)
      else points.push({ at, lag })
      if (points.length > KEPT) points.shift()
      histories.set(groupId, points)
    },
  }
}

// Partitions that wait for the next attempt at a record, while the others go on.

type Hold = { resume: () => void; timer: NodeJS.Timeout }
type Failed = { offset: string; attempts: number }

export function newHolds() {
  const holds = new Map<string, Hold>()
  const failed = new Map<string, Failed>() // the record that each partition stands at

  return {
    /** How often the record was tried, with the attempt that is about to begin. */
    count(partition: string, offset: string) {
      const last = failed.get(partition)
      const attempts = last?.offset === offset ? last.attempts + 1 : 1
      failed.set(partition, { offset, attempts })
      return attempts
    },

    done: (partition: string) => void failed.delete(partition),

    has: (partition: string) => holds.has(partition),

    /** `resume` is called after `ms`. */
    hold(partition: string, ms: number, resume: () => void) {
      const timer = setTimeout(() => {
        holds.delete(partition)
        resume()
      }, ms)
      holds.set(partition, { resume, timer })
    },

    /** All go on at once: the group has a new generation, or this member leaves it. */
    release() {
      for (const { resume, timer } of holds.values()) {
        clearTimeout(timer)
        resume()
      }
      holds.clear()
    },
  }
}

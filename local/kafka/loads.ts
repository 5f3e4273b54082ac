// What the connections of all clients may take of this process together. Who takes most pays for it, so that a client which takes
// little is served whatever others do.

export type Limits = {
  unansweredBytes: number // of requests, half sent ones included; Kafka's queued.max.request.bytes
  connections: number // Kafka's max.connections
  idle: number // ms without a byte until a connection is ended; Kafka's connections.max.idle.ms
}

export const LIMITS: Limits = {
  unansweredBytes: 200 * 1024 * 1024, // two of the largest requests
  connections: 2_000, // well below the files that a process may open, of which the logs need some
  idle: 600_000,
}

export type Load = { bytes: number; heard: number; cut: (reason: string) => void }
export type Loads = ReturnType<typeof createLoads>

export function createLoads({ unansweredBytes, connections, idle }: Limits) {
  const loads = new Set<Load>()
  let total = 0
  let clock = 0

  const forget = (load: Load) => {
    if (loads.delete(load)) total -= load.bytes
  }
  const cut = (load: Load | undefined, reason: string) => {
    if (!load) return
    forget(load)
    load.cut(reason)
  }
  const most = (measure: (load: Load) => number) => [...loads].toSorted((a, b) => measure(b) - measure(a))[0]

  return {
    idle,

    /** Counts a new connection; where there are too many, the one that has been silent for longest is cut off by its `cut`. */
    open(cutOff: Load['cut']): Load {
      const load = { bytes: 0, heard: ++clock, cut: cutOff }
      if (loads.size >= connections)
        cut(
          most(({ heard }) => -heard),
          `more than ${connections} connections`,
        )
      loads.add(load)
      return load
    },

    /** The client sent something and is due `bytes` now that are unanswered; where all are due too many, the one with most is cut off. */
    hold(load: Load, bytes: number) {
      if (!loads.has(load)) return
      load.heard = ++clock
      total += bytes - load.bytes
      load.bytes = bytes
      while (total > unansweredBytes)
        cut(
          most((each) => each.bytes),
          `more than ${unansweredBytes} bytes of requests that wait`,
        )
    },

    close: forget,
  }
}

import type { Change } from '../rig/history.ts'

/** What a client was told has happened. The answer to a deletion has no version. */
export type Acknowledgement = { type: Change['type']; id: number; version?: number }
export type LoadReport = {
  acknowledged: Acknowledgement[]
  statuses: Map<string, number>
  unexpected: number
  samples: string[]
}

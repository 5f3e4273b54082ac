// The relay's alarm clock: one Durable Object, which looks at the outbox while something may be left there. With an
// empty outbox it sleeps, and so may the database.

import { DurableObject } from 'cloudflare:workers'
import { parseConfig, PublisherConfig } from '../config.ts'
import { database } from '../database.ts'
import { errorFields, log } from '../log.ts'
import { relay } from './relay.ts'

const LEAST_BACKOFF = 30_000 // ms
const MOST_BACKOFF = 15 * 60_000 // ms: the database may be away for long, and is not asked more often than that

/** What it remembers, as it is not in memory between two alarms. */
const LATEST = 'latest' // ms since the epoch: the last moment for which somebody has asked
const FAILURES = 'failures' // looks in a row that have found no database

/**
 * `wake.ts` is the way to it. An object has one alarm, which survives its machine, and which Cloudflare repeats 6 times
 * where it throws, and never after that: so it throws only where its own storage fails.
 * https://developers.cloudflare.com/durable-objects/api/alarms/
 */
export class OutboxAlarm extends DurableObject {
  /**
   * Sees to it that somebody looks within `ms`, and also then: of two moments that are asked for, the earlier does not
   * stand for the later, as whoever asks may write until then. Nobody's alarm is put off by another's.
   */
  async arm(ms: number): Promise<void> {
    const { storage } = this.ctx
    const at = Date.now() + ms
    const set = await storage.getAlarm()
    if (set === null || at < set) await storage.setAlarm(at)
    if (at > (await this.remembered(LATEST))) await storage.put(LATEST, at)
  }

  /** Looks, and sets the next alarm where something is left or somebody has asked for a later one. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx
    const again = (await this.look()) ?? Infinity
    const now = Date.now()
    const latest = await this.remembered(LATEST)
    const next = Math.min(
      now + again,
      (await storage.getAlarm()) ?? Infinity, // of whoever has asked meanwhile
      latest > now ? latest : Infinity,
    )
    if (next < Infinity) await storage.setAlarm(next)
  }

  /** Gives in how many ms to look again, or undefined where nothing is left. */
  private async look(): Promise<number | undefined> {
    const { storage } = this.ctx
    const failures = await this.remembered(FAILURES)
    try {
      const config = parseConfig(PublisherConfig, this.env)
      const again = await relay(database(config), config)
      if (failures) await storage.delete(FAILURES)
      return again
    } catch (error) {
      const backoff = Math.min(LEAST_BACKOFF * 2 ** failures, MOST_BACKOFF)
      log('error', 'the relay failed', { backoff, ...errorFields(error) })
      await storage.put(FAILURES, failures + 1)
      return backoff
    }
  }

  private async remembered(name: string): Promise<number> {
    return (await this.ctx.storage.get<number>(name)) ?? 0
  }
}

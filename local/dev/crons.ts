import { readFile } from 'node:fs/promises'
import { Cron } from 'croner'
import { parse } from 'smol-toml'
import * as z from 'zod'
import { statusOf } from '../machine/direct.ts'

const Triggers = z.object({ crons: z.array(z.string()).default([]) })
const Config = z.object({
  triggers: Triggers.optional(),
  env: z.record(z.string(), z.object({ triggers: Triggers.optional() })).default({}),
})

const EACH_MINUTE = '* * * * *'

/**
 * When the timer of an environment of wrangler.toml ('' is the top level) comes here, which inherits it. Production has
 * it come hourly, for the database to sleep meanwhile; a local one never sleeps, and whoever changes a row in psql is to
 * see its event soon.
 */
export async function localCrons(configPath: string, environment: string) {
  const { triggers, env } = Config.parse(parse(await readFile(configPath, 'utf8')))
  const { crons = [] } = env[environment]?.triggers ?? triggers ?? {}
  return crons.length ? [EACH_MINUTE] : []
}

/** Calls the Worker's scheduled() when it is due, as production does: `wrangler dev` leaves it to us. */
export function scheduleCrons(crons: string[], api: string, log: (message: string) => void) {
  // In Cloudflare's weekdays 1 is Sunday: https://developers.cloudflare.com/workers/configuration/cron-triggers/
  const jobs = crons.map(
    (cron) => new Cron(cron, { timezone: 'UTC', alternativeWeekdays: true, unref: true }, () => fire(cron, api, log)),
  )
  return () => jobs.forEach((job) => job.stop())
}

async function fire(cron: string, api: string, log: (message: string) => void) {
  const url = new URL('/cdn-cgi/local/scheduled', api)
  url.searchParams.set('cron', cron)
  try {
    const status = await statusOf(url)
    if (status !== 200) log(`Cron ${cron}: failed with ${status}`)
  } catch {
    log(`Cron ${cron}: the API does not answer`)
  }
}

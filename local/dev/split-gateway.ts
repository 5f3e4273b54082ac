// The gateway with a timer: `wrangler dev` fires only the first of several Workers, so here that one hands it on.

import gateway from '../../functions/gateway.ts'

type Timer = { scheduled(options: { cron: string }): Promise<{ outcome: string }> }

export default {
  fetch: gateway.fetch,
  async scheduled({ cron }: ScheduledController, { RELAY_EVENTS }: { RELAY_EVENTS: Timer }) {
    const { outcome } = await RELAY_EVENTS.scheduled({ cron })
    if (outcome !== 'ok') throw new Error(`The relay ended with ${outcome}`)
  },
}

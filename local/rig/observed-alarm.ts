// The relay's alarm, which a test can set and look at, in as many objects as it names.

import { OutboxAlarm } from '../../lib/outbox/alarm.ts'

class Observed extends OutboxAlarm {
  private begun = 0
  private ended = 0

  override async alarm() {
    this.begun++
    await super.alarm()
    this.ended++
  }

  /** Forgets when it was to come. */
  async rest() {
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }

  /** How often it has looked, and when it comes next, in ms since the epoch; undefined while it looks. */
  async state() {
    const next = await this.ctx.storage.getAlarm()
    return { looks: this.ended, ...(this.begun === this.ended && { next }) }
  }
}

export { Observed as OutboxAlarm }
export default {
  async fetch(request: Request, { OUTBOX_ALARM }: { OUTBOX_ALARM: DurableObjectNamespace<Observed> }) {
    const { pathname, searchParams } = new URL(request.url)
    const alarm = OUTBOX_ALARM.getByName(pathname)
    const ms = searchParams.get('arm')
    if (ms !== null) await alarm.arm(Number(ms))
    if (searchParams.has('rest')) await alarm.rest()
    return Response.json(await alarm.state())
  },
}

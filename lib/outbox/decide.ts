// What a publisher does next: a pure function of what it has seen.

/** What came of its last statement. */
export type Last =
  | 'nothing yet'
  | 'a batch' // which it has sent by now, holding the lease
  | 'freed' // it held the lease and does no more
  | 'nothing' // there was nothing, or another publisher has the lease
  | 'backoff' // nobody is to try Kafka

export type Situation = {
  last: Last
  age: number // ms
  statements: number // so far
  mostStatements: number
  retired: boolean // whether its isolate is open to a younger publisher
  youngerThere: boolean
  wanted: boolean // whether somebody has asked for it since it last looked
  idle: boolean // whether it has waited for that, in vain
}

export type Action =
  | 'retire' // leave the isolate to a younger publisher
  | 'look' // for the next batch; it takes, renews or frees the lease as there is one
  | 'free' // the lease
  | 'wait' // for somebody to ask for it
  | 'hand over' // to the younger one, which may have found the lease taken
  | 'stop'

const RETIRE = 15_000 // ms
const TIRE = 18_000 // ms after which it frees the lease after each batch, and goes on only with what came before that
const END = 23_000 // ms after which it begins nothing more: waitUntil() gives it 30 s, https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
const RESERVE = 8 // statements that are left when it tires
const LAST_RESERVE = 2 // for freeing the lease

/**
 * Whoever frees the lease looks once more, for those whose events came while it was taken: nobody else would come by
 * for them. So it stops without that look only where its time or its statements are over, or where another one looks.
 */
export function decide({
  last,
  age,
  statements,
  mostStatements,
  retired,
  youngerThere,
  wanted,
  idle,
}: Situation): Action {
  const tired = age > TIRE || statements >= mostStatements - RESERVE
  const spent = age > END || statements >= mostStatements - LAST_RESERVE
  if (last === 'backoff') return 'stop'
  if (!retired && (age > RETIRE || tired)) return 'retire'
  if (last === 'nothing yet') return spent ? 'stop' : 'look'
  if (last === 'a batch') return spent || tired || (retired && youngerThere) ? 'free' : 'look'
  if (retired && youngerThere) return 'hand over'
  if (last === 'freed') return spent ? 'stop' : 'look'
  if (retired) return wanted && !spent ? 'look' : 'stop'
  return idle ? 'stop' : 'wait'
}

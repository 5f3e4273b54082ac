// What the page can have done: each by its name out of this list, with values that a schema describes. No command,
// path, SQL or pattern comes from the page.

import * as z from 'zod'
import { APP_NAMES } from '../consumers/consumers.ts'
import type { Supervisor } from '../consumers/reports.ts'
import { redrive, release } from '../outbox/change.ts'
import { withClient } from './database.ts'
import type { Letters } from './letters.ts'
import { MOST_AT_ONCE, MOST_PER_SECOND, type openLoad } from './load.ts'
import type { Move } from './move.ts'
import { type Answer, inventProduct, NewProduct } from './products.ts'
import { Refused } from './refused.ts'

export type Hands = {
  databaseUrl: string
  supervisor: Supervisor
  load: ReturnType<typeof openLoad>
  /** Calls the API, and never throws. */
  call(call: { method: string; path: string; body?: unknown }): Promise<Answer>
  move(move: Move): Promise<unknown>
  letters: Letters
  /** undefined where the broker is not ours. */
  pauseBroker: ((paused: boolean) => void) | undefined
}

const app = z.enum(APP_NAMES)
const member = z.string().max(100)
const id = z.number().int().positive()
const group = z.string().min(1).max(249)
const nothing = z.object({})

const to = z.discriminatedUnion('to', [
  z.object({ to: z.literal('earliest') }),
  z.object({ to: z.literal('latest') }),
  z.object({ to: z.literal('back'), records: z.number().int().min(1).max(1_000_000) }),
  z.object({ to: z.literal('time'), at: z.number().int().min(0) }),
])

/** An action: what it takes, and what it does. */
const action = <T>(schema: z.ZodType<T>, run: (hands: Hands, input: T) => unknown) => ({ schema, run }) as const

const ACTIONS = {
  product: action(NewProduct, (hands, body) => hands.call({ method: 'POST', path: '/products', body })),
  invent: action(nothing, (hands) => hands.call({ method: 'POST', path: '/products', body: inventProduct() })),
  change: action(z.object({ id, price: z.string().max(30) }), (hands, { id, price }) =>
    hands.call({ method: 'PATCH', path: `/products/${id}`, body: { price } }),
  ),
  remove: action(z.object({ id }), (hands, { id }) => hands.call({ method: 'DELETE', path: `/products/${id}` })),
  add: action(z.object({ count: z.number().int().min(1).max(MOST_AT_ONCE) }), ({ load }, { count }) => load.add(count)),
  rate: action(z.object({ perSecond: z.number().int().min(0).max(MOST_PER_SECOND) }), ({ load }, { perSecond }) =>
    load.rate(perSecond),
  ),
  start: action(z.object({ app }), ({ supervisor }, { app }) => void supervisor.start(app)),
  stop: action(z.object({ member }), ({ supervisor }, { member }) => supervisor.stop(known(supervisor, member))),
  kill: action(z.object({ member }), ({ supervisor }, { member }) => supervisor.kill(known(supervisor, member))),
  slow: action(z.object({ member, ms: z.number().int().min(0).max(60_000) }), ({ supervisor }, { member, ms }) =>
    supervisor.slow(known(supervisor, member), ms),
  ),
  move: action(z.intersection(z.object({ group, really: z.boolean() }), to), (hands, move) => hands.move(move)),
  redrive: action(nothing, async ({ databaseUrl }) => ({
    redriven: await withClient(databaseUrl, (client) => redrive(client, { ids: 'all', dryRun: false })),
  })),
  release: action(z.object({ target: z.string().max(300) }), async ({ databaseUrl }, { target }) => ({
    released: await withClient(databaseUrl, (client) => release(client, { target, dryRun: false })),
  })),
  letters: action(z.object({ group }), ({ letters }, { group }) => letters.again(group)),
  poison: action(nothing, ({ letters }) => letters.poison()),
  broker: action(z.object({ paused: z.boolean() }), ({ pauseBroker }, { paused }) => {
    if (!pauseBroker)
      throw new Refused('This broker is not ours: pause it where it runs, as with `docker compose pause kafka`.')
    pauseBroker(paused)
  }),
}

export type Action = keyof typeof ACTIONS
export const isAction = (name: string): name is Action => Object.hasOwn(ACTIONS, name)

/** Throws Refused and ZodError, for which the page has the sentence, and whatever goes wrong. */
export function act(name: Action, hands: Hands, input: unknown): unknown {
  const { schema, run } = ACTIONS[name] as {
    schema: z.ZodType<unknown>
    run: (hands: Hands, input: unknown) => unknown
  }
  return run(hands, schema.parse(input))
}

function known(supervisor: Supervisor, member: string) {
  if (supervisor.members().some(({ name }) => name === member)) return member
  throw new Refused(`${member} was not started from here: it can only be ended where it runs.`)
}

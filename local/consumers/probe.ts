// An app for tests, whose every effect is seen. What a product is called says what happens to its events.

import type pg from 'pg'
import type { App } from './app.ts'
import { Poison } from './event.ts'

/**
 * 'poison' can never work and 'wait' fails for now, until they are mended for that app. Everything else works, also
 * twice if it were let.
 */
export const probe = (name: string): App => ({
  name,
  create: `
    create table if not exists consumers.effects (
      app text not null,
      event_id text not null,
      product_id bigint not null,
      version integer not null
    );
    create table if not exists consumers.mended (app text not null, pname text not null)`,
  forget: (client) => client.query('delete from consumers.effects where app = $1', [name]),
  start:
    () =>
    async ({ event: { id, product_id, pname, version }, client }) => {
      await client.query('insert into consumers.effects values ($1, $2, $3, $4)', [name, id, product_id, version])
      if (pname !== 'poison' && pname !== 'wait') return 'noted'
      const { rowCount } = await client.query('select from consumers.mended where app = $1 and pname = $2', [
        name,
        pname,
      ])
      if (rowCount === 0) throw pname === 'poison' ? new Poison('it is poison') : new Error('it has to wait')
      return 'noted, as it was mended'
    },
})

export const mend = (pool: pg.Pool, app: string, pname: string) =>
  pool.query('insert into consumers.mended values ($1, $2)', [app, pname])

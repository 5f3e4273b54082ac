// An alert whenever the price of a product crosses a threshold: PRICE_WATCH_THRESHOLD, or 10.00.

import { ConfigError } from '../../../lib/config.ts'
import type { App } from '../app.ts'

const THRESHOLD = '10.00'

export const priceWatch: App = {
  name: 'price-watch',
  create: `
    create table if not exists consumers.prices (product_id bigint primary key, price numeric(12, 2) not null);
    create table if not exists consumers.price_alerts (
      event_id text primary key,
      product_id bigint not null,
      pname text not null,
      was numeric(12, 2) not null,
      is_now numeric(12, 2) not null,
      threshold numeric(12, 2) not null,
      alerted_at timestamptz not null default now()
    )`,
  forget: (client) => client.query('truncate consumers.prices, consumers.price_alerts'),
  start(env, say) {
    const threshold = env.PRICE_WATCH_THRESHOLD || THRESHOLD
    if (!/^\d{1,10}(\.\d\d?)?$/.test(threshold)) throw new ConfigError('PRICE_WATCH_THRESHOLD is no price, like 10.00')
    return async ({ event: { id, type, product_id, pname, price }, client }) => {
      if (type === 'product.deleted') {
        await client.query('delete from consumers.prices where product_id = $1', [product_id])
        return 'its price is forgotten'
      }
      const { rows } = await client.query<{ was: string }>(
        `with before as (select price as was from consumers.prices where product_id = $1),
         now as (
           insert into consumers.prices (product_id, price) values ($1, $2)
           on conflict (product_id) do update set price = excluded.price
         )
         insert into consumers.price_alerts (event_id, product_id, pname, was, is_now, threshold)
         select $3, $1, $4, was, $2, $5::numeric from before where (was < $5::numeric) <> ($2 < $5::numeric)
         returning was`,
        [product_id, price, id, pname, threshold],
      )
      for (const { was } of rows)
        say(`product ${product_id} crosses ${threshold}: it cost ${was} and costs ${price} now`)
      return `price ${price} noted, ${rows.length ? 'with' : 'without'} an alert`
    }
  },
}

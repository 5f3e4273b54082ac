// How many units of each product there are, and what they are worth.

import type { App } from '../app.ts'

export const stock: App = {
  name: 'stock',
  create: `
    create table if not exists consumers.stock (
      product_id bigint primary key,
      pname text not null,
      units integer not null,
      value numeric(24, 2) not null
    )`,
  forget: (client) => client.query('truncate consumers.stock'),
  start:
    () =>
    async ({ event, client }) => {
      const { type, product_id, pname, quantity, price } = event
      if (type === 'product.deleted') {
        await client.query('delete from consumers.stock where product_id = $1', [product_id])
        return 'out of stock for ever, as it is deleted'
      }
      const { rows } = await client.query<{ value: string }>(
        `insert into consumers.stock (product_id, pname, units, value)
         values ($1, $2, $3::integer, $3::integer * $4::numeric)
         on conflict (product_id) do update set pname = excluded.pname, units = excluded.units, value = excluded.value
         returning value`,
        [product_id, pname, quantity, price],
      )
      return `${quantity} unit${quantity === 1 ? '' : 's'} on hand, worth ${rows[0]?.value}`
    },
}

// The words of each product's name, to be searched:
//   select pname from consumers.search_index where words @@ websearch_to_tsquery('simple', 'green tea')

import type { App } from '../app.ts'

export const searchIndex: App = {
  name: 'search-index',
  create: `
    create table if not exists consumers.search_index (
      product_id bigint primary key,
      pname text not null,
      words tsvector not null generated always as (to_tsvector('simple', pname)) stored
    );
    create index if not exists search_index_words on consumers.search_index using gin (words)`,
  forget: (client) => client.query('truncate consumers.search_index'),
  start:
    () =>
    async ({ event, client }) => {
      const { type, product_id, pname } = event
      if (type === 'product.deleted') {
        await client.query('delete from consumers.search_index where product_id = $1', [product_id])
        return 'not found any more'
      }
      await client.query(
        `insert into consumers.search_index (product_id, pname) values ($1, $2)
         on conflict (product_id) do update set pname = excluded.pname`,
        [product_id, pname],
      )
      return `found by the words of ${JSON.stringify(pname)}`
    },
}

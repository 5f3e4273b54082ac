import { newClient } from '../machine/pg-client.ts'
import type { Sql } from '../../lib/database.ts'

/**
 * The statements of `lib/` on one connection, so that a test can hold one inside a transaction. Takes no nested
 * templates.
 */
export async function openConnection(url: string) {
  const client = newClient(url)
  await client.connect()
  const run = async (text: TemplateStringsArray, ...values: unknown[]) =>
    (
      await client.query(
        text.reduce((query, part, i) => `${query}$${i}${part}`),
        values,
      )
    ).rows
  return {
    sql: run as unknown as Sql,
    query: (text: string) => client.query(text),
    [Symbol.asyncDispose]: () => client.end(),
  }
}

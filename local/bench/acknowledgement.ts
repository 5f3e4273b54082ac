import { newClient } from '../machine/pg-client.ts'
import { type Outbox, whenDrained } from './drained.ts'

/** From now on Postgres keeps, for each event that leaves the outbox as Kafka has it, how many ms it was there. */
export async function timeAcknowledgements(outbox: Outbox) {
  const client = newClient(outbox.databaseUrl)
  await client.connect()
  await client.query(`
    create table bench_acknowledged (ms float8);
    create function bench_acknowledged() returns trigger language plpgsql as $$
      begin
        insert into bench_acknowledged values (extract(epoch from clock_timestamp() - old.created_at) * 1000);
        return null;
      end $$;
    create trigger bench_acknowledged after delete on outbox for each row execute function bench_acknowledged()`)
  return {
    /** Those of all events, once there is no other in the outbox. */
    async milliseconds() {
      await whenDrained(outbox)
      const { rows } = await client.query<{ ms: number }>('select ms from bench_acknowledged')
      await client.query(
        'drop trigger bench_acknowledged on outbox; drop function bench_acknowledged; drop table bench_acknowledged',
      )
      return rows.map(({ ms }) => ms)
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

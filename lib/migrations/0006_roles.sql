-- Who may do what: `products_writer` is for handlers that change products, and for the relay, `products_reader` for those that read,
-- and for health. The role that migrates owns everything, and is for that alone. Roles belong to a whole server, and are made here
-- without login and without password, which is for an operator to give. Where the role that migrates may make none, somebody
-- else makes them, and runs this file once more: it can be repeated. Handlers that still log in as the owner go on as before.
do $$
declare
  name text;
begin
  foreach name in array array['products_writer', 'products_reader'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I', name);
      exception
        when duplicate_object or unique_violation then null; -- another database of this server was faster
        when insufficient_privilege then
          raise warning 'the role % is not there, and % may not make it: only the owner can use the tables', name, current_user;
      end;
    end if;
  end loop;

  if exists (select from pg_roles where rolname = 'products_writer') then
    execute format('grant usage on schema %I to products_writer', current_schema());
    grant select, insert, delete, update (name, price, quantity, version) on products to products_writer;
    grant select, insert, delete on idempotency_keys, outbox_acknowledged to products_writer;
    grant select, insert, delete, update (target) on outbox to products_writer;
    grant select, insert, delete, update on outbox_held to products_writer;
    grant select, update on outbox_lease to products_writer;
    grant insert, select (id) on outbox_dead to products_writer;
    grant execute on function rfc3339 to products_writer;
  end if;

  -- Of the outbox it sees how much waits, since when and for what, and no event.
  if exists (select from pg_roles where rolname = 'products_reader') then
    execute format('grant usage on schema %I to products_reader', current_schema());
    grant select on products to products_reader;
    grant select (id, created_at) on outbox to products_reader;
    grant select (id) on outbox_dead to products_reader;
    grant select (target, last_error) on outbox_held to products_reader;
    grant select (failures, last_error) on outbox_lease to products_reader;
    grant execute on function rfc3339 to products_reader;
  end if;
end $$;

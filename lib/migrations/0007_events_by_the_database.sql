-- The database writes the event of every change of a product, whoever makes it: a handler, psql, another service. What a request knows
-- of its event comes in a setting of its transaction: 'EVENT_ID AWAITED TRACEPARENT', as in
-- '0199f1b2-6c1e-4d6f-9d3a-3f6d0f9f7a10 t 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'. lib/outbox/README.md says what
-- COPY, MERGE, TRUNCATE and a restore come to.

-- CloudEvents 1.0 in Kafka's binary mode: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
create function product_event_headers(event_id uuid, type text, happened_at timestamptz, traceparent text) returns json
language sql stable -- as stable as what it calls, or it would not be inlined
return json_strip_nulls(json_build_object(
  'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', type, 'ce_time', rfc3339(happened_at),
  'content-type', 'application/json', 'traceparent', traceparent));

create function write_product_events() returns trigger language plpgsql security definer as $$
declare
  request text := current_setting('product_api.event', true);
  own_id uuid;
  awaited boolean := false;
  traceparent text;
  happened_at timestamptz;
  changes bigint;
begin
  if current_setting('product_api.has_event', true) = 'yes' then
    return null; -- the statement of a handler of before, which has written the event itself
  end if;
  select count(*) into changes from changed;
  if request ~ '^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12} [ft] ' then
    own_id := left(request, 36);
    awaited := substr(request, 38, 1);
    traceparent := nullif(substr(request, 40), '');
    perform set_config('product_api.event', '', true); -- it is of one statement, not of all in the transaction
  end if;
  if changes <> 1 then
    own_id := null; -- it is the id of one event
  end if;

  if tg_op = 'INSERT' then
    happened_at := now(); -- what created_at is by default: nothing was before it
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, product.id::text, happened_at, awaited, row_to_json(payload)::text,
      product_event_headers(event_id, payload.type, happened_at, traceparent)
    from (select *, coalesce(own_id, gen_random_uuid()) as event_id from changed) as product, lateral (
      select 'product.created' as type, product.id as product_id, product.name as pname, product.price::text, product.quantity,
        rfc3339(product.created_at) as created_at
    ) as payload
    order by product.id;
  elsif tg_op = 'UPDATE' then
    happened_at := clock_timestamp(); -- the rows are locked: later than every change before it
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, product.id::text, happened_at, awaited, row_to_json(payload)::text,
      product_event_headers(event_id, payload.type, happened_at, traceparent)
    from (select *, coalesce(own_id, gen_random_uuid()) as event_id from changed) as product, lateral (
      select 'product.updated' as type, product.id as product_id, product.name as pname, product.price::text, product.quantity,
        rfc3339(product.created_at) as created_at, product.version, rfc3339(happened_at) as updated_at
    ) as payload
    order by product.id;
  else
    happened_at := clock_timestamp();
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, product.id::text, happened_at, awaited, row_to_json(payload)::text,
      product_event_headers(event_id, payload.type, happened_at, traceparent)
    from (select *, coalesce(own_id, gen_random_uuid()) as event_id from changed) as product, lateral (
      select 'product.deleted' as type, product.id as product_id, product.name as pname, product.price::text, product.quantity,
        rfc3339(product.created_at) as created_at, product.version + 1 as version, rfc3339(happened_at) as deleted_at
    ) as payload
    order by product.id;
  end if;
  return null;
end $$;

create function keep_product_version() returns trigger language plpgsql as $$
begin
  if new.id <> old.id then
    raise exception 'the id of a product never changes: it is the key of its events' using errcode = 'restrict_violation';
  end if;
  new.version := old.version + 1; -- whatever the statement says of it
  return new;
end $$;

create function refuse_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'TRUNCATE would write no events' using errcode = 'feature_not_supported', hint = 'Use DELETE FROM products.';
end $$;

-- Whether the present statement writes to the outbox by itself, as handlers of before do. Triggers of its end run in the order in which
-- its parts have ended: those of products, which it reads for the outbox, and then these.
create function note_own_event() returns trigger language plpgsql as $$
begin
  perform set_config('product_api.has_event', case tg_when when 'BEFORE' then 'yes' else '' end, true);
  return null;
end $$;

-- They run for everybody with the rights of the owner, on the owner's tables, and nobody calls them.
do $$
declare
  name text;
begin
  execute format('alter function write_product_events() set search_path = %I, pg_temp', current_schema());
  foreach name in array array['write_product_events()', 'keep_product_version()', 'refuse_truncate()', 'note_own_event()'] loop
    execute format('revoke execute on function %s from public', name);
  end loop;
end $$;

create trigger note_own_event_begins before insert on outbox for each statement
  when (pg_trigger_depth() = 0) execute function note_own_event();
create trigger note_own_event_ends after insert on outbox for each statement
  when (pg_trigger_depth() = 0) execute function note_own_event();

create trigger keep_product_version before update on products for each row execute function keep_product_version();
create trigger refuse_truncate before truncate on products for each statement execute function refuse_truncate();
create trigger write_created_events after insert on products referencing new table as changed
  for each statement execute function write_product_events();
create trigger write_updated_events after update on products referencing new table as changed
  for each statement execute function write_product_events();
create trigger write_deleted_events after delete on products referencing old table as changed
  for each statement execute function write_product_events();

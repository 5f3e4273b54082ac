-- selectProducts
  select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at
  from products as product where product.id > $1 order by product.id limit $2;

-- selectProduct
  select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, product.version
  from products as product where product.id = $1;

-- selectExistence
select from products where id = $1;

-- insertOne
  with product as (
    insert into products (name, price, quantity) values ($1, $2, $3)
    returning
    id, name, price, quantity, created_at, version as version,
    gen_random_uuid() as event_id, created_at as happened_at
  ),
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, $4, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif($5, '')))
    from product, lateral (
      select $6::text as type, id as product_id, name as pname, price::text, quantity,
        rfc3339(created_at) as created_at
    ) as payload
    order by product.id
  )
  select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, version, event_id
  from product;

-- insertMany
  with product as (
    insert into products (name, price, quantity)
    select name, price, quantity from
  unnest($1::text[], $2::numeric[],
    $3::integer[]) with ordinality as sent (name, price, quantity, position) order by position
    returning
    id, name, price, quantity, created_at, version as version,
    gen_random_uuid() as event_id, created_at as happened_at
  ),
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, $4, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif($5, '')))
    from product, lateral (
      select $6::text as type, id as product_id, name as pname, price::text, quantity,
        rfc3339(created_at) as created_at
    ) as payload
    order by product.id
  )
  select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, version, event_id
  from product order by product.id;

-- insertUnderKey, of one
  with known as (
    select fingerprint, answer from idempotency_keys
    where caller = $1 and key = $2 and created_at > now() - interval '24 hours'
  ), lock as materialized (
    select pg_try_advisory_xact_lock($3) as gained where not exists (select from known)
  ), expired as (
    delete from idempotency_keys using lock
    where gained and caller = $4 and key = $5 and created_at <= now() - interval '24 hours'
    returning key
  ), product as (
    insert into products (name, price, quantity)
    select name, price, quantity from lock,
  unnest($6::text[], $7::numeric[],
    $8::integer[]) with ordinality as sent (name, price, quantity, position) where gained order by position
    returning
    id, name, price, quantity, created_at, version as version,
    gen_random_uuid() as event_id, created_at as happened_at
  ),
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, $9, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif($10, '')))
    from product, lateral (
      select $11::text as type, id as product_id, name as pname, price::text, quantity,
        rfc3339(created_at) as created_at
    ) as payload
    order by product.id
  ), done as (
    select json_build_object('product', fields, 'version', version, 'eventId', event_id) as answer
    from product, lateral (select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at) as fields
  ), first as (
    insert into idempotency_keys (caller, key, fingerprint, answer)
    select $12, $13, $14, answer
    from done, (select count(*) from expired) as gone
    returning answer
  )
  select answer, false as replayed, true as same from first
  union all
  select answer, true, fingerprint = $15 from known;

-- insertUnderKey, of many
  with known as (
    select fingerprint, answer from idempotency_keys
    where caller = $1 and key = $2 and created_at > now() - interval '24 hours'
  ), lock as materialized (
    select pg_try_advisory_xact_lock($3) as gained where not exists (select from known)
  ), expired as (
    delete from idempotency_keys using lock
    where gained and caller = $4 and key = $5 and created_at <= now() - interval '24 hours'
    returning key
  ), product as (
    insert into products (name, price, quantity)
    select name, price, quantity from lock,
  unnest($6::text[], $7::numeric[],
    $8::integer[]) with ordinality as sent (name, price, quantity, position) where gained order by position
    returning
    id, name, price, quantity, created_at, version as version,
    gen_random_uuid() as event_id, created_at as happened_at
  ),
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, $9, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif($10, '')))
    from product, lateral (
      select $11::text as type, id as product_id, name as pname, price::text, quantity,
        rfc3339(created_at) as created_at
    ) as payload
    order by product.id
  ), done as (
    select json_build_object('ids', json_agg(id order by id), 'versions', json_agg(version order by id),
      'created_at', rfc3339(min(created_at)), 'eventId', case when count(*) = 1 then min(event_id::text) end) as answer
    from product having count(*) > 0
  ), first as (
    insert into idempotency_keys (caller, key, fingerprint, answer)
    select $12, $13, $14, answer
    from done, (select count(*) from expired) as gone
    returning answer
  )
  select answer, false as replayed, true as same from first
  union all
  select answer, true, fingerprint = $15 from known;

-- updateOne
  with product as (
    update products set version = version + 1,
      name = coalesce($1, name), price = coalesce($2, price), quantity = coalesce($3, quantity)
    where id = $4 and version = any($5::integer[])
    returning
    id, name, price, quantity, created_at, version as version,
    gen_random_uuid() as event_id, clock_timestamp() as happened_at
  ),
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, $6, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif($7, '')))
    from product, lateral (
      select $8::text as type, id as product_id, name as pname, price::text, quantity,
        rfc3339(created_at) as created_at, version, rfc3339(happened_at) as updated_at
    ) as payload
    order by product.id
  )
  select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, version, event_id
  from product;

-- deleteOne
  with product as (
    delete from products where id = $1 and version = any($2::integer[])
    returning
    id, name, price, quantity, created_at, version + 1 as version,
    gen_random_uuid() as event_id, clock_timestamp() as happened_at
  ),
  pending as (
    insert into outbox (event_id, type, key, created_at, awaited, payload, headers)
    select event_id, payload.type, id::text, happened_at, $3, row_to_json(payload)::text, json_strip_nulls(json_build_object(
      'ce_specversion', '1.0', 'ce_id', event_id, 'ce_source', '/products', 'ce_type', payload.type, 'ce_time', rfc3339(happened_at),
      'content-type', 'application/json', 'traceparent', nullif($4, '')))
    from product, lateral (
      select $5::text as type, id as product_id, name as pname, price::text, quantity,
        rfc3339(created_at) as created_at, version, rfc3339(happened_at) as deleted_at
    ) as payload
    order by product.id
  )
  select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, version, event_id
  from product;

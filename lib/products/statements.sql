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
  insert into products as product (name, price, quantity)
  select $1::text, $2::numeric, $3::integer from
  (select set_config('product_api.event', $4, true)) as request
  returning
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, product.version;

-- insertMany
  insert into products as product (name, price, quantity)
  select name, price, quantity from
  (select set_config('product_api.event', $1, true)) as request,
  unnest($2::text[], $3::numeric[],
    $4::integer[]) with ordinality as sent (name, price, quantity, position) order by position
  returning
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, product.version;

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
  (select set_config('product_api.event', $6, true)) as request,
  unnest($7::text[], $8::numeric[],
    $9::integer[]) with ordinality as sent (name, price, quantity, position) where gained order by position
    returning *
  ), done as (
    select json_build_object('product', fields, 'version', version, 'eventId', $10::text) as answer
    from product, lateral (select
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at) as fields
  ), first as (
    insert into idempotency_keys (caller, key, fingerprint, answer)
    select $11, $12, $13, answer
    from done, (select count(*) from expired) as gone
    returning answer
  )
  select answer, false as replayed, true as same from first
  union all
  select answer, true, fingerprint = $14 from known;

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
  (select set_config('product_api.event', $6, true)) as request,
  unnest($7::text[], $8::numeric[],
    $9::integer[]) with ordinality as sent (name, price, quantity, position) where gained order by position
    returning *
  ), done as (
    select json_build_object('ids', json_agg(id order by id), 'versions', json_agg(version order by id),
      'created_at', rfc3339(min(created_at)), 'eventId', case when count(*) = 1 then $10::text end) as answer
    from product having count(*) > 0
  ), first as (
    insert into idempotency_keys (caller, key, fingerprint, answer)
    select $11, $12, $13, answer
    from done, (select count(*) from expired) as gone
    returning answer
  )
  select answer, false as replayed, true as same from first
  union all
  select answer, true, fingerprint = $14 from known;

-- updateOne
  update products as product set
    name = coalesce($1, name), price = coalesce($2, price), quantity = coalesce($3, quantity)
  from
  (select set_config('product_api.event', $4, true)) as request
  where id = $5 and version = any($6::integer[])
  returning
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, product.version;

-- deleteOne
  delete from products as product using
  (select set_config('product_api.event', $1, true)) as request
  where id = $2 and version = any($3::integer[])
  returning
    product.id::float8 as id, product.name, product.price::text as price, product.quantity,
    rfc3339(product.created_at) as created_at, product.version + 1 as version;

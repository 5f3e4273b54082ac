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
  from product

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
  from product order by product.id

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
  from product

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
  from product

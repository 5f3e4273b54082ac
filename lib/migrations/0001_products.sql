create table products (
  id bigint generated always as identity primary key,
  name text not null,
  price numeric(12, 2) not null check (price >= 0),
  quantity integer not null check (quantity >= 0),
  created_at timestamptz not null default now()
);

-- A moment as text, in UTC and with microseconds, whatever the session's settings: one spelling for answers and events.
create function rfc3339(moment timestamptz) returns text
language sql stable parallel safe -- as stable as to_char(), or it would not be inlined
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"');

-- Events that Kafka has not acknowledged yet. The payload is text, so that its bytes never change.
create table outbox (
  id bigint generated always as identity primary key,
  event_id uuid not null,
  topic text not null,
  key text not null,
  payload text not null,
  headers json not null,
  created_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000); -- rows live for milliseconds: vacuum by number, not by share

-- Events that Kafka refuses for good, with the reason.
create table outbox_dead (
  like outbox,
  error text not null,
  died_at timestamptz not null default now()
);

-- Topics that cannot be written at the moment: their events wait, those of other topics go on.
create table outbox_held (
  topic text primary key,
  failures integer not null,
  retry_at timestamptz not null,
  last_error text not null
);

-- One row: whoever wrote its present token is the one publisher, until expires_at. Nobody is before retry_at.
create table outbox_lease (
  token bigint not null default 0,
  expires_at timestamptz not null default '-infinity',
  retry_at timestamptz not null default '-infinity',
  failures integer not null default 0,
  last_error text
);
create unique index outbox_lease_is_one_row on outbox_lease ((true));
insert into outbox_lease default values;

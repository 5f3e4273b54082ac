-- The type of an event is what is stored; its publisher knows the topic. So a mistyped topic is mended by configuration alone, also for
-- events that wait already. Handlers of before write a topic and no type: then the type is in the headers. Publishers of before stop
-- here, at a table that has changed, until their handlers are deployed again; what they do not publish waits for the others.
alter table outbox add column type text, alter column topic drop not null;
alter table outbox_dead add column type text, alter column topic drop not null;

-- Topics and partitions ('TOPIC' or 'TOPIC:PARTITION') that cannot be written at the moment, and until when nobody tries.
drop table outbox_held;
create table outbox_held (
  target text primary key,
  failures integer not null,
  retry_at timestamptz not null,
  last_error text not null
);

-- An event that waits for one of these is out of the way of all others: those are read by `target is null`.
-- Whoever deletes a target puts its events back among the others.
alter table outbox add column target text references outbox_held on delete set null;
create index outbox_target on outbox (target, id);

-- An event that a request waits for is remembered when Kafka has acknowledged it: that it is gone would not say so.
alter table outbox add column awaited boolean not null default false;
create table outbox_acknowledged (
  event_id uuid primary key,
  acknowledged_at timestamptz not null default now()
);
create index outbox_acknowledged_at on outbox_acknowledged (acknowledged_at);

-- Who had the last failure: one that alone cannot reach Kafka keeps nobody else from trying.
alter table outbox_lease add column failed_by text;

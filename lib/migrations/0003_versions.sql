-- 1 when it is created, one more with each change: what an ETag says.
alter table products add column version integer not null default 1;

-- What a POST with an Idempotency-Key was answered, so that a retry gets the same; forgotten after 24 h.
create table idempotency_keys (
  caller text not null, -- the hash of the token, '' where the API is open
  key text not null,
  fingerprint text not null, -- of the operation and the products that were sent
  answer json not null, -- json keeps its bytes, jsonb would not
  created_at timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_keys_created_at on idempotency_keys (created_at);

-- For those who wait for the acknowledgement of one event, when thousands are pending.
create index outbox_event_id on outbox (event_id);

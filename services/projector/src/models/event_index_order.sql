-- Where the events of the order log stand, by what auditors ask for.
CREATE TABLE event_index_order (
    position       bigint      PRIMARY KEY,
    tenant_id      text        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    aggregate      text        NOT NULL,
    object_id      text        NOT NULL,
    event_type     text        NOT NULL,
    actor_id       text        NOT NULL,
    correlation_id uuid        NOT NULL
);
CREATE INDEX ON event_index_order (tenant_id, recorded_at, position);
CREATE INDEX ON event_index_order (tenant_id, actor_id, recorded_at, position);
CREATE INDEX ON event_index_order (tenant_id, object_id, recorded_at, position);
CREATE INDEX ON event_index_order (correlation_id);

-- Endpoints as the partner log says they are, and how they do. Rows are made, changed and deleted
-- in the transaction of the checkpoint; `failing_since` and `closing` are what sending found out.
CREATE TABLE IF NOT EXISTS webhook_endpoints (
    tenant_id          text        NOT NULL,
    endpoint_id        text        NOT NULL,
    version            bigint      NOT NULL, -- number of its facts
    url                text        NOT NULL,
    description        text        NOT NULL,
    event_types        text[]      NOT NULL,
    secret_id          uuid        NOT NULL,
    previous_secret_id uuid,
    previous_until     timestamptz, -- until then the secret before signs too
    enabled            boolean     NOT NULL,
    cause              text, -- asked, gone, failing
    reason             text        NOT NULL,
    registered_at      timestamptz NOT NULL,
    since              timestamptz NOT NULL, -- events recorded from then on are sent
    failing_since      timestamptz,
    closing            text, -- gone, failing: the partner context is being asked to disable it
    PRIMARY KEY (tenant_id, endpoint_id)
);

-- An event on its way to an endpoint. The id is made from both, so there is one for each pair.
CREATE TABLE IF NOT EXISTS webhook_deliveries (
    tenant_id   text        NOT NULL,
    delivery_id uuid        NOT NULL,
    endpoint_id text        NOT NULL,
    event_id    uuid        NOT NULL,
    position    bigint      NOT NULL, -- in its context's log; 0 for a test
    event_type  text        NOT NULL, -- with its context
    occurred_at timestamptz NOT NULL,
    body        text        NOT NULL, -- what is signed and sent, byte for byte
    created_at  timestamptz NOT NULL,
    status      text        NOT NULL, -- pending, delivered, failed
    tries       integer     NOT NULL DEFAULT 0, -- since it was last begun
    attempts    integer     NOT NULL DEFAULT 0, -- ever
    next_at     timestamptz, -- when it is due; while it is being sent, when somebody else may send it
    claim       uuid, -- of whoever sends it
    last_status integer,
    last_error  text,
    ended_at    timestamptz,
    PRIMARY KEY (tenant_id, delivery_id)
);
CREATE INDEX IF NOT EXISTS webhook_deliveries_due
    ON webhook_deliveries (tenant_id, endpoint_id, next_at) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS webhook_deliveries_listed
    ON webhook_deliveries (tenant_id, created_at DESC);
CREATE INDEX IF NOT EXISTS webhook_deliveries_of_endpoint
    ON webhook_deliveries (tenant_id, endpoint_id, created_at DESC, status);
CREATE INDEX IF NOT EXISTS webhook_deliveries_old ON webhook_deliveries (created_at);

CREATE TABLE IF NOT EXISTS webhook_attempts (
    tenant_id   text        NOT NULL,
    delivery_id uuid        NOT NULL,
    number      integer     NOT NULL,
    at          timestamptz NOT NULL,
    duration_ms integer     NOT NULL,
    http_status integer,
    error       text,
    excerpt     text        NOT NULL,
    PRIMARY KEY (tenant_id, delivery_id, number)
);

-- What came to an end on a day, counted when it did, so that nobody has to count deliveries. The
-- first time, those of the last days are counted that there are.
DO $$
BEGIN
    IF to_regclass('webhook_days') IS NULL THEN
        CREATE TABLE webhook_days (
            tenant_id   text   NOT NULL,
            endpoint_id text   NOT NULL,
            day         date   NOT NULL, -- UTC
            delivered   bigint NOT NULL,
            failed      bigint NOT NULL,
            PRIMARY KEY (tenant_id, endpoint_id, day)
        );
        INSERT INTO webhook_days (tenant_id, endpoint_id, day, delivered, failed)
        SELECT tenant_id, endpoint_id, (ended_at AT TIME ZONE 'UTC')::date AS ended_on,
            count(*) FILTER (WHERE status = 'delivered'), count(*) FILTER (WHERE status = 'failed')
        FROM webhook_deliveries
        WHERE status <> 'pending' AND ended_at > now() - interval '8 days'
        GROUP BY tenant_id, endpoint_id, ended_on;
    END IF;
END $$;

-- Whoever answers a caller sends that caller's deliveries again, and tests.
GRANT SELECT, INSERT, UPDATE ON webhook_deliveries TO qudao_tenant;
GRANT SELECT, UPDATE ON webhook_days TO qudao_tenant;

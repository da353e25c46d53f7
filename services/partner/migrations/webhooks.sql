-- Secrets that sign what is sent to endpoints, beside the log and not in it: they can be erased.
-- A row counts only once a fact of the endpoint names its secret_id.
CREATE TABLE IF NOT EXISTS webhook_secrets (
    tenant_id   text        NOT NULL,
    secret_id   uuid        NOT NULL,
    endpoint_id text        NOT NULL,
    sealed      text        NOT NULL, -- encrypted, under a key of the endpoint
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, secret_id)
);
GRANT SELECT, INSERT, DELETE ON webhook_secrets TO qudao_tenant;


-- Which service accounts a tenant has; one that the log does not have was refused.
CREATE TABLE IF NOT EXISTS service_accounts (
    tenant_id  text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
);

-- Digests of their keys. A row counts only while the log has the key.
CREATE TABLE IF NOT EXISTS service_keys (
    key_id     uuid PRIMARY KEY,
    tenant_id  text  NOT NULL,
    account_id text  NOT NULL,
    digest     bytea NOT NULL, -- SHA-256
    used_at    timestamptz,    -- when it was exchanged for a token last
    used_from  text            -- from where, if that is known
);
CREATE INDEX IF NOT EXISTS service_keys_of_account ON service_keys (tenant_id, account_id);

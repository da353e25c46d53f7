-- Hashes of passwords, beside the log and not in it: they can be forgotten. A row counts only
-- once the event of a user names its credential_id.
CREATE TABLE IF NOT EXISTS passwords (
    tenant_id     text        NOT NULL,
    credential_id uuid        NOT NULL,
    hash          text        NOT NULL, -- Argon2id, PHC string format
    kept_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, credential_id)
);
-- Whoever answers a caller keeps and erases passwords of that caller's tenant. A row is locked,
-- and therefore could be updated, before it is deleted.
GRANT SELECT, INSERT, UPDATE, DELETE ON passwords TO qudao_tenant;

-- Hashes of passwords, beside the log and not in it: they can be forgotten. A row counts only
-- once the event of a user names its credential_id.
CREATE TABLE IF NOT EXISTS passwords (
    tenant_id     text        NOT NULL,
    credential_id uuid        NOT NULL,
    hash          text        NOT NULL, -- Argon2id, PHC string format
    kept_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, credential_id)
)

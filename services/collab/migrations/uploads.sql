-- Uploads that are under way, beside the log and not in it: most of what is in them is forgotten
-- within a day. Their bytes are in the store of files.
CREATE TABLE IF NOT EXISTS uploads (
    tenant_id  text        NOT NULL,
    upload_id  uuid        NOT NULL, -- also of the file that it becomes
    user_id    text        NOT NULL, -- whose it is
    asked      jsonb       NOT NULL, -- what was said of the file
    size       bigint      NOT NULL, -- bytes of the whole
    received   bigint      NOT NULL DEFAULT 0,
    pieces     text[]      NOT NULL DEFAULT '{}', -- names of the pieces, in order
    file       jsonb,                -- what was found in it, once somebody has looked
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, upload_id)
);
CREATE INDEX IF NOT EXISTS uploads_by_expiry ON uploads (expires_at);

-- What a tenant keeps: each content once, however many files have it.
CREATE TABLE IF NOT EXISTS file_contents (
    tenant_id text   NOT NULL,
    sha256    text   NOT NULL,
    size      bigint NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);

-- Bytes that count against a tenant's quota: what it keeps, and what is under way.
CREATE TABLE IF NOT EXISTS file_usage (
    tenant_id text   PRIMARY KEY,
    bytes     bigint NOT NULL
);

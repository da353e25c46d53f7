-- One key for each person of a tenant, wrapped by the installation's key. Beside the log and not
-- in it: erasing a key erases what was encrypted under it, and the log stays as it was.
CREATE TABLE IF NOT EXISTS personal_keys (
    tenant_id text        NOT NULL,
    subject   text        NOT NULL,
    wrapped   bytea,      -- NULL: erased
    made_at   timestamptz NOT NULL,
    erased_at timestamptz,
    PRIMARY KEY (tenant_id, subject),
    CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
);

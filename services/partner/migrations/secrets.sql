-- Secrets that the installation shares with others, beside the log and not in it: they can be
-- erased. A row counts only once a fact of its holder names its secret_id.
CREATE TABLE IF NOT EXISTS secrets (
    tenant_id text        NOT NULL,
    holder    text        NOT NULL, -- provider:oidc, or webhook: and an endpoint's id
    secret_id uuid        NOT NULL,
    sealed    text        NOT NULL, -- encrypted, under the holder's key
    kept_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, holder, secret_id)
);
GRANT SELECT, INSERT, DELETE ON secrets TO qudao_tenant;

-- What lay in a table of its own each.
DO $$
BEGIN
    IF to_regclass('oidc_secrets') IS NOT NULL THEN
        INSERT INTO secrets (tenant_id, holder, secret_id, sealed, kept_at)
        SELECT tenant_id, 'provider:oidc', secret_id, sealed, kept_at FROM oidc_secrets
        ON CONFLICT DO NOTHING;
        DROP TABLE oidc_secrets;
    END IF;
    IF to_regclass('webhook_secrets') IS NOT NULL THEN
        INSERT INTO secrets (tenant_id, holder, secret_id, sealed, kept_at)
        SELECT tenant_id, 'webhook:' || endpoint_id, secret_id, sealed, made_at
        FROM webhook_secrets
        ON CONFLICT DO NOTHING;
        DROP TABLE webhook_secrets;
    END IF;
END $$;


-- Visits to identity providers that were begun: each is of one browser, and ended once.
CREATE TABLE IF NOT EXISTS oidc_flows (
    digest        bytea PRIMARY KEY, -- SHA-256 of the state
    tenant_id     text        NOT NULL,
    purpose       text        NOT NULL, -- sign_in, invitation, link
    about         text        NOT NULL, -- the invitation, or the user
    issuer        text        NOT NULL,
    nonce         text        NOT NULL,
    verifier      text        NOT NULL, -- PKCE
    secret_digest bytea       NOT NULL, -- SHA-256 of what only the browser has
    expires_at    timestamptz NOT NULL
);

-- Which user is meant when a provider tells of somebody. A row counts while the log has the link.
CREATE TABLE IF NOT EXISTS identities (
    tenant_id   text        NOT NULL,
    digest      bytea       NOT NULL, -- SHA-256 of issuer and subject
    identity_id uuid        NOT NULL,
    user_id     text        NOT NULL,
    kept_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX IF NOT EXISTS identities_of_user ON identities (tenant_id, user_id);

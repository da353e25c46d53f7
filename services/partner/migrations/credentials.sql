-- Passwords of people. Not events: they can be changed and forgotten.
CREATE TABLE IF NOT EXISTS credentials (
    tenant_id  text        NOT NULL,
    login      text        NOT NULL,
    hash       text        NOT NULL, -- Argon2id, PHC string format
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, login)
)

-- What lets people in, beside the log and not in it: it can be forgotten, and a log can not.

-- Whose a password is, so that all of them can be erased with the person.
ALTER TABLE passwords ADD COLUMN IF NOT EXISTS user_id text;

-- Where people are signed in. A fact of the user ends a session everywhere at once; this table says
-- whether it can be gone on with.
CREATE TABLE IF NOT EXISTS sessions (
    tenant_id     text        NOT NULL,
    session_id    uuid        NOT NULL,
    user_id       text        NOT NULL,
    credential_id uuid        NOT NULL, -- the password that it was begun with
    company       text        NOT NULL, -- where the person acts
    address       text        NOT NULL, -- from where it was begun, if that is known
    user_agent    text        NOT NULL,
    started_at    timestamptz NOT NULL,
    used_at       timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL, -- at the latest
    ended_at      timestamptz,
    PRIMARY KEY (tenant_id, session_id)
);
CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (tenant_id, user_id, used_at DESC);

-- Each refresh token that a session ever had: a used one that comes again tells of a thief.
CREATE TABLE IF NOT EXISTS refresh_tokens (
    digest     bytea PRIMARY KEY, -- SHA-256
    tenant_id  text NOT NULL,
    session_id uuid NOT NULL,
    used_at    timestamptz,
    request_id uuid, -- of its use
    salt       text  -- of its use: with the token and the request it gives the next token
);
CREATE INDEX IF NOT EXISTS refresh_tokens_of_session ON refresh_tokens (tenant_id, session_id);

-- One-time links: whoever holds the secret may accept an invitation or set a password.
CREATE TABLE IF NOT EXISTS links (
    digest     bytea PRIMARY KEY, -- SHA-256
    tenant_id  text        NOT NULL,
    kind       text        NOT NULL, -- invitation, password
    object_id  text        NOT NULL, -- the invitation, or the user
    link_id    uuid        NOT NULL, -- what the fact names
    expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS links_of_object ON links (tenant_id, kind, object_id);

-- Wrong passwords, by what they were tried on.
CREATE TABLE IF NOT EXISTS sign_in_failures (
    guarded  bytea PRIMARY KEY, -- SHA-256 of kind, tenant and login or address
    failures integer     NOT NULL,
    last_at  timestamptz NOT NULL,
    open_at  timestamptz NOT NULL -- until then nothing is tried
);

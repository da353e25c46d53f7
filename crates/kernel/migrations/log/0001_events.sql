-- The record of one context. A superset of the tables that postgres-es 0.5 expects, so that its
-- repository reads streams unchanged. Ids are compared byte by byte (collation C): faster, and the
-- same on every server.

CREATE TABLE events (
    aggregate_id   text        COLLATE "C" NOT NULL, -- <tenant>/<object id>
    aggregate_type text        COLLATE "C" NOT NULL,
    sequence       bigint      NOT NULL CHECK (sequence >= 1),
    event_type     text        NOT NULL,
    event_version  text        NOT NULL,
    payload        json        NOT NULL, -- json, not jsonb: the exact bytes are hashed
    metadata       json        NOT NULL,
    position       bigint      NOT NULL CHECK (position >= 1),
    event_id       uuid        NOT NULL,
    tenant_id      text        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    hash           bytea       NOT NULL,
    PRIMARY KEY (aggregate_id, aggregate_type, sequence), -- the id first: an object's whole history
    UNIQUE (position)
);

-- Event ids are UUIDs of version 7 and follow the order of the table, so a block range index finds
-- them and costs an append next to nothing. Times only grow; they are found by position.
CREATE INDEX events_by_id ON events USING brin (event_id) WITH (autosummarize = on);

CREATE TABLE snapshots (
    aggregate_type   text   COLLATE "C" NOT NULL,
    aggregate_id     text   COLLATE "C" NOT NULL,
    last_sequence    bigint NOT NULL CHECK (last_sequence >= 0),
    current_snapshot bigint NOT NULL CHECK (current_snapshot >= 0),
    payload          json   NOT NULL,
    state_version    int    NOT NULL DEFAULT 1, -- of the state's shape and meaning
    PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
);

-- One row: its lock gives positions their order, its hash is the end of the chain, its time keeps
-- recorded_at from running backwards with the clock.
CREATE TABLE log_head (
    only_row    boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    position    bigint      NOT NULL,
    hash        bytea       NOT NULL,
    recorded_at timestamptz NOT NULL
);
INSERT INTO log_head (position, hash, recorded_at) VALUES (0, sha256(''), 'epoch');

-- Answers to commands, for repeats of them. The id comes first: it tells requests apart at once.
CREATE TABLE requests (
    request_id uuid   NOT NULL,
    tenant_id  text   COLLATE "C" NOT NULL,
    digest     bytea  NOT NULL,
    position   bigint NOT NULL, -- of the last event before or of the answer
    object_id  text,            -- what the answer is about, where the event there does not say it
    version    bigint,
    PRIMARY KEY (request_id, tenant_id)
);
CREATE INDEX requests_by_position ON requests USING brin (position) WITH (autosummarize = on);

-- What projections and policies of this schema know about themselves. Run at every start, so it
-- changes nothing that is there already.

-- How far each has got. Moved only in the transaction that holds the effect.
CREATE TABLE IF NOT EXISTS checkpoints (
    name       text        PRIMARY KEY,
    position   bigint      NOT NULL,
    event_time timestamptz,
    applied_at timestamptz
);
DO $$ BEGIN
    -- ALTER TABLE locks even when there is nothing to add.
    IF NOT EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = 'checkpoints'::regclass AND attname = 'version') THEN
        ALTER TABLE checkpoints
            ADD COLUMN context    text    NOT NULL DEFAULT '',
            ADD COLUMN version    integer NOT NULL DEFAULT 1,     -- of the tables that are read
            ADD COLUMN tables     text[]  NOT NULL DEFAULT '{}',
            ADD COLUMN event_id   uuid,                           -- of the event at the position
            ADD COLUMN paused     boolean NOT NULL DEFAULT false,
            ADD COLUMN problem    text,                           -- why it can not go on
            ADD COLUMN running    boolean NOT NULL DEFAULT false, -- false after an orderly end
            ADD COLUMN crashes    integer NOT NULL DEFAULT 0,     -- ends without order, in a row
            ADD COLUMN attempt_to bigint  NOT NULL DEFAULT 0,     -- last position under way
            ADD COLUMN attempts   integer NOT NULL DEFAULT 0;     -- of that position alone
    END IF;
END $$;

-- Tables that are filled beside those that are read, in the schema <schema>_<name>_next.
CREATE TABLE IF NOT EXISTS rebuilds (
    name        text        PRIMARY KEY,
    version     integer     NOT NULL,
    position    bigint      NOT NULL DEFAULT 0,
    event_id    uuid,
    event_time  timestamptz,
    applied_at  timestamptz,
    running     boolean     NOT NULL DEFAULT false,
    crashes     integer     NOT NULL DEFAULT 0,
    attempt_to  bigint      NOT NULL DEFAULT 0,
    attempts    integer     NOT NULL DEFAULT 0,
    purpose     text        NOT NULL CHECK (purpose IN ('switch', 'compare')),
    goal        bigint      NOT NULL, -- where the log ended when it was asked for
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_by  text        NOT NULL,
    problem     text,
    finished_at timestamptz,
    outcome     text CHECK (outcome IN ('switched', 'same', 'different', 'cancelled')),
    compared    jsonb       NOT NULL DEFAULT '[]'
);
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = 'rebuilds'::regclass AND attname = 'suspect_to') THEN
        -- Last position of all attempts that were under way at ends without order.
        ALTER TABLE checkpoints ADD COLUMN suspect_to bigint NOT NULL DEFAULT 0;
        ALTER TABLE rebuilds ADD COLUMN suspect_to bigint NOT NULL DEFAULT 0;
    END IF;
END $$;

-- Facts that could not be applied, and those of the same objects that wait behind them.
CREATE TABLE IF NOT EXISTS parked (
    name       text        NOT NULL,
    next       boolean     NOT NULL, -- of the tables being filled beside
    position   bigint      NOT NULL,
    tenant_id  text        NOT NULL,
    aggregate  text        NOT NULL,
    object_id  text        NOT NULL,
    event_type text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('retrying', 'parked', 'held')),
    tries      integer     NOT NULL,
    next_try   timestamptz NOT NULL,
    reason     text        NOT NULL,
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, next, position)
);

-- What people did to projections: who, when, why.
CREATE TABLE IF NOT EXISTS interventions (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    who       text        NOT NULL,
    action    text        NOT NULL,
    name      text        NOT NULL,
    position  bigint      NOT NULL DEFAULT 0, -- of a fact; 0 when it was about the whole
    object    text        NOT NULL DEFAULT '',
    reason    text        NOT NULL DEFAULT ''
);

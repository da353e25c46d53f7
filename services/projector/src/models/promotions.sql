-- Promotions with what they say and how far they are.
CREATE TABLE promotions (
    tenant_id    text        NOT NULL,
    promotion_id text        NOT NULL,
    version      bigint      NOT NULL,
    name         text        NOT NULL,
    status       text        NOT NULL, -- draft, approved, paused, ended
    begins_on    date        NOT NULL,
    ends_on      date,                 -- none: until it is ended
    plan         jsonb       NOT NULL, -- as in its events
    drafted_by   text        NOT NULL,
    approved_by  text,
    reason       text        NOT NULL DEFAULT '', -- of the pause or the end
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id)
);
CREATE INDEX promotions_by_day ON promotions (tenant_id, begins_on DESC, promotion_id);

-- Orders that wait for something that may have a limit; a row is made and changed in the transaction of
-- the checkpoint, and `next_at` also by whoever calls the order off.
CREATE TABLE IF NOT EXISTS order_deadlines (
    tenant_id text        NOT NULL,
    order_id  text        NOT NULL,
    waited    text        NOT NULL, -- payment, credit, review
    since     timestamptz NOT NULL,
    version   bigint      NOT NULL, -- of the order
    next_at   timestamptz NOT NULL, -- nobody else calls it off before
    sent_back boolean     NOT NULL DEFAULT false, -- it waits for whoever ordered, not for review
    PRIMARY KEY (tenant_id, order_id)
);
CREATE INDEX IF NOT EXISTS order_deadlines_since ON order_deadlines (tenant_id, waited, since);

-- How long orders of a tenant may wait; none: for ever.
CREATE TABLE IF NOT EXISTS order_limits (
    tenant_id text    NOT NULL,
    waited    text    NOT NULL,
    hours     integer NOT NULL,
    PRIMARY KEY (tenant_id, waited)
);

-- What people have to do about orders: steps of the review, and changes that wait for the brand. An order that
-- never had either has no row.
CREATE TABLE order_todos (
    tenant_id        text        NOT NULL,
    order_id         text        NOT NULL,
    steps            jsonb       NOT NULL DEFAULT '[]', -- as in the event
    review_step      integer     NOT NULL DEFAULT 0,    -- qudao.order.v1.ReviewStep; 0: none
    review_since     timestamptz,
    sent_back        boolean     NOT NULL DEFAULT false,
    sent_back_reason text        NOT NULL DEFAULT '',
    change_waits     boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, order_id)
);
CREATE INDEX order_todos_waiting ON order_todos (tenant_id)
    WHERE review_step <> 0 OR sent_back OR change_waits;

CREATE TABLE order_changes (
    tenant_id          text        NOT NULL,
    order_id           text        NOT NULL,
    version            bigint      NOT NULL, -- of the order, when it was proposed or made at once
    state              integer     NOT NULL, -- qudao.order.v1.OrderChangeState
    changes            jsonb       NOT NULL, -- as in the event
    previous_net_minor bigint      NOT NULL,
    net_minor          bigint      NOT NULL,
    note               text        NOT NULL,
    reason             text        NOT NULL DEFAULT '', -- why the brand did not agree
    on_behalf          boolean     NOT NULL DEFAULT false,
    proposed_by        text        NOT NULL,
    proposed_at        timestamptz NOT NULL,
    decided_by         text        NOT NULL DEFAULT '',
    decided_at         timestamptz,
    PRIMARY KEY (tenant_id, order_id, version)
);

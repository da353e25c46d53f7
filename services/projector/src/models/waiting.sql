-- Orders that wait to be paid, for credit or for review.
CREATE TABLE order_waits (
    tenant_id text        NOT NULL,
    order_id  text        NOT NULL,
    waits_for integer     NOT NULL, -- qudao.order.v1.WaitsFor
    since     timestamptz NOT NULL,
    sent_back boolean     NOT NULL, -- it waits for whoever ordered, not for review
    PRIMARY KEY (tenant_id, order_id)
);

-- Orders that wait for goods: what of which product, and where in line they are.
CREATE TABLE back_orders (
    tenant_id  text        NOT NULL,
    product_id text        NOT NULL,
    order_id   text        NOT NULL,
    waiting    bigint      NOT NULL,
    queued_at  bigint      NOT NULL, -- position in the log: who has a lower one is served first
    since      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, product_id, order_id)
);
CREATE INDEX back_orders_of_order ON back_orders (tenant_id, order_id);

-- When more of products is expected.
CREATE TABLE expected_stock (
    tenant_id   text NOT NULL,
    product_id  text NOT NULL,
    expected_on date,
    PRIMARY KEY (tenant_id, product_id)
);

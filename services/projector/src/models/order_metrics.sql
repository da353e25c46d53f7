-- What the figures of ordering are worked out from: one row an order, but for those that send goods
-- of an after-sale case again.
CREATE TABLE order_metrics (
    tenant_id       text        NOT NULL,
    order_id        text        NOT NULL,
    business_date   date        NOT NULL,
    region_ids      text[]      NOT NULL, -- from the root to the dealer's own
    region_names    text[]      NOT NULL,
    dealer_id       text        NOT NULL,
    dealer_name     text        NOT NULL,
    ordered         bigint      NOT NULL, -- base units, gifts included
    shipped         bigint      NOT NULL,
    closed          bigint      NOT NULL, -- that will not come
    submitted_at    timestamptz NOT NULL,
    submit_request  uuid        NOT NULL,
    placed_by_hand  boolean     NOT NULL, -- by a person of the brand
    pay_request     uuid, -- the last that paid it
    credit_by_hand  boolean     NOT NULL, -- a person released the credit that it waited for
    confirmed_at    timestamptz,
    confirm_request uuid,
    confirmed_by_person boolean NOT NULL,
    released_at     timestamptz, -- its first shipment was handed over
    cancelled       boolean     NOT NULL,
    rated_goods     integer,
    rated_service   integer,
    PRIMARY KEY (tenant_id, order_id)
);
CREATE INDEX order_metrics_by_date ON order_metrics (tenant_id, business_date);
CREATE INDEX order_metrics_by_dealer ON order_metrics (tenant_id, dealer_id, business_date);

-- When goods of it left.
CREATE TABLE order_metric_departures (
    tenant_id  text        NOT NULL,
    order_id   text        NOT NULL,
    version    bigint      NOT NULL, -- of the order
    shipped_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id, version)
);

-- Its lines and gifts of which something arrived, or should have.
CREATE TABLE order_metric_lines (
    tenant_id text    NOT NULL,
    order_id  text    NOT NULL,
    line_no   integer NOT NULL,
    corrected boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, order_id, line_no)
);

-- Its after-sale cases, and how content the dealer is with them.
CREATE TABLE order_metric_cases (
    tenant_id     text NOT NULL,
    after_sale_id text NOT NULL,
    order_id      text NOT NULL,
    rated_outcome integer,
    rated_service integer,
    PRIMARY KEY (tenant_id, after_sale_id)
);
CREATE INDEX order_metric_cases_of_order ON order_metric_cases (tenant_id, order_id);

-- What was delivered of it on credit, and what was paid or taken off of that.
CREATE TABLE order_metric_credit (
    tenant_id       text        NOT NULL,
    order_id        text        NOT NULL,
    position        bigint      NOT NULL,
    occurred_at     timestamptz NOT NULL,
    delivered_minor bigint      NOT NULL,
    paid_minor      bigint      NOT NULL,
    currency_code   text        NOT NULL,
    PRIMARY KEY (tenant_id, order_id, position)
);

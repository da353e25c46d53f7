-- Orders as lists show them.
CREATE TABLE orders (
    tenant_id     text        NOT NULL,
    order_id      text        NOT NULL,
    business_date date        NOT NULL,
    dealer_id     text        NOT NULL,
    dealer_name   text        NOT NULL,
    region_ids    text[]      NOT NULL, -- from the root to the dealer's own
    region_names  text[]      NOT NULL,
    status        integer     NOT NULL, -- qudao.order.v1.OrderStatus
    line_count    integer     NOT NULL,
    quantity      bigint      NOT NULL,
    gross_minor   bigint      NOT NULL, -- before discounts
    off_minor     bigint      NOT NULL, -- what promotions take off
    tax_minor     bigint, -- what of the rest is tax; none where that is not known of each line
    promotions    jsonb       NOT NULL, -- as in the event
    currency_code text        NOT NULL,
    note          text        NOT NULL,
    cancel_reason text        NOT NULL DEFAULT '',
    submitted_at  timestamptz NOT NULL,
    version       bigint      NOT NULL,
    payment       jsonb,               -- as in the event; none where the brand is paid elsewhere
    standing      text,                -- whether it has the credit that it needs, today
    -- Closed short: how much less it costs, and why its rest does not come.
    closed_net_minor    bigint NOT NULL DEFAULT 0,
    short_closed_reason text   NOT NULL DEFAULT '',
    replaces      text        NOT NULL DEFAULT '', -- the after-sale case whose goods it sends again
    rated_goods   integer     NOT NULL DEFAULT 0,  -- 1 to 5; 0: not rated
    rated_service integer     NOT NULL DEFAULT 0,
    rated_comment text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, order_id)
);
CREATE INDEX orders_newest ON orders (tenant_id, business_date DESC, order_id DESC);
CREATE INDEX orders_of_dealer ON orders (tenant_id, dealer_id, business_date DESC);

CREATE TABLE order_lines (
    tenant_id        text    NOT NULL,
    order_id         text    NOT NULL,
    line_no          integer NOT NULL,
    product_id       text    NOT NULL,
    product_name     text    NOT NULL,
    base_unit        text    NOT NULL,
    quantity         bigint  NOT NULL,
    unit_price_minor bigint  NOT NULL,
    gross_minor      bigint  NOT NULL,
    off_minor        bigint  NOT NULL,
    gift_of          text,              -- the promotion that gives it; none of what was bought
    instead_of       text,              -- the gift that was promised
    shipped          bigint  NOT NULL DEFAULT 0,
    received         bigint  NOT NULL DEFAULT 0,
    disputed         bigint  NOT NULL DEFAULT 0, -- did not arrive as it was shipped
    claimed          bigint  NOT NULL DEFAULT 0, -- in open after-sale cases
    settled          bigint  NOT NULL DEFAULT 0, -- settled by after-sale cases
    closed           bigint  NOT NULL DEFAULT 0, -- of the quantity: will not come
    closed_net_minor bigint  NOT NULL DEFAULT 0, -- how much less the order costs by it
    tax              jsonb,             -- as in the event; none where nobody had said how it is taxed
    PRIMARY KEY (tenant_id, order_id, line_no)
);
CREATE INDEX order_lines_by_product ON order_lines (tenant_id, product_id);

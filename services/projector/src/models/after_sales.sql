-- After-sale cases.
CREATE TABLE after_sales (
    tenant_id       text        NOT NULL,
    after_sale_id   text        NOT NULL,
    order_id        text        NOT NULL,
    dealer_id       text        NOT NULL,
    status          integer     NOT NULL, -- qudao.order.v1.AfterSaleStatus
    currency_code   text        NOT NULL,
    wish            integer     NOT NULL, -- qudao.order.v1.AfterSaleSettlement
    note            text        NOT NULL,
    at_receipt      boolean     NOT NULL,
    requested_by    text        NOT NULL,
    requested_at    timestamptz NOT NULL,
    decided_at      timestamptz,
    goods_return    boolean     NOT NULL DEFAULT false,
    remark          text        NOT NULL DEFAULT '',
    carrier         text        NOT NULL DEFAULT '',
    tracking_number text        NOT NULL DEFAULT '',
    settlement      integer     NOT NULL DEFAULT 0, -- qudao.order.v1.AfterSaleSettlement
    settled_at      timestamptz,
    amount_minor    bigint      NOT NULL DEFAULT 0,
    payout          jsonb,                          -- as in the event
    replacement     text        NOT NULL DEFAULT '', -- the order that sends the goods again
    rated_goods     integer     NOT NULL DEFAULT 0, -- 1 to 5; 0: not rated
    rated_service   integer     NOT NULL DEFAULT 0,
    rated_comment   text        NOT NULL DEFAULT '',
    version         bigint      NOT NULL,
    PRIMARY KEY (tenant_id, after_sale_id)
);
CREATE INDEX after_sales_newest ON after_sales (tenant_id, requested_at DESC, after_sale_id);
CREATE INDEX after_sales_of_order ON after_sales (tenant_id, order_id);
CREATE INDEX after_sales_of_dealer ON after_sales (tenant_id, dealer_id, requested_at DESC);

-- What they are about.
CREATE TABLE after_sale_lines (
    tenant_id     text    NOT NULL,
    after_sale_id text    NOT NULL,
    line_no       integer NOT NULL,
    cause         integer NOT NULL, -- qudao.order.v1.AfterSaleCause
    order_id      text    NOT NULL,
    product_id    text    NOT NULL,
    quantity      bigint  NOT NULL,
    note          text    NOT NULL,
    sellable      bigint  NOT NULL DEFAULT 0,
    scrap         bigint  NOT NULL DEFAULT 0,
    rejected      bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, after_sale_id, line_no, cause)
);

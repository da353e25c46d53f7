-- Carts and templates that were neither submitted nor deleted.
CREATE TABLE carts (
    tenant_id  text        NOT NULL,
    cart_id    text        NOT NULL,
    dealer_id  text        NOT NULL,
    kind       integer     NOT NULL, -- qudao.order.v1.CartKind
    name       text        NOT NULL,
    note       text        NOT NULL,
    lines      jsonb       NOT NULL, -- as in the event
    line_count integer     NOT NULL,
    quantity   bigint      NOT NULL, -- base units of all lines
    saved_by   text        NOT NULL,
    saved_at   timestamptz NOT NULL,
    version    bigint      NOT NULL,
    PRIMARY KEY (tenant_id, cart_id)
);
CREATE INDEX carts_last_saved ON carts (tenant_id, saved_at DESC, cart_id);
CREATE INDEX carts_of_dealer ON carts (tenant_id, dealer_id, saved_at DESC);

-- Payments of orders through providers.
CREATE TABLE payments (
    tenant_id       text        NOT NULL,
    payment_id      text        NOT NULL,
    order_id        text        NOT NULL,
    dealer_id       text        NOT NULL,
    provider        integer     NOT NULL, -- qudao.order.v1.PaymentProvider
    scene           integer     NOT NULL, -- qudao.order.v1.PaymentScene
    status          integer     NOT NULL, -- qudao.order.v1.PaymentStatus
    currency_code   text        NOT NULL,
    amount_minor    bigint      NOT NULL,
    captured_minor  bigint      NOT NULL DEFAULT 0,
    allocated_minor bigint      NOT NULL DEFAULT 0,
    url             text        NOT NULL DEFAULT '',
    expires_at      timestamptz NOT NULL,
    transaction     text        NOT NULL DEFAULT '',
    paid_at         timestamptz,
    closure         integer     NOT NULL DEFAULT 0, -- qudao.order.v1.PaymentClosure
    detail          text        NOT NULL DEFAULT '',
    mismatch        integer     NOT NULL DEFAULT 0, -- qudao.order.v1.PaymentMismatch
    parked_transaction   text   NOT NULL DEFAULT '',
    parked_minor         bigint NOT NULL DEFAULT 0,
    parked_currency_code text   NOT NULL DEFAULT '',
    started_by      text        NOT NULL,
    started_at      timestamptz NOT NULL,
    version         bigint      NOT NULL,
    PRIMARY KEY (tenant_id, payment_id)
);
CREATE INDEX payments_newest ON payments (tenant_id, started_at DESC, payment_id);
CREATE INDEX payments_of_order ON payments (tenant_id, order_id);
CREATE INDEX payments_of_dealer ON payments (tenant_id, dealer_id, started_at DESC);

-- What goes back of them.
CREATE TABLE payment_refunds (
    tenant_id    text        NOT NULL,
    payment_id   text        NOT NULL,
    refund_id    text        NOT NULL,
    amount_minor bigint      NOT NULL,
    status       integer     NOT NULL, -- qudao.order.v1.RefundStatus
    reason       text        NOT NULL,
    detail       text        NOT NULL DEFAULT '',
    asked_at     timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (tenant_id, payment_id, refund_id)
);

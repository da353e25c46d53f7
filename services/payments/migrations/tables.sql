-- What is to be asked of providers. Rows are made and changed in the transaction of the checkpoint;
-- `step`, `next_at` and `tries` also by whoever asks. A refund has a row of its own beside that of
-- its payment.
CREATE TABLE IF NOT EXISTS payment_errands (
    tenant_id    text        NOT NULL,
    payment_id   text        NOT NULL,
    refund_id    text        NOT NULL, -- empty: the payment itself
    replaces     text        NOT NULL DEFAULT '', -- a refund that failed before this one
    merchant_id  text        NOT NULL DEFAULT '', -- as the provider knows whom it was presented for
    order_id     text        NOT NULL,
    provider     text        NOT NULL,
    scene        text        NOT NULL,
    amount_minor bigint      NOT NULL, -- of the payment or the refund
    paid_minor   bigint      NOT NULL DEFAULT 0, -- what the provider has of the payment
    reason       text        NOT NULL DEFAULT '',
    expires_at   timestamptz NOT NULL, -- of the payment
    created_at   timestamptz NOT NULL,
    step         text        NOT NULL, -- present, look_up, close, refund, look_up_refund, done
    next_at      timestamptz, -- when it is due; while somebody asks, when somebody else may
    tries        integer     NOT NULL DEFAULT 0, -- of this step
    claim        uuid, -- of whoever asks
    PRIMARY KEY (tenant_id, payment_id, refund_id)
);
CREATE INDEX IF NOT EXISTS payment_errands_due ON payment_errands (next_at) WHERE step <> 'done';
CREATE INDEX IF NOT EXISTS payment_errands_old ON payment_errands (created_at) WHERE step = 'done';

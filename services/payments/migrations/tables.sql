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
-- When the money moved, and the day in whose bill the provider has it.
ALTER TABLE payment_errands ADD COLUMN IF NOT EXISTS moved_at timestamptz;
ALTER TABLE payment_errands ADD COLUMN IF NOT EXISTS billed_on date;
CREATE INDEX IF NOT EXISTS payment_errands_moved ON payment_errands (tenant_id, moved_at);
CREATE INDEX IF NOT EXISTS payment_errands_due ON payment_errands (next_at) WHERE step <> 'done';
CREATE INDEX IF NOT EXISTS payment_errands_old ON payment_errands (created_at) WHERE step = 'done';

-- The bills that are asked for in the morning.
CREATE TABLE IF NOT EXISTS payment_bill_days (
    tenant_id   text        NOT NULL,
    provider    text        NOT NULL,
    merchant_id text        NOT NULL,
    day         date        NOT NULL,
    is_done     boolean     NOT NULL DEFAULT false,
    next_at     timestamptz NOT NULL, -- while it is not done: when somebody may ask for it
    PRIMARY KEY (tenant_id, provider, merchant_id, day)
);

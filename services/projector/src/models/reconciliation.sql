-- Lines of bank statements.
CREATE TABLE bank_lines (
    tenant_id      text        NOT NULL,
    line_id        text        NOT NULL,
    bank_account   text        NOT NULL,
    bank_reference text        NOT NULL,
    booked_on      date        NOT NULL,
    currency_code  text        NOT NULL,
    amount_minor   bigint      NOT NULL,
    payer_name     text        NOT NULL,
    payer_account  text        NOT NULL,
    memo           text        NOT NULL,
    status         integer     NOT NULL, -- qudao.order.v1.BankLineStatus
    remittance_id  text        NOT NULL DEFAULT '',
    dealer_id      text        NOT NULL DEFAULT '',
    reported_minor bigint      NOT NULL DEFAULT 0, -- where it differs
    by_hand        boolean     NOT NULL DEFAULT false,
    reason         text        NOT NULL DEFAULT '',
    imported_by    text        NOT NULL,
    imported_at    timestamptz NOT NULL,
    changed_by     text        NOT NULL,
    changed_at     timestamptz NOT NULL,
    version        bigint      NOT NULL,
    rival_id       text        NOT NULL DEFAULT '', -- another dealer's remittance that claims it, too
    PRIMARY KEY (tenant_id, line_id)
);
CREATE INDEX bank_lines_newest ON bank_lines (tenant_id, booked_on DESC, line_id);
CREATE INDEX bank_lines_of_status ON bank_lines (tenant_id, status, booked_on DESC);

-- Bills of payment service providers, as they compared last.
CREATE TABLE provider_bills (
    tenant_id         text        NOT NULL,
    bill_id           text        NOT NULL,
    provider          integer     NOT NULL, -- qudao.order.v1.PaymentProvider
    merchant          text        NOT NULL,
    day               date        NOT NULL,
    currency_code     text        NOT NULL,
    there             jsonb       NOT NULL, -- as in the event
    here              jsonb       NOT NULL,
    fee_minor         bigint      NOT NULL,
    digest            text        NOT NULL,
    differences_count integer     NOT NULL,
    asked_by          text        NOT NULL,
    compared_at       timestamptz NOT NULL,
    version           bigint      NOT NULL,
    PRIMARY KEY (tenant_id, bill_id)
);
CREATE INDEX provider_bills_newest ON provider_bills (tenant_id, day DESC, bill_id);

-- What differed in them.
CREATE TABLE bill_differences (
    tenant_id     text        NOT NULL,
    bill_id       text        NOT NULL,
    difference_id text        NOT NULL,
    kind          integer     NOT NULL, -- qudao.order.v1.BillDifferenceKind
    is_refund     boolean     NOT NULL,
    payment       text        NOT NULL,
    refund        text        NOT NULL,
    transaction   text        NOT NULL,
    there_minor   bigint,
    here_minor    bigint,
    is_gone       boolean     NOT NULL,
    reason        text        NOT NULL DEFAULT '', -- of who has resolved it
    resolved_by   text        NOT NULL DEFAULT '',
    resolved_at   timestamptz,
    PRIMARY KEY (tenant_id, bill_id, difference_id)
);
CREATE INDEX bill_differences_open ON bill_differences (tenant_id, bill_id)
    WHERE NOT is_gone AND resolved_at IS NULL;

-- What the brand keeps of a dealer's money, and whose credit its orders take.
CREATE TABLE dealer_funds (
    tenant_id          text   NOT NULL,
    dealer_id          text   NOT NULL,
    currency_code      text,            -- none while there never was money
    prepaid_minor      bigint NOT NULL DEFAULT 0,
    prepaid_held_minor bigint NOT NULL DEFAULT 0,
    rebate_minor       bigint NOT NULL DEFAULT 0,
    rebate_held_minor  bigint NOT NULL DEFAULT 0,
    credit_of          text,            -- another dealer; none: its own
    PRIMARY KEY (tenant_id, dealer_id)
);

-- Lines of credit by who holds them.
CREATE TABLE credit_lines (
    tenant_id        text    NOT NULL,
    dealer_id        text    NOT NULL,
    currency_code    text    NOT NULL,
    limit_minor      bigint  NOT NULL,
    payment_days     integer NOT NULL,
    blocked_reason   text    NOT NULL DEFAULT '',
    reserved_minor   bigint  NOT NULL DEFAULT 0,
    receivable_minor bigint  NOT NULL DEFAULT 0,
    version          bigint  NOT NULL,
    PRIMARY KEY (tenant_id, dealer_id)
);

-- What is added to a limit for a while, by where it stands in the log.
CREATE TABLE credit_grants (
    tenant_id    text   NOT NULL,
    dealer_id    text   NOT NULL,
    position     bigint NOT NULL,
    amount_minor bigint NOT NULL,
    until        date   NOT NULL,
    PRIMARY KEY (tenant_id, dealer_id, position)
);

-- What was delivered on credit, by who holds the credit, order and due day.
CREATE TABLE receivables (
    tenant_id       text   NOT NULL,
    dealer_id       text   NOT NULL,
    order_id        text   NOT NULL,
    due_on          date   NOT NULL,
    order_dealer_id text   NOT NULL,
    currency_code   text   NOT NULL,
    amount_minor    bigint NOT NULL DEFAULT 0,
    open_minor      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, dealer_id, order_id, due_on)
);
CREATE INDEX receivables_due ON receivables (tenant_id, dealer_id, due_on) WHERE open_minor > 0;

-- What changed credit and money (资金流水).
CREATE TABLE funds_entries (
    tenant_id         text        NOT NULL,
    position          bigint      NOT NULL,
    dealer_id         text        NOT NULL, -- whose account it is
    account           integer     NOT NULL, -- qudao.order.v1.FundsAccount
    kind              integer     NOT NULL, -- qudao.order.v1.FundsEntryKind
    currency_code     text        NOT NULL DEFAULT '',
    change_minor      bigint      NOT NULL DEFAULT 0,
    held_change_minor bigint      NOT NULL DEFAULT 0,
    balance_minor     bigint,
    held_minor        bigint,
    limit_minor       bigint,
    order_id          text        NOT NULL DEFAULT '',
    remittance_id     text        NOT NULL DEFAULT '',
    of_dealer_id      text        NOT NULL DEFAULT '', -- another dealer's order or payment
    reason            text        NOT NULL DEFAULT '',
    occurred_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, position)
);
CREATE INDEX funds_entries_of_dealer ON funds_entries (tenant_id, dealer_id, position DESC);
-- Each account by itself: its lines between two positions, and which accounts there are.
CREATE INDEX funds_entries_of_account
    ON funds_entries (tenant_id, dealer_id, account, currency_code, position)
    WHERE balance_minor IS NOT NULL;
CREATE INDEX funds_entries_of_other ON funds_entries (tenant_id, of_dealer_id, position DESC)
    WHERE of_dealer_id <> '';

CREATE TABLE remittances (
    tenant_id      text        NOT NULL,
    remittance_id  text        NOT NULL,
    dealer_id      text        NOT NULL,
    purpose        integer     NOT NULL, -- qudao.order.v1.RemittancePurpose
    status         integer     NOT NULL, -- qudao.order.v1.RemittanceStatus
    currency_code  text        NOT NULL,
    amount_minor   bigint      NOT NULL,
    received_minor bigint      NOT NULL DEFAULT 0,
    paid_on        date        NOT NULL,
    bank_reference text        NOT NULL,
    note           text        NOT NULL,
    reason         text        NOT NULL DEFAULT '',
    reported_by    text        NOT NULL,
    reported_at    timestamptz NOT NULL,
    decided_by     text        NOT NULL DEFAULT '',
    decided_at     timestamptz,
    version        bigint      NOT NULL,
    PRIMARY KEY (tenant_id, remittance_id)
);
CREATE INDEX remittances_newest ON remittances (tenant_id, reported_at DESC, remittance_id);
CREATE INDEX remittances_waiting ON remittances (tenant_id, dealer_id) WHERE status = 1;

-- How orders are paid and reviewed, where somebody has said so.
CREATE TABLE order_rules (
    tenant_id text   NOT NULL,
    rules     jsonb  NOT NULL, -- as in the event
    version   bigint NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Statements of account. Their lines are the entries of the account (funds_entries) between two
-- positions.
CREATE TABLE statements (
    tenant_id          text        NOT NULL,
    statement_id       text        NOT NULL,
    dealer_id          text        NOT NULL,
    account            integer     NOT NULL, -- qudao.order.v1.FundsAccount
    currency_code      text        NOT NULL,
    from_date          date        NOT NULL,
    until_date         date        NOT NULL,
    status             integer     NOT NULL, -- qudao.order.v1.StatementStatus
    opening_minor      bigint      NOT NULL,
    opening_held_minor bigint      NOT NULL,
    closing_minor      bigint      NOT NULL,
    closing_held_minor bigint      NOT NULL,
    sums               jsonb       NOT NULL, -- as in the event
    line_count         integer     NOT NULL,
    overdue_minor      bigint      NOT NULL,
    overdue_days       integer     NOT NULL,
    digest             text        NOT NULL,
    follows            text        NOT NULL DEFAULT '',
    replaces           text        NOT NULL DEFAULT '',
    replaced_by        text        NOT NULL DEFAULT '',
    after_position     bigint      NOT NULL,
    upto_position      bigint      NOT NULL,
    waiting_since      timestamptz,          -- none while nobody is waited for
    disputed           jsonb       NOT NULL DEFAULT '[]', -- as in the event
    made_at            timestamptz NOT NULL,
    version            bigint      NOT NULL,
    PRIMARY KEY (tenant_id, statement_id)
);
CREATE INDEX statements_newest ON statements (tenant_id, until_date DESC, made_at DESC, statement_id);
CREATE INDEX statements_of_account
    ON statements (tenant_id, dealer_id, account, currency_code, until_date DESC);

-- What was done about them.
CREATE TABLE statement_steps (
    tenant_id    text        NOT NULL,
    statement_id text        NOT NULL,
    version      bigint      NOT NULL,
    act          integer     NOT NULL, -- qudao.order.v1.StatementAct
    actor_id     text        NOT NULL,
    done_at      timestamptz NOT NULL,
    text         text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, statement_id, version)
);

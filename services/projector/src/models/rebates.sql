-- Rebate plans as lists show them: what their newest version says, and how far they are.
CREATE TABLE rebate_plans (
    tenant_id        text        NOT NULL,
    plan_id          text        NOT NULL,
    version          bigint      NOT NULL,
    name             text        NOT NULL,
    status           text        NOT NULL, -- draft, running, ended
    cycle            text        NOT NULL, -- month, quarter, year
    currency_code    text        NOT NULL,
    begins_on        date        NOT NULL,
    ends_on          date,                 -- none: until it is ended
    approved_version integer     NOT NULL DEFAULT 0,
    draft_version    integer     NOT NULL DEFAULT 0,
    ended_on         date,                 -- the last day that counts, once it was ended
    reason           text        NOT NULL DEFAULT '', -- of the end
    changed_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, plan_id)
);

CREATE TABLE rebate_plan_versions (
    tenant_id   text    NOT NULL,
    plan_id     text    NOT NULL,
    number      integer NOT NULL,
    draft       jsonb   NOT NULL, -- as in its event
    approved_by text,             -- none of a draft
    PRIMARY KEY (tenant_id, plan_id, number)
);

-- What of orders rebates know: whose, when, and what of each line has come and gone back.
CREATE TABLE rebate_orders (
    tenant_id     text    NOT NULL,
    order_id      text    NOT NULL,
    dealer_id     text    NOT NULL,
    level_id      text,
    channel_id    text,
    region_ids    text[]  NOT NULL, -- from the root to the dealer's own
    business_date date    NOT NULL,
    currency_code text    NOT NULL,
    sends_again   boolean NOT NULL, -- goods that another order has counted
    PRIMARY KEY (tenant_id, order_id)
);
CREATE INDEX rebate_orders_by_day ON rebate_orders (tenant_id, business_date);
CREATE INDEX rebate_orders_of_dealer ON rebate_orders (tenant_id, dealer_id, business_date);

CREATE TABLE rebate_lines (
    tenant_id     text    NOT NULL,
    order_id      text    NOT NULL,
    line_no       integer NOT NULL,
    product_id    text    NOT NULL,
    category_path text[]  NOT NULL, -- from general to special
    ordered       bigint  NOT NULL, -- base units, without those that will not come
    net_minor     bigint  NOT NULL, -- what they cost after all discounts
    arrived       bigint  NOT NULL DEFAULT 0, -- well or not
    back          bigint  NOT NULL DEFAULT 0, -- money was given back for
    back_minor    bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, order_id, line_no)
);

-- What dealers were given for a period by a plan.
CREATE TABLE rebate_settlements (
    tenant_id   text   NOT NULL,
    plan_id     text   NOT NULL,
    period      text   NOT NULL,
    dealer_id   text   NOT NULL,
    given_minor bigint NOT NULL, -- all together
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, plan_id, period, dealer_id)
);

CREATE TABLE rebate_settlement_entries (
    tenant_id    text        NOT NULL,
    plan_id      text        NOT NULL,
    period       text        NOT NULL,
    dealer_id    text        NOT NULL,
    version      bigint      NOT NULL,
    position     bigint      NOT NULL,
    settled      jsonb       NOT NULL, -- as in its event
    settled_by   text        NOT NULL,
    settled_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, plan_id, period, dealer_id, version)
);

-- What is handed over to the books of brands. Rows are made in the transaction of the checkpoint, for
-- every fact that some brand may want to hand over; what comes of them is noted by whoever hands over.
-- What a document says is not here: it is read from the log each time that it is handed over.
CREATE TABLE IF NOT EXISTS connector_documents (
    tenant_id    text        NOT NULL,
    number       text        NOT NULL, -- ours, made from the position of the fact
    kind         text        NOT NULL, -- sales_order, delivery, return, receipt
    aggregate    text        NOT NULL, -- of the object that the fact is of
    object_id    text        NOT NULL,
    lane         text        NOT NULL, -- an order, or a remittance: what is of one goes one by one
    position     bigint      NOT NULL, -- of the fact
    recorded_at  timestamptz NOT NULL,
    shipped_at   timestamptz, -- of an order: when goods of it left first
    status       text        NOT NULL DEFAULT 'idle', -- idle, waiting, sent, refused, given_up, skipped
    checking     boolean     NOT NULL DEFAULT false, -- it was sent, and is looked for again
    was_missing  boolean     NOT NULL DEFAULT false, -- it was not there any more
    made_at      bigint, -- an order is told as it was there; set before anything is sent, never unset
    changed_at   bigint, -- where the order became another one at last
    cancelled_at bigint, -- where the order was cancelled
    mended_at    bigint      NOT NULL DEFAULT 0, -- a person did by hand what was to be done until there
    their_number text        NOT NULL DEFAULT '',
    code         text        NOT NULL DEFAULT '',
    words        text        NOT NULL DEFAULT '',
    dealer_id    text        NOT NULL DEFAULT '', -- these three as soon as it was tried
    currency     text        NOT NULL DEFAULT '',
    amount_minor bigint      NOT NULL DEFAULT 0,
    tries        integer     NOT NULL DEFAULT 0, -- since it was last begun
    attempts     integer     NOT NULL DEFAULT 0, -- ever
    begun_at     timestamptz, -- when it was tried first, since it was last begun
    next_at      timestamptz, -- when it is due; while somebody hands it over, when somebody else may
    claim        uuid, -- of whoever hands it over
    ended_at     timestamptz,
    PRIMARY KEY (tenant_id, number)
);
CREATE INDEX IF NOT EXISTS connector_documents_due
    ON connector_documents (tenant_id, next_at) WHERE status = 'waiting';
CREATE INDEX IF NOT EXISTS connector_documents_idle
    ON connector_documents (tenant_id, kind, recorded_at) WHERE status = 'idle';
CREATE INDEX IF NOT EXISTS connector_documents_shipped
    ON connector_documents (tenant_id, shipped_at)
    WHERE status = 'idle' AND shipped_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS connector_documents_lane
    ON connector_documents (tenant_id, lane, position);
CREATE INDEX IF NOT EXISTS connector_documents_listed
    ON connector_documents (tenant_id, position DESC) WHERE status <> 'idle';

-- How brands are connected, as the order log says, and how that goes.
CREATE TABLE IF NOT EXISTS connector_connections (
    tenant_id     text        NOT NULL PRIMARY KEY,
    version       bigint      NOT NULL,
    paused        boolean     NOT NULL DEFAULT false,
    failing_since timestamptz,
    stock         boolean     NOT NULL DEFAULT false,
    stock_next_at timestamptz,
    stock_at      timestamptz,
    stock_problem text        NOT NULL DEFAULT '',
    stock_stale   text[]      NOT NULL DEFAULT '{}' -- products that moved while they were compared
);

-- Which kinds of documents a brand wants to hand over, since when, and at what.
CREATE TABLE IF NOT EXISTS connector_wants (
    tenant_id text        NOT NULL,
    kind      text        NOT NULL,
    since     timestamptz NOT NULL,
    shipped   boolean     NOT NULL, -- orders when goods of them leave first
    PRIMARY KEY (tenant_id, kind)
);

-- What a person has said is not handed over.
CREATE TABLE IF NOT EXISTS connector_skips (
    tenant_id text NOT NULL,
    number    text NOT NULL,
    reason    text NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

-- Orders that are sent by warehouses: what leaves is told by shipments.
CREATE TABLE IF NOT EXISTS connector_shipments (
    tenant_id   text NOT NULL,
    order_id    text NOT NULL,
    shipment_id text NOT NULL,
    PRIMARY KEY (tenant_id, order_id, shipment_id)
);

-- Goods that came back and that no return tells of yet: their cases are not settled.
CREATE TABLE IF NOT EXISTS connector_returns (
    tenant_id     text   NOT NULL,
    after_sale_id text   NOT NULL,
    position      bigint NOT NULL, -- where some came at last
    PRIMARY KEY (tenant_id, after_sale_id)
);

-- What there is here, to be compared with the books.
CREATE TABLE IF NOT EXISTS connector_products (
    tenant_id     text   NOT NULL,
    product_id    text   NOT NULL,
    stock_version bigint NOT NULL DEFAULT 0, -- number of the facts of its stock, whatever they say
    PRIMARY KEY (tenant_id, product_id)
);
CREATE TABLE IF NOT EXISTS connector_stock (
    tenant_id    text   NOT NULL,
    product_id   text   NOT NULL,
    warehouse_id text   NOT NULL,
    on_hand      bigint NOT NULL,
    PRIMARY KEY (tenant_id, product_id, warehouse_id)
);

-- Whoever answers a caller hands that caller's documents over again.
GRANT SELECT, UPDATE ON connector_documents TO qudao_tenant;

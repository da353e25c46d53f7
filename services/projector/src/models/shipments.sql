-- What warehouses send of orders.
CREATE TABLE shipments (
    tenant_id       text        NOT NULL,
    shipment_id     text        NOT NULL,
    order_id        text        NOT NULL,
    number          integer     NOT NULL, -- which of the order's shipments it is
    of_all          integer     NOT NULL, -- how many there are
    dealer_id       text        NOT NULL,
    dealer_name     text        NOT NULL,
    region_ids      text[]      NOT NULL, -- from the root to the dealer's own
    warehouse_id    text        NOT NULL, -- empty: nobody has told where the goods are
    status          integer     NOT NULL, -- qudao.order.v1.ShipmentStatus
    line_count      integer     NOT NULL,
    released_at     timestamptz NOT NULL,
    waits_since     timestamptz,          -- none: a warehouse has it, or nothing is left of it
    acknowledged_at timestamptz,
    reference       text        NOT NULL DEFAULT '',
    reason          text        NOT NULL DEFAULT '', -- why it was handed back or withdrawn last
    carrier         text        NOT NULL DEFAULT '', -- of what left last
    tracking_number text        NOT NULL DEFAULT '',
    shipped_at      timestamptz,
    version         bigint      NOT NULL,
    PRIMARY KEY (tenant_id, shipment_id)
);
CREATE INDEX shipments_newest ON shipments (tenant_id, released_at DESC, shipment_id);
CREATE INDEX shipments_of_order ON shipments (tenant_id, order_id);
CREATE INDEX shipments_waiting ON shipments (tenant_id, waits_since) WHERE waits_since IS NOT NULL;

CREATE TABLE shipment_lines (
    tenant_id    text    NOT NULL,
    shipment_id  text    NOT NULL,
    line_no      integer NOT NULL,
    product_id   text    NOT NULL,
    product_name text    NOT NULL,
    base_unit    text    NOT NULL,
    quantity     bigint  NOT NULL,
    shipped      bigint  NOT NULL DEFAULT 0,
    withdrawn    bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, shipment_id, line_no)
);

-- Goods of them that left together.
CREATE TABLE shipment_parcels (
    tenant_id       text        NOT NULL,
    shipment_id     text        NOT NULL,
    version         bigint      NOT NULL, -- of the shipment when they left
    carrier         text        NOT NULL,
    tracking_number text        NOT NULL,
    lines           jsonb       NOT NULL, -- as in the event
    shipped_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, shipment_id, version)
);

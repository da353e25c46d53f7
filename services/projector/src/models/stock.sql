-- What there is of products in each warehouse.
CREATE TABLE stock_levels (
    tenant_id    text   NOT NULL,
    product_id   text   NOT NULL,
    warehouse_id text   NOT NULL,
    on_hand      bigint NOT NULL,
    reserved     bigint NOT NULL,
    PRIMARY KEY (tenant_id, product_id, warehouse_id)
);

-- Products whose stock is kept.
CREATE TABLE stock_items (
    tenant_id  text        NOT NULL,
    product_id text        NOT NULL,
    version    bigint      NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, product_id)
);

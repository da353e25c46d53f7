-- The region tree and the dealers in it.
CREATE TABLE regions (
    tenant_id text   NOT NULL,
    region_id text   NOT NULL,
    name      text   NOT NULL,
    parent_id text   NOT NULL, -- empty for the root
    path      text[] NOT NULL, -- ids from the root to this region
    PRIMARY KEY (tenant_id, region_id)
);

CREATE TABLE dealers (
    tenant_id     text        NOT NULL,
    dealer_id     text        NOT NULL,
    name          text        NOT NULL,
    region_id     text        NOT NULL,
    region_path   text[]      NOT NULL,
    region_name   text        NOT NULL,
    city          text        NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, dealer_id)
);

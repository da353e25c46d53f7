-- Products, price lists with their prices, and the rules of the visible range. A price may come
-- before its product and the other way round.
CREATE TABLE products (
    tenant_id     text        NOT NULL,
    product_id    text        NOT NULL,
    name          text        NOT NULL,
    category_path text[]      NOT NULL,
    base_unit     text        NOT NULL,
    packagings    jsonb       NOT NULL, -- as in the event
    published_at  timestamptz NOT NULL,
    retired       boolean     NOT NULL DEFAULT false,
    details       jsonb       NOT NULL, -- as in the event
    barcodes      jsonb       NOT NULL, -- as in the event; none of a retired one
    barcode_keys  text[]      NOT NULL, -- the same in their longest form
    taxes         jsonb       NOT NULL, -- as in the event
    pictures      text[]      NOT NULL, -- files, the main one first
    successor_id  text, -- what has taken the place of a retired one
    version       bigint      NOT NULL,
    PRIMARY KEY (tenant_id, product_id)
);
CREATE INDEX products_by_barcode ON products USING gin (barcode_keys);

CREATE TABLE price_lists (
    tenant_id     text  NOT NULL,
    price_list_id text  NOT NULL,
    name          text  NOT NULL,
    currency_code text  NOT NULL,
    placement     jsonb, -- as in the event; none of lists that count for nobody, and of the base list
    PRIMARY KEY (tenant_id, price_list_id)
);

-- What a product costs from a day on, until the next one; announced prices too.
CREATE TABLE prices (
    tenant_id        text   NOT NULL,
    price_list_id    text   NOT NULL,
    product_id       text   NOT NULL,
    effective_on     date   NOT NULL, -- 0001-01-01: from ever
    unit_price_minor bigint NOT NULL,
    breaks           jsonb  NOT NULL, -- as in the event
    PRIMARY KEY (tenant_id, price_list_id, product_id, effective_on)
);

CREATE TABLE floor_prices (
    tenant_id         text   NOT NULL,
    price_list_id     text   NOT NULL,
    product_id        text   NOT NULL,
    floor_price_minor bigint NOT NULL, -- 0: none any more
    PRIMARY KEY (tenant_id, price_list_id, product_id)
);

CREATE TABLE assortment_rules (
    tenant_id text  NOT NULL,
    rule_id   text  NOT NULL,
    name      text  NOT NULL,
    rule      jsonb NOT NULL, -- as in the event
    PRIMARY KEY (tenant_id, rule_id)
);

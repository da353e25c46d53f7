-- Products with their base price. A price may come before its product and the other way round.
CREATE TABLE products (
    tenant_id     text    NOT NULL,
    product_id    text    NOT NULL,
    name          text    NOT NULL,
    category_path text[]  NOT NULL,
    base_unit     text    NOT NULL,
    retired       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, product_id)
);

CREATE TABLE floor_prices (
    tenant_id         text   NOT NULL,
    product_id        text   NOT NULL,
    floor_price_minor bigint NOT NULL, -- 0: none any more
    PRIMARY KEY (tenant_id, product_id)
);

CREATE TABLE base_prices (
    tenant_id        text   NOT NULL,
    product_id       text   NOT NULL,
    unit_price_minor bigint NOT NULL,
    currency_code    text   NOT NULL,
    PRIMARY KEY (tenant_id, product_id)
);

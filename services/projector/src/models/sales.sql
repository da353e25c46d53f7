-- One row a line of every order that was submitted and not cancelled: the finest cells of the
-- sales cube. Names are those of the day of the order. A line that was closed as a whole has nothing.
CREATE TABLE sales (
    tenant_id     text    NOT NULL,
    order_id      text    NOT NULL,
    line_no       integer NOT NULL,
    business_date date    NOT NULL,
    region_ids    text[]  NOT NULL, -- from the root to the dealer's own
    region_names  text[]  NOT NULL,
    dealer_id     text    NOT NULL,
    dealer_name   text    NOT NULL,
    category      text    NOT NULL,
    product_id    text    NOT NULL,
    product_name  text    NOT NULL,
    currency_code text    NOT NULL,
    quantity      bigint  NOT NULL, -- base units
    gross_minor   bigint  NOT NULL, -- before discounts
    off_minor     bigint  NOT NULL, -- what promotions take off
    PRIMARY KEY (tenant_id, order_id, line_no)
);
CREATE INDEX sales_by_date ON sales (tenant_id, business_date);
CREATE INDEX sales_by_dealer ON sales (tenant_id, dealer_id, business_date);
CREATE INDEX sales_by_product ON sales (tenant_id, product_id, business_date);

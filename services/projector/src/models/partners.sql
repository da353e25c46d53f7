-- The region tree with its places day by day, and the dealers in it.
CREATE TABLE regions (
    tenant_id  text NOT NULL,
    region_id  text NOT NULL,
    name       text NOT NULL,
    parent_id  text NOT NULL, -- on its first day; empty for the root
    added_on   date, -- its first day, where the fact says so
    retired_on date, -- takes nothing new from this day on
    PRIMARY KEY (tenant_id, region_id)
);

-- Where a region is from a day on, until its next move; announced moves too.
CREATE TABLE region_moves (
    tenant_id    text NOT NULL,
    region_id    text NOT NULL,
    effective_on date NOT NULL,
    parent_id    text NOT NULL,
    PRIMARY KEY (tenant_id, region_id, effective_on)
);

CREATE TABLE dealers (
    tenant_id     text        NOT NULL,
    dealer_id     text        NOT NULL,
    name          text        NOT NULL,
    region_id     text        NOT NULL, -- where that is in the tree is a question of the day
    city          text        NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, dealer_id)
);
CREATE INDEX dealers_of_region ON dealers (tenant_id, region_id);

-- The levels and channels that dealers can be of.
CREATE TABLE dealer_classes (
    tenant_id text NOT NULL,
    kind      text NOT NULL, -- level or channel
    class_id  text NOT NULL,
    name      text NOT NULL,
    PRIMARY KEY (tenant_id, kind, class_id)
);

-- Of which level and channel a dealer is from a day on, until the next change; announced ones too.
CREATE TABLE dealer_class_changes (
    tenant_id    text NOT NULL,
    dealer_id    text NOT NULL,
    effective_on date NOT NULL, -- 0001-01-01: from ever
    level_id     text, -- none of no level
    channel_id   text, -- none of no channel
    PRIMARY KEY (tenant_id, dealer_id, effective_on)
);

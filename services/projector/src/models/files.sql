-- Files that are there, with whom they are for.
CREATE TABLE files (
    tenant_id   text        NOT NULL,
    file_id     uuid        NOT NULL,
    name        text        NOT NULL,
    size        bigint      NOT NULL,
    media_type  text        NOT NULL,
    sha256      text        NOT NULL,
    purpose     text        NOT NULL,
    object_kind text        NOT NULL, -- both empty when it belongs to nothing
    object_id   text        NOT NULL,
    dealer_id   text, -- whose people see it besides the brand's
    for_all     boolean     NOT NULL,
    picture     jsonb, -- what a picture tells of itself
    stored_at   timestamptz NOT NULL,
    stored_by   text        NOT NULL,
    PRIMARY KEY (tenant_id, file_id)
);
CREATE INDEX ON files (tenant_id, object_kind, object_id, stored_at DESC);
CREATE INDEX ON files (tenant_id, stored_at DESC);

-- How far each projection or policy of this schema has got. Moved only in the transaction that
-- holds the effect.
CREATE TABLE IF NOT EXISTS checkpoints (
    name       text        PRIMARY KEY,
    position   bigint      NOT NULL,
    event_time timestamptz,
    applied_at timestamptz
)

-- What proves the log: the Merkle tree over the chain, and its signed states. Both only grow, and
-- can be made again from the events but for the signatures.

-- The tree after C2SP tlog-tiles: 256 hashes a row, fewer in the last row of a level. Level 0 has
-- leaf hashes; a hash of level n + 1 is the root over a full row of level n.
CREATE TABLE tiles (
    level  int    NOT NULL CHECK (level >= 0),
    number bigint NOT NULL CHECK (number >= 0),
    hashes bytea  NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, number)
);

-- States of the log as C2SP tlog-checkpoint notes, signed by the installation's log key.
CREATE TABLE checkpoints (
    size      bigint      PRIMARY KEY CHECK (size >= 1), -- number of events it is about
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);

//! Tests of the whole: real PostgreSQL, real nats-server, real processes. See `cluster.rs`.

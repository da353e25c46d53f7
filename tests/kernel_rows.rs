//! Changes of rows that are folded for thousands of facts, against the same made one by one.

use std::sync::Arc;

use kernel::Recorded;
use kernel::log::{Append, Log, NewEvent, StreamAppend, StreamVersion};
use kernel::projection::fold::{Feed, fold};
use kernel::projection::{Db, ProjectError, Projection, Summary, Table, summary};
use local::TestServers;
use serde_json::json;

use cluster_tests::support::counter::{CounterEvent, context};
use cluster_tests::support::tally::TallyFact;

const CELLS: Table = Table { name: "cells", key: &["shelf", "place"] };

/// Does to its rows what the number in each fact says.
struct Shelves;

impl Projection for Shelves {
    const NAME: &'static str = "shelves";
    const CONTEXT: &'static str = "test";
    const TABLES: &'static [&'static Table] = &[&CELLS];
    const SCHEMA: &'static str = "CREATE TABLE cells (shelf text, place integer, \
         count bigint NOT NULL DEFAULT 100, notes text[], on_day date, PRIMARY KEY (shelf, place))";
    type Facts = TallyFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        _: &Recorded,
        TallyFact::Counter(CounterEvent::CounterMoved { by }): TallyFact,
    ) -> Result<(), ProjectError> {
        let number = by.unsigned_abs();
        let (shelf, place) = (format!("s{}\"", number / 8 % 3), number / 24 % 4);
        let value = number / 96 % 50;
        let cell = |more: serde_json::Value| {
            let mut cell = json!({ "shelf": shelf, "place": place });
            if let (Some(cell), serde_json::Value::Object(more)) = (cell.as_object_mut(), more) {
                cell.extend(more);
            }
            cell
        };
        match number % 8 {
            0 => db.upsert(
                &CELLS,
                cell(json!({ "count": value, "notes": ["好", value.to_string()] })),
            ),
            1 => db.upsert(&CELLS, cell(json!({ "on_day": "2026-11-23" }))),
            2 => db.update(&CELLS, cell(json!({ "count": value }))),
            3 => db.add(&CELLS, cell(json!({ "count": value }))),
            4 => db.delete(&CELLS, cell(json!({}))),
            5 => db.delete(&CELLS, json!({ "shelf": shelf })),
            6 => {
                db.delete(&CELLS, cell(json!({})))?;
                db.insert(&CELLS, cell(json!({ "notes": null })))
            }
            _ => {
                let double = "UPDATE cells SET count = count * 2 % 1000 WHERE shelf = $1";
                sqlx::query(double).bind(&shelf).execute(db.sql().await?).await?;
                Ok(())
            }
        }
    }
}

/// Numbers that look like chance and are the same in every run (a linear congruential generator
/// with Knuth's constants for MMIX).
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let step = |last: &u64| {
        Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(seed), step).map(|number| number >> 33).skip(1)
}

async fn folded(servers: &TestServers, log: &Log, schema: &str, feed: Feed) -> Summary {
    let pool = kernel::log::connect(&servers.postgres_url(), schema, 4).await.unwrap();
    let head = log.head().await.unwrap();
    fold(Arc::new(Shelves), &pool, log, feed, head).await.unwrap();
    summary(&mut pool.acquire().await.unwrap(), schema, "cells").await.unwrap()
}

#[tokio::test]
async fn folded_changes_are_those_made_one_by_one() {
    let servers = TestServers::start().await.unwrap();
    let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
    // Each round adds facts, so that the last state is compared at many places.
    for seed in 1..=4_u64 {
        let context = context();
        // One round in four has no SQL of its own, so that all of it is folded into one statement
        // for each kind of change.
        let wanted = move |number: &u64| !seed.is_multiple_of(4) || number % 8 != 7;
        let events = numbers(seed).filter(wanted).take(120).map(|number| {
            let by = i64::try_from(number).unwrap();
            NewEvent::of(&CounterEvent::CounterMoved { by }).unwrap()
        });
        let object_id = format!("c{seed}");
        let stream = StreamVersion { aggregate: "counter", object_id, version: 0, after: None };
        let append = Append {
            metadata: context.metadata,
            request: context.request,
            guards: Vec::new(),
            streams: vec![StreamAppend { stream, events: events.collect() }],
        };
        log.append(append).await.unwrap();
        let bulk = folded(&servers, &log, &format!("bulk{seed}"), Feed::Bulk).await;
        let single = folded(&servers, &log, &format!("single{seed}"), Feed::OneByOne).await;
        assert_eq!(bulk, single, "seed {seed}");
        assert!(bulk.rows > 0);
    }
    let parked: i64 = sqlx::query_scalar("SELECT count(*) FROM bulk4.parked")
        .fetch_one(log.pool())
        .await
        .unwrap();
    assert_eq!(parked, 0);
}

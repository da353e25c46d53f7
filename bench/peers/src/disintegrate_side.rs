//! disintegrate with its store in PostgreSQL: a decision on the state of its own object.

use std::sync::Arc;

use anyhow::Context as _;
use bench::rounds::Side;
use disintegrate::serde::json::Json;
use disintegrate::{Decision, Event, NoSnapshot, StateMutate, StateQuery};
use disintegrate_postgres::{PgEventStore, decision_maker};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

/// What it is called in tables.
pub const NAME: &str = "disintegrate-postgres";

#[derive(Clone, Debug, PartialEq, Eq, Event, Serialize, Deserialize)]
#[stream(TallyEvent, [Counted])]
enum DomainEvent {
    Counted {
        #[id]
        tally_id: String,
        by: i64,
        note: String,
    },
}

#[derive(Default, StateQuery, Clone, Serialize, Deserialize)]
#[state_query(TallyEvent)]
struct Tally {
    #[id]
    tally_id: String,
    count: i64,
}

impl StateMutate for Tally {
    fn mutate(&mut self, event: Self::Event) {
        let TallyEvent::Counted { by, .. } = event;
        self.count += by;
    }
}

#[derive(Debug)]
struct BelowZero;

impl std::fmt::Display for BelowZero {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a tally does not go below zero")
    }
}

impl std::error::Error for BelowZero {}

struct Count {
    tally_id: String,
}

impl Decision for Count {
    type Event = DomainEvent;
    type StateQuery = Tally;
    type Error = BelowZero;

    fn state_query(&self) -> Tally {
        Tally { tally_id: self.tally_id.clone(), count: 0 }
    }

    fn process(&self, state: &Tally) -> Result<Vec<DomainEvent>, BelowZero> {
        if state.count + 1 < 0 {
            return Err(BelowZero);
        }
        let bench::sides::tally::TallyEvent::Counted { by, note } = bench::sides::tally::counted(1);
        Ok(vec![DomainEvent::Counted { tally_id: self.tally_id.clone(), by, note }])
    }
}

/// Makes its tables, and decisions on new objects.
pub async fn side(url: &str) -> anyhow::Result<Side> {
    let pool = PgPoolOptions::new().max_connections(10).connect(url).await?;
    let store = PgEventStore::try_new(pool, Json::<DomainEvent>::default())
        .await
        .context("disintegrate-postgres can not make its tables; version 4 needs PostgreSQL 16")?;
    let maker = Arc::new(decision_maker(store, NoSnapshot));
    Ok(Side::new(
        NAME,
        Arc::new(move |_| {
            let maker = maker.clone();
            Box::pin(async move {
                maker.make(Count { tally_id: Uuid::new_v4().to_string() }).await?;
                Ok(())
            })
        }),
    ))
}

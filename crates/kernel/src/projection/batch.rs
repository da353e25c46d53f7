//! One transaction: some facts, what waits because of them, and the checkpoint.
//!
//! All facts of a batch are folded together first. When one of them can not be applied, the batch
//! is done again with a savepoint for each, so that the good ones land and the bad one is parked.

use std::future::Future;

use sqlx::PgConnection;
use tracing::{Instrument as _, info_span};

use super::care::Found;
use super::lane::{Lane, Locked, Which};
use super::parked::{self, Objects, Waiting};
use super::{Checkpoint, Db, ProjectError};
use crate::event::Recorded;
use crate::failure::chain;
use crate::log::ReadError;
use crate::task::{Panicked, contained};
use crate::{clock, fault, stream, telemetry, wall};

/// Why a projection stops for a while.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error("JetStream: {0}")]
    Stream(String),
    #[error(transparent)]
    Message(#[from] stream::BadMessage),
    #[error("the log can not be read")]
    Log(#[from] ReadError),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("event {position} of {object_id} can not be applied")]
    Fact {
        position: u64,
        object_id: String,
        #[source]
        source: ProjectError,
    },
    #[error("what {events} events change can not be stored")]
    Batch {
        events: usize,
        #[source]
        source: ProjectError,
    },
    #[error("the facts go on at {found}, after {applied}: an event is missing")]
    Gap { applied: u64, found: u64 },
    #[error(
        "the read model is at position {position}, but the log ends at {head}: the log was \
         restored from an older state. Restore the newer log, or rebuild the read model"
    )]
    Ahead { position: u64, head: u64 },
    #[error(
        "event {position} of the log is not the one that was applied: the log was restored from \
         an older state and went on. Rebuild the read model"
    )]
    Diverged { position: u64 },
    #[error("{0} facts wait behind parked ones; put those right first")]
    TooManyHeld(i64),
    #[error("tables of version {0} are read, and this program has another")]
    OtherVersion(u32),
    #[error("it is paused, or no longer wanted")]
    Stopped,
    #[error("{0} facts can not be applied to the new tables that are applied to the old ones")]
    Blocked(i64),
    #[error("the old tables are in use all the time")]
    InUse,
}

impl RunError {
    /// Whether only a person can put it right.
    pub(super) fn is_named(&self) -> bool {
        matches!(
            self,
            Self::Ahead { .. } | Self::Diverged { .. } | Self::TooManyHeld(_) | Self::Blocked(_)
        )
    }

    /// Whether it passes by itself and nobody has to hear of it.
    pub(super) fn is_usual(&self) -> bool {
        matches!(self, Self::Stream(_) | Self::Stopped | Self::OtherVersion(_))
    }

    fn is_of_a_fact(&self) -> bool {
        match self {
            Self::Fact { source, .. } | Self::Batch { source, .. } => source.is_of_the_fact(),
            Self::Stream(_)
            | Self::Message(_)
            | Self::Log(_)
            | Self::Database(_)
            | Self::Gap { .. }
            | Self::Ahead { .. }
            | Self::Diverged { .. }
            | Self::TooManyHeld(_)
            | Self::OtherVersion(_)
            | Self::Stopped
            | Self::Blocked(_)
            | Self::InUse => false,
        }
    }
}

/// What filling tables asks of them and of the record of doing so. [`Lane`] has them in PostgreSQL,
/// a simulation in memory.
pub(super) trait Tables: Sync {
    /// Marks that a process fills them; `None` when there is nothing to fill. After an end in order
    /// no fact is to blame.
    fn begin(&self) -> impl Future<Output = Result<Option<Found>, sqlx::Error>> + Send;

    /// Puts an attempt on record before it is made: which try it is of one fact alone, 0 for several
    /// facts. False when nothing will be tried: they were applied before, or one before them is
    /// missing.
    fn put_on_record(
        &self,
        to: u64,
        tries: i32,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    /// Takes it that no process will end without order now.
    fn calm(&self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Some facts, what waits because of them, and the checkpoint, in one transaction.
    fn attempt(
        &self,
        events: &[Recorded],
        mode: Mode<'_>,
    ) -> impl Future<Output = Result<Checkpoint, RunError>> + Send;
}

/// Applies facts in one transaction with the checkpoint; gives the new checkpoint. Facts that were
/// applied before are passed over.
pub(super) async fn apply(lane: &impl Tables, events: &[Recorded]) -> Result<Checkpoint, RunError> {
    match lane.attempt(events, Mode::Together).await {
        Err(error) if error.is_of_a_fact() => lane.attempt(events, Mode::Apart).await,
        done => done,
    }
}

/// Parks a fact without trying it: it ended the process before.
pub(super) async fn park(
    lane: &impl Tables,
    event: &Recorded,
    reason: &str,
) -> Result<Checkpoint, RunError> {
    lane.attempt(std::slice::from_ref(event), Mode::Park(reason)).await
}

/// How facts are applied.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    /// Folded together.
    Together,
    /// Each under a savepoint.
    Apart,
    /// Not at all, for this reason.
    Park(&'a str),
}

pub(super) async fn attempt(
    lane: &Lane,
    events: &[Recorded],
    mode: Mode<'_>,
) -> Result<Checkpoint, RunError> {
    let mut tx = wall::begin(&lane.pool).await?;
    let locked = locked(lane, &mut tx).await?;
    let objects = match locked.holds {
        true => parked::objects(lane, &mut tx).await?,
        false => Objects::default(),
    };
    let fresh = fresh(events, locked.at.position)?;
    let mut batch = Batch { lane, objects, waiting: Vec::new() };
    match mode {
        Mode::Together => batch.together(&mut tx, fresh).await?,
        Mode::Apart => batch.apart(&mut tx, fresh).await?,
        Mode::Park(reason) => fresh.iter().for_each(|event| {
            batch.waiting.push(Waiting::given_up(event, reason));
        }),
    }
    let mut at = locked.at;
    if let Some(last) = fresh.last() {
        at.position = last.position;
        at.event_id = Some(last.event_id);
        at.event_time = Some(last.recorded_at);
        at.applied_at = Some(clock::now());
        parked::put(lane, &mut tx, &batch.waiting).await?;
        lane.move_to(&mut tx, &at).await?;
        crate::fault::at("projection.applied");
        tx.commit().await?;
        crate::fault::at("projection.committed");
    }
    if lane.which == Which::Live {
        metrics::gauge!("qudao_projection_position", "projection" => lane.name())
            .set(u32::try_from(at.position).unwrap_or(u32::MAX));
    }
    Ok(at)
}

/// Locks the lane's checkpoint, when its tables are ours to write.
pub(super) async fn locked(lane: &Lane, tx: &mut PgConnection) -> Result<Locked, RunError> {
    let locked = lane.lock(tx).await?.ok_or(RunError::Stopped)?;
    if locked.version != lane.projection.version() {
        return Err(RunError::OtherVersion(locked.version));
    }
    if locked.stopped {
        return Err(RunError::Stopped);
    }
    Ok(locked)
}

/// The facts after a position; none may be missing.
pub(super) fn fresh(events: &[Recorded], applied: u64) -> Result<&[Recorded], RunError> {
    let applied = if fault::planted("facts.again") { 0 } else { applied };
    let known = events.partition_point(|event| event.position <= applied);
    let fresh = &events[known..];
    if fault::planted("facts.gap") || fault::planted("facts.again") {
        return Ok(fresh);
    }
    for (expected, event) in (applied + 1..).zip(fresh) {
        if event.position != expected {
            return Err(RunError::Gap { applied: expected - 1, found: event.position });
        }
    }
    Ok(fresh)
}

struct Batch<'a> {
    lane: &'a Lane,
    /// Objects whose facts wait.
    objects: Objects,
    waiting: Vec<Waiting>,
}

impl Batch<'_> {
    async fn together(
        &mut self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), RunError> {
        let mut db = Db::new(tx);
        for event in events {
            if self.waits(event) {
                continue;
            }
            match one(self.lane, &mut db, event).await {
                Ok(()) => (),
                // It has changed nothing yet, so the others need not be done again.
                Err(source @ ProjectError::Unknown(_)) => {
                    self.park(db.connection(), event, &source).await?;
                }
                Err(source) => return Err(fact(event, source)),
            }
        }
        db.flush().await.map_err(|source| RunError::Batch { events: events.len(), source })
    }

    async fn apart(&mut self, tx: &mut PgConnection, events: &[Recorded]) -> Result<(), RunError> {
        for event in events {
            if self.waits(event) {
                continue;
            }
            if let Err(source) = alone(self.lane, tx, event).await? {
                self.park(tx, event, &source).await?;
            }
        }
        Ok(())
    }

    /// Whether a fact has to wait behind a parked one of the same object.
    fn waits(&mut self, event: &Recorded) -> bool {
        let waits = self.objects.contain(event);
        if waits {
            self.waiting.push(Waiting::held(event));
        }
        waits
    }

    async fn park(
        &mut self,
        db: &mut PgConnection,
        event: &Recorded,
        source: &ProjectError,
    ) -> Result<(), RunError> {
        let lane = self.lane;
        // What somebody skipped with a reason is not asked about again by a rebuild.
        if parked::was_skipped(lane, db, event.position).await? {
            return Ok(());
        }
        tracing::warn!(
            projection = lane.name(), tables = lane.label(), position = event.position,
            object = event.object_id, error = %chain(source), "a fact can not be applied"
        );
        self.objects.add(event);
        self.waiting.push(Waiting::failed(event, &chain(source)));
        Ok(())
    }
}

/// Applies one fact under a savepoint; the inner error is the fact's own, and undone.
pub(super) async fn alone(
    lane: &Lane,
    tx: &mut PgConnection,
    event: &Recorded,
) -> Result<Result<(), ProjectError>, RunError> {
    sqlx::query("SAVEPOINT fact").execute(&mut *tx).await?;
    let mut db = Db::new(tx);
    let done = match one(lane, &mut db, event).await {
        Ok(()) => db.flush().await,
        failed => failed,
    };
    match done {
        Ok(()) => {
            sqlx::query("RELEASE SAVEPOINT fact").execute(tx).await?;
            Ok(Ok(()))
        }
        Err(source) if source.is_of_the_fact() => {
            metrics::counter!("qudao_projection_failures", "projection" => lane.name())
                .increment(1);
            sqlx::query("ROLLBACK TO SAVEPOINT fact").execute(tx).await?;
            Ok(Err(source))
        }
        Err(source) => Err(fact(event, source)),
    }
}

fn fact(event: &Recorded, source: ProjectError) -> RunError {
    RunError::Fact { position: event.position, object_id: event.object_id.clone(), source }
}

/// Hands one fact to the projection; a panic is a failure like others.
async fn one(lane: &Lane, db: &mut Db<'_>, event: &Recorded) -> Result<(), ProjectError> {
    let span = match lane.which {
        Which::Live => span(lane.name(), event),
        Which::Next => tracing::Span::none(),
    };
    let applied = lane.projection.apply(db, event).instrument(span);
    contained(applied).await.map_err(|Panicked(said)| ProjectError::Panic(said))?
}

/// The span of applying an event, part of its command's trace while that is fresh.
fn span(projection: &'static str, event: &Recorded) -> tracing::Span {
    telemetry::span_of_fact(event, || {
        info_span!(
            parent: None,
            "projection.apply",
            otel.kind = "consumer",
            messaging.system = "nats",
            qudao.projection = projection,
            qudao.event = event.event_type,
            qudao.position = event.position,
        )
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::metadata::Metadata;

    fn event(position: u64) -> Recorded {
        let id = Uuid::nil();
        Recorded {
            position,
            event_id: id,
            tenant: "acme".to_owned(),
            context: "test".to_owned(),
            aggregate: "counter".to_owned(),
            object_id: "c".to_owned(),
            version: position,
            event_type: "CounterMoved".to_owned(),
            event_version: 1,
            recorded_at: DateTime::UNIX_EPOCH,
            metadata: Metadata {
                tenant: "acme".to_owned(),
                actor_id: String::new(),
                correlation_id: id,
                causation_id: id,
                request_id: id,
                traceparent: None,
            },
            payload: String::new(),
        }
    }

    proptest! {
        /// Whatever is delivered, twice, late, or in any order within a window of a hundred, each
        /// fact is applied once and in order; what is refused comes again from the log.
        #[test]
        fn deliveries_in_any_order_apply_each_fact_once(
            deliveries in prop::collection::vec(
                (0_u64..300, prop::collection::vec(0_u64..100, 1..40), any::<bool>()), 1..60)
        ) {
            let mut applied: Vec<u64> = Vec::new();
            for (start, offsets, in_order) in deliveries {
                let mut positions: Vec<u64> =
                    offsets.iter().map(|offset| 1 + start + offset).collect();
                if in_order {
                    positions = (1 + start..=start + offsets.len() as u64).collect();
                }
                let at = applied.len() as u64;
                let events: Vec<_> = positions.into_iter().map(event).collect();
                match fresh(&events, at) {
                    Ok(some) => applied.extend(some.iter().map(|event| event.position)),
                    Err(_) => {
                        let again: Vec<_> = (at.saturating_sub(5) + 1..at + 20).map(event).collect();
                        let some = fresh(&again, at);
                        prop_assert!(some.is_ok());
                        applied.extend(some.iter().copied().flatten().map(|e| e.position));
                    }
                }
            }
            let expected: Vec<u64> = (1..=applied.len() as u64).collect();
            prop_assert_eq!(applied, expected);
        }
    }

    #[test]
    fn a_missing_fact_is_noticed() {
        let events = [event(4), event(6)];
        assert!(matches!(fresh(&events, 3), Err(RunError::Gap { applied: 4, found: 6 })));
        assert!(matches!(fresh(&events[1..], 4), Err(RunError::Gap { applied: 4, found: 6 })));
        assert_eq!(fresh(&events[..1], 4).map(<[_]>::len).ok(), Some(0));
    }
}

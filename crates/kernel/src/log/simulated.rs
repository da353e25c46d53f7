//! A log in a simulation: its database server is a structure in memory that does what the statements
//! of the log do, later than asked, and now and then without an answer.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cqrs_es::persist::{PersistenceError, SerializedEvent};
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::{OwnedMutexGuard, oneshot, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::append::Append;
use super::clean::Care;
use super::database::{self, Database};
use super::ends::End;
use super::head::Head;
use super::queue::{Answer, Limits, Queue};
use super::snapshot::{Row, Snapshots};
use super::states::ObjectKey;
use super::{Inner, Log, ReadError, writer};
use crate::decider::Decider;
use crate::event::Recorded;
use crate::fault;
use crate::simulation::executor::{below, chance, group, now, sleep, spawn};
use crate::wall::Schema;

pub(crate) use rows::Rows;

mod rows;

/// The group of tasks that are the server, and outlive its clients.
pub(crate) const SERVER: u32 = u32::MAX;

/// What may happen to a statement, each in so many of a hundred cases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// It does not arrive.
    pub(crate) lost: u64,
    /// It is carried out, but the answer does not arrive.
    pub(crate) unanswered: u64,
    /// Its connection breaks, and it is carried out later all the same.
    pub(crate) late: u64,
    /// It takes its time, with the head's lock.
    pub(crate) slow: u64,
}

/// A database server that several processes use.
#[derive(Clone, Default)]
pub(crate) struct Server(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// The lock of the head's row.
    head: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rows: Rows,
    weather: Weather,
    /// Counts restarts: what was under way before one is rolled back.
    starts: u64,
    down_until: Duration,
}

/// What becomes of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Lost,
    Unanswered,
    Late,
}

async fn travel() {
    sleep(Duration::from_micros(below(3_000))).await;
}

fn broken() -> sqlx::Error {
    if chance(50) {
        return rows::refused("57P01");
    }
    sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is stored.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Rows) -> T) -> T {
        look(&self.state().rows)
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// Ends all that is under way, and does not come back before so long.
    pub(crate) fn restart(&self, away: Duration) {
        let mut state = self.state();
        state.starts += 1;
        state.down_until = now() + away;
    }

    /// Sets the log back to a position.
    pub(crate) fn restore(&self, position: u64) {
        self.state().rows.restore(position);
    }

    fn fate(&self) -> Fate {
        let state = self.state();
        let Weather { lost, unanswered, late, .. } = state.weather;
        if now() < state.down_until {
            return Fate::Lost;
        }
        match below(100) {
            roll if roll < lost => Fate::Lost,
            roll if roll < lost + unanswered => Fate::Unanswered,
            roll if roll < lost + unanswered + late => Fate::Late,
            _ => Fate::Answered,
        }
    }

    pub(super) fn connect(&self) -> Connection {
        Connection(self.clone())
    }

    /// A statement that takes the head's lock. Once sent it has a life of its own.
    async fn statement<T: 'static>(
        &self,
        run: impl FnOnce(&mut Rows) -> Result<T, sqlx::Error> + 'static,
    ) -> Result<T, sqlx::Error> {
        let (sender, answer) = oneshot::channel();
        let (server, fate, starts) = (self.clone(), self.fate(), self.state().starts);
        spawn(SERVER, async move {
            travel().await;
            let sender = match fate {
                Fate::Lost => return,
                Fate::Late => {
                    drop(sender);
                    sleep(Duration::from_millis(below(400))).await;
                    None
                }
                Fate::Answered | Fate::Unanswered => Some(sender),
            };
            let head = server.0.head.lock().await;
            travel().await;
            let slow = server.state().weather.slow;
            if chance(slow) {
                sleep(Duration::from_millis(below(80))).await;
            }
            let done = {
                let mut state = server.state();
                if state.starts != starts {
                    return;
                }
                run(&mut state.rows)
            };
            drop(head);
            if let Some(sender) = sender.filter(|_| fate == Fate::Answered) {
                travel().await;
                let _ = sender.send(done);
            }
        });
        answer.await.unwrap_or_else(|_| Err(broken()))
    }

    /// A statement that only reads.
    async fn read<T>(&self, run: impl FnOnce(&Rows) -> T) -> Result<T, sqlx::Error> {
        let fate = self.fate();
        travel().await;
        if fate != Fate::Answered {
            return Err(broken());
        }
        let read = self.look(run);
        travel().await;
        Ok(read)
    }

    pub(super) async fn head(&self) -> Result<u64, sqlx::Error> {
        self.read(Rows::head).await
    }

    pub(super) async fn event_id(&self, position: u64) -> Result<Option<Uuid>, sqlx::Error> {
        self.read(|rows| rows.at(position).map(|event| event.event.event_id)).await
    }

    /// Events after a position, as they are when the statement gets there.
    pub(super) fn after(
        &self,
        context: &'static str,
        position: u64,
        limit: u32,
    ) -> BoxStream<'static, Result<Recorded, ReadError>> {
        let server = self.clone();
        let read = async move {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let after = |event: &&Arc<rows::Event>| event.position > position;
            server
                .read(|rows| rows.events().iter().filter(after).take(limit).cloned().collect())
                .await
        };
        let events = read.into_stream().map_ok(move |events: Vec<Arc<rows::Event>>| {
            futures::stream::iter(events.into_iter().map(move |event| Ok(event.recorded(context))))
        });
        events.map_err(ReadError::from).try_flatten().boxed()
    }

    pub(super) async fn turn(&self) -> Result<(database::Turn<'static>, Head), sqlx::Error> {
        let (fate, starts) = (self.fate(), self.state().starts);
        travel().await;
        if fate != Fate::Answered {
            return Err(broken());
        }
        let held = match fault::planted("turn.shared") {
            true => None,
            false => Some(self.0.head.clone().lock_owned().await),
        };
        travel().await;
        let rows = self.look(Clone::clone);
        let head = rows.end_of_log();
        let turn = Turn { server: self.clone(), rows, starts, _held: held };
        Ok((database::Turn::Simulated(turn), head))
    }

    pub(super) async fn events(
        &self,
        aggregate: &'static str,
        stored_id: &str,
        after: u64,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let read = self.read(|rows| rows.stream(aggregate, stored_id, after)).await;
        let events = read.map_err(|error| PersistenceError::ConnectionError(Box::new(error)))?;
        let serialized = events.into_iter().map(|event| event.serialized());
        Ok(serialized.collect())
    }

    pub(super) async fn snapshot(
        &self,
        aggregate: &str,
        stored_id: &str,
    ) -> Result<Option<(u64, String)>, sqlx::Error> {
        self.read(|rows| rows.snapshot(aggregate, stored_id)).await
    }

    pub(super) async fn put_snapshot(&self, row: Row) -> Result<(), sqlx::Error> {
        self.statement(move |rows| {
            rows.put_snapshot(row);
            Ok(())
        })
        .await
    }
}

/// A connection of a writer.
pub(super) struct Connection(Server);

/// A batch as a whole, without the lifetime of its caller.
fn whole(appends: &[Arc<Append>], ends: &[End<'_>], head: &Head, care: Care) -> rows::Whole {
    let wanted = ends.iter().map(|end| rows::Wanted {
        aggregate: end.aggregate.to_owned(),
        id: end.id.clone(),
        version: end.version.cast_unsigned(),
        after: end.after,
        begins: end.begins,
    });
    rows::Whole { appends: appends.to_vec(), wanted: wanted.collect(), head: head.clone(), care }
}

impl Connection {
    pub(super) async fn clean(
        &mut self,
        appends: &[Arc<Append>],
        ends: &[End<'_>],
        head: &Head,
        care: Care,
    ) -> Result<Option<Head>, sqlx::Error> {
        let whole = whole(appends, ends, head, care);
        self.0.statement(move |rows| rows.clean(&whole)).await
    }

    pub(super) async fn turn(&mut self) -> Result<(database::Turn<'_>, Head), sqlx::Error> {
        self.0.turn().await
    }
}

/// A transaction that has the head's lock, and what the database will be after it.
pub(super) struct Turn {
    server: Server,
    rows: Rows,
    starts: u64,
    _held: Option<OwnedMutexGuard<()>>,
}

impl Turn {
    pub(super) async fn clean(
        &mut self,
        appends: &[Arc<Append>],
        ends: &[End<'_>],
        head: &Head,
        care: Care,
    ) -> Result<Option<Head>, sqlx::Error> {
        travel().await;
        self.rows.clean(&whole(appends, ends, head, care))
    }

    pub(super) async fn each(
        &mut self,
        appends: &[Arc<Append>],
    ) -> Result<Vec<Answer>, sqlx::Error> {
        travel().await;
        self.rows.each(appends)
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        let fate = self.server.fate();
        travel().await;
        {
            let mut state = self.server.state();
            if fate == Fate::Lost || state.starts != self.starts {
                return Err(broken());
            }
            state.rows = self.rows;
        }
        travel().await;
        if fate == Fate::Answered { Ok(()) } else { Err(broken()) }
    }
}

/// How small a process is, so that its limits are met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Appends that may wait.
    pub(crate) waiting: usize,
    /// Appends in a batch.
    pub(crate) batch: usize,
    /// Memory for states, in bytes.
    pub(crate) states: usize,
}

impl Log {
    /// A log on a simulated server. Its tasks belong to the group of the one who opens it.
    pub(crate) fn simulated(server: &Server, sizes: Sizes) -> Self {
        let database = Database::Simulated(server.clone());
        let limits =
            Limits { appends: sizes.waiting, batch_appends: sizes.batch, ..Limits::default() };
        let queue = Arc::new(Queue::limited(limits, sizes.states));
        let committed = watch::Sender::new(server.look(Rows::head));
        let writer = writer::run(
            "simulated",
            NO_POOL.clone(),
            database.clone(),
            queue.clone(),
            committed.clone(),
        );
        spawn(group(), writer);
        let (snapshots, writing) = Snapshots::new(database.clone());
        spawn(group(), writing);
        Self(Arc::new(Inner {
            context: "simulated",
            schema: Schema::of(NO_POOL.clone()),
            database,
            queue,
            snapshots,
            committed,
            _stop: CancellationToken::new().drop_guard(),
        }))
    }

    /// A state in memory, with its version and whether it rests on an event of this process.
    pub(crate) fn cached<D: Decider>(&self, key: &ObjectKey) -> Option<(D, u64, Option<Uuid>)> {
        let basis = self.known::<D>(key)?;
        Some(((*basis.state).clone(), basis.version, basis.after))
    }
}

/// A pool that is closed: whoever went past the simulated server would be told so.
static NO_POOL: LazyLock<PgPool> = LazyLock::new(|| {
    let options = PgPoolOptions::new().idle_timeout(None).max_lifetime(None);
    let pool = options.connect_lazy_with(PgConnectOptions::new_without_pgpass());
    drop(pool.close());
    pool
});

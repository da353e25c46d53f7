//! From the log to read models: each fact is applied once in effect, in the order of the log, in
//! one transaction with the checkpoint.
//!
//! Read in this order: this file (how a projection is declared), `rows` (what it writes to),
//! `runner` (the loop), `source` (where facts come from), `batch` (one transaction), `lane` (the
//! checkpoint), `parked` (facts that can not be applied), `care` (facts that end the process),
//! `rebuild`, `compare` and `switch` (tables filled beside those that are read), `control` (what operators
//! see and do), `fold` (a whole log at once).

mod batch;
mod care;
mod compare;
mod control;
pub mod fold;
mod lane;
mod parked;
mod rebuild;
mod rows;
mod runner;
#[cfg(feature = "simulation")]
pub(crate) mod simulated;
mod source;
mod switch;

use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use uuid::Uuid;

use crate::event::Recorded;

/// A stored event that is not of its type.
pub use serde_json::Error as DecodeError;

pub use compare::{Summary, TableComparison, summary};
pub use control::{
    ControlError, Overview, ParkedFact, ParkedState, Rebuild, cancel_rebuild, overview, parked,
    parked_at, pause, resume, retry, skip,
};
pub use rebuild::{Purpose, start as start_rebuild};
pub use rows::{Db, Table};
pub use runner::{Runner, install};

/// The facts that a projection listens to: events of one or more aggregates of one context. Made
/// by [`facts!`](crate::facts).
pub trait Facts: Sized + Send + Sync {
    /// The fact in a recorded event; `None` when the event is of another aggregate.
    ///
    /// # Errors
    /// When it should be ours but can not be read.
    fn of(recorded: &Recorded) -> Result<Option<Self>, serde_json::Error>;
}

/// Declares the facts that a projection listens to:
/// `facts!(enum Catalogue { Product(order::Product), PriceList(order::PriceList) });`
#[macro_export]
macro_rules! facts {
    ($visibility:vis enum $name:ident { $($variant:ident($decider:ty)),+ $(,)? }) => {
        #[doc = "The facts this projection listens to."]
        $visibility enum $name {
            $(#[doc = "A fact of this aggregate."]
            $variant(<$decider as $crate::Decider>::Event)),+
        }
        impl $crate::projection::Facts for $name {
            fn of(recorded: &$crate::Recorded) -> Result<Option<Self>, $crate::projection::DecodeError> {
                $(if recorded.aggregate == <$decider as $crate::Decider>::AGGREGATE {
                    return recorded.decode().map(|event| Some(Self::$variant(event)));
                })+
                Ok(None)
            }
        }
    };
}

/// Why a fact could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The read model's database failed or refused.
    #[error("the read model's database failed")]
    Database(#[from] sqlx::Error),
    /// The fact is not one that this program knows: another type, another version, no JSON.
    #[error("the fact is not one that this program knows")]
    Unknown(#[source] serde_json::Error),
    /// Something in the fact can not be read or written as JSON.
    #[error("a part of the fact can not be read")]
    Unreadable(#[from] serde_json::Error),
    /// A command that follows from the fact was not carried out.
    #[error("a command that follows from the fact failed: {0}")]
    Command(#[from] tonic::Status),
    /// A row that the projection gave is not one of its table.
    #[error("a row of {table} has no usable {column}")]
    Malformed {
        /// The table.
        table: &'static str,
        /// What is missing or wrong.
        column: String,
    },
    /// The program panicked.
    #[error("the program panicked: {0}")]
    Panic(String),
}

impl ProjectError {
    fn malformed(table: &Table, column: &str) -> Self {
        Self::Malformed { table: table.name, column: column.to_owned() }
    }

    /// Whether the fact is to blame, so that trying again without a change would be in vain. What
    /// a server that is away or busy refuses is tried again for ever.
    fn is_of_the_fact(&self) -> bool {
        use tonic::Code;
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_none_or(|state| is_of_the_statement(&state))
            }
            Self::Database(error) => matches!(
                error,
                sqlx::Error::Encode(_)
                    | sqlx::Error::Decode(_)
                    | sqlx::Error::ColumnDecode { .. }
                    | sqlx::Error::ColumnNotFound(_)
                    | sqlx::Error::ColumnIndexOutOfBounds { .. }
                    | sqlx::Error::TypeNotFound { .. }
                    | sqlx::Error::RowNotFound
            ),
            Self::Unknown(_) | Self::Unreadable(_) | Self::Malformed { .. } | Self::Panic(_) => {
                true
            }
            Self::Command(status) => !matches!(
                status.code(),
                Code::Unavailable
                    | Code::DeadlineExceeded
                    | Code::ResourceExhausted
                    | Code::Aborted
                    | Code::Cancelled
                    | Code::Unknown
                    | Code::Unauthenticated
            ),
        }
    }
}

/// Whether a SQLSTATE speaks of the statement and its data, and not of the state of the server:
/// connection (08), rolled back for others (40), resources (53), locks (55), stopped (57), system
/// (58), read-only (25), and tables or rights that are not there.
fn is_of_the_statement(state: &str) -> bool {
    let of_the_server = ["08", "25", "40", "53", "55", "57", "58", "F0", "XX"];
    !of_the_server.iter().any(|class| state.starts_with(class))
        && !["42P01", "42501", "3F000", "3D000"].contains(&state)
}

/// A read model: what each fact changes in its tables. Nothing else writes them.
pub trait Projection: Send + Sync + 'static {
    /// Name of the read model and of its checkpoint.
    const NAME: &'static str;
    /// Version of its tables and of what it writes to them. A higher one than the database has is
    /// filled beside the tables that are read, and takes their place.
    const VERSION: u32 = 1;
    /// The context it listens to.
    const CONTEXT: &'static str;
    /// Its tables; none for a policy, whose effects are commands.
    const TABLES: &'static [&'static Table] = &[];
    /// SQL that makes the tables, without a schema's name.
    const SCHEMA: &'static str = "";
    /// What it listens to.
    type Facts: Facts;

    /// Applies one fact.
    fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Self::Facts,
    ) -> impl Future<Output = Result<(), ProjectError>> + Send;
}

/// A projection without its type, as the runner sees it.
pub trait AnyProjection: Send + Sync + 'static {
    /// See [`Projection::NAME`].
    fn name(&self) -> &'static str;
    /// See [`Projection::VERSION`].
    fn version(&self) -> u32;
    /// See [`Projection::CONTEXT`].
    fn context(&self) -> &'static str;
    /// See [`Projection::TABLES`].
    fn tables(&self) -> &'static [&'static Table];
    /// See [`Projection::SCHEMA`].
    fn schema(&self) -> &'static str;
    /// Applies an event if it is one of those listened to.
    fn apply<'a>(
        &'a self,
        db: &'a mut Db<'_>,
        recorded: &'a Recorded,
    ) -> Pin<Box<dyn Future<Output = Result<(), ProjectError>> + Send + 'a>>;
}

impl<P: Projection> AnyProjection for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> u32 {
        P::VERSION
    }

    fn context(&self) -> &'static str {
        P::CONTEXT
    }

    fn tables(&self) -> &'static [&'static Table] {
        P::TABLES
    }

    fn schema(&self) -> &'static str {
        P::SCHEMA
    }

    fn apply<'a>(
        &'a self,
        db: &'a mut Db<'_>,
        recorded: &'a Recorded,
    ) -> Pin<Box<dyn Future<Output = Result<(), ProjectError>> + Send + 'a>> {
        Box::pin(async move {
            match P::Facts::of(recorded).map_err(ProjectError::Unknown)? {
                Some(fact) => self.project(db, recorded, fact).await,
                None => Ok(()),
            }
        })
    }
}

/// How far a projection has got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Position of the last event applied; 0 before the first.
    pub position: u64,
    /// Id of that event.
    pub event_id: Option<Uuid>,
    /// When that event was recorded.
    pub event_time: Option<DateTime<Utc>>,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
}

/// A view on a running projection.
#[derive(Clone)]
pub struct Progress {
    /// See [`Projection::NAME`].
    pub name: &'static str,
    /// See [`Projection::CONTEXT`].
    pub context: &'static str,
    checkpoint: watch::Receiver<Checkpoint>,
    problem: watch::Receiver<Option<String>>,
}

impl Progress {
    /// Where it is now.
    pub fn now(&self) -> Checkpoint {
        self.checkpoint.borrow().clone()
    }

    /// Why it can not go on, when somebody has to do something about it.
    pub fn problem(&self) -> Option<String> {
        self.problem.borrow().clone()
    }

    /// Returns when the projection has reached a position, with its checkpoint; never earlier.
    /// Callers bound the wait with their deadline.
    pub async fn reached(&mut self, position: u64) -> Checkpoint {
        let reached = self.checkpoint.wait_for(|at| at.position >= position).await;
        let checkpoint = reached.ok().map(|checkpoint| checkpoint.clone());
        match checkpoint {
            Some(checkpoint) => checkpoint,
            // The projection has ended with the process; the wait ends with the caller's deadline.
            None => std::future::pending().await,
        }
    }

    /// Returns when the projection has moved since this view looked last.
    pub async fn moved(&mut self) {
        if self.checkpoint.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

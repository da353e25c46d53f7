//! From JetStream to read models: each fact is applied once in effect, in the order of the log,
//! in one transaction with the checkpoint.

mod runner;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tokio::sync::{Notify, watch};

use crate::event::Recorded;

/// A stored event that is not of its type.
pub use serde_json::Error as DecodeError;

pub use runner::{Runner, install, reset};

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
    /// The fact can not be read by this program.
    #[error("the fact can not be read")]
    Unreadable(#[from] serde_json::Error),
    /// A command that follows from the fact was not carried out.
    #[error("a command that follows from the fact failed: {0}")]
    Command(#[from] tonic::Status),
}

/// A read model: what each fact changes in its tables. Nothing else writes them.
pub trait Projection: Send + Sync + 'static {
    /// Name of the read model and of its checkpoint. A new shape is a new name.
    const NAME: &'static str;
    /// The context it listens to.
    const CONTEXT: &'static str;
    /// Its tables; a rebuild empties them.
    const TABLES: &'static [&'static str];
    /// What it listens to.
    type Facts: Facts;

    /// Applies one fact.
    fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        fact: Self::Facts,
    ) -> impl Future<Output = Result<(), ProjectError>> + Send;
}

/// A projection without its type, as the runner sees it.
pub trait AnyProjection: Send + Sync + 'static {
    /// See [`Projection::NAME`].
    fn name(&self) -> &'static str;
    /// See [`Projection::CONTEXT`].
    fn context(&self) -> &'static str;
    /// See [`Projection::TABLES`].
    fn tables(&self) -> &'static [&'static str];
    /// Applies an event if it is one of those listened to.
    fn apply<'a>(
        &'a self,
        db: &'a mut PgConnection,
        recorded: &'a Recorded,
    ) -> Pin<Box<dyn Future<Output = Result<(), ProjectError>> + Send + 'a>>;
}

impl<P: Projection> AnyProjection for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn context(&self) -> &'static str {
        P::CONTEXT
    }

    fn tables(&self) -> &'static [&'static str] {
        P::TABLES
    }

    fn apply<'a>(
        &'a self,
        db: &'a mut PgConnection,
        recorded: &'a Recorded,
    ) -> Pin<Box<dyn Future<Output = Result<(), ProjectError>> + Send + 'a>> {
        Box::pin(async move {
            match P::Facts::of(recorded)? {
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
    restart: Arc<Notify>,
}

impl Progress {
    /// Where it is now.
    pub fn now(&self) -> Checkpoint {
        self.checkpoint.borrow().clone()
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

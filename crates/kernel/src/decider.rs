//! How an aggregate is written: a state, a pure `decide` and a pure `evolve`.

use std::fmt::Debug;

use cqrs_es::event_sink::EventSink;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::event::{DomainEvent, Stored};
use crate::text::Text;

/// A pure decision maker: state in, facts out. No clock, no I/O, no randomness, no async; times,
/// ids and prices arrive in the command. (After Jérémie Chassaing's decider.)
pub trait Decider:
    Default + Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Kind of the aggregate in snake case, for example `price_list`. Never change it: it is in
    /// every stored row and in every subject.
    const AGGREGATE: &'static str;
    /// Version of the state's shape and meaning. Raise it when `evolve` or the state changes, so
    /// that snapshots written before are not used any more.
    const STATE_VERSION: u32 = 1;
    /// What can be asked of it.
    type Command: Clone + Debug + Send + Sync + 'static;
    /// What can happen to it.
    type Event: DomainEvent;
    /// Why it may say no.
    type Refusal: Refusal;

    /// Decides a command on the current state.
    ///
    /// # Errors
    /// The rule that forbids it. No event at all means that the command changes nothing.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Folds one fact into the state. It cannot fail: the fact has already happened.
    fn evolve(&mut self, event: Self::Event);

    /// The state as a command would leave it, for what else follows it in the same append.
    ///
    /// # Errors
    /// The rule that forbids the command.
    fn after(&self, command: Self::Command) -> Result<Self, Self::Refusal> {
        let mut after = self.clone();
        for event in self.decide(command)? {
            after.evolve(event);
        }
        Ok(after)
    }
}

/// A rule's no, with all that a caller needs to do better.
pub trait Refusal: std::error::Error + PartialEq + Send + Sync + 'static {
    /// Stable machine code in SCREAMING_SNAKE case.
    fn reason(&self) -> String;
    /// Which family of errors it belongs to.
    fn kind(&self) -> RefusalKind;
    /// What happened and what would make it pass.
    fn text(&self) -> Text;
    /// Whether the same command may pass soon without anybody changing it.
    fn retry_soon(&self) -> bool {
        false
    }
}

/// Families of refusals; each is one gRPC status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// NOT_FOUND
    NotFound,
    /// ALREADY_EXISTS
    AlreadyExists,
    /// FAILED_PRECONDITION
    FailedPrecondition,
    /// PERMISSION_DENIED
    PermissionDenied,
    /// INVALID_ARGUMENT
    InvalidArgument,
}

/// A decider as cqrs-es knows it: the one adapter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent, bound = "D: Decider")]
pub struct Stateful<D>(pub D);

impl<D: Decider> cqrs_es::Aggregate for Stateful<D> {
    const TYPE: &'static str = D::AGGREGATE;
    type Command = D::Command;
    type Event = Stored<D::Event>;
    type Error = D::Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: D::Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), D::Refusal> {
        for event in self.0.decide(command)? {
            sink.write(Stored(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, Stored(event): Stored<D::Event>) {
        self.0.evolve(event);
    }
}

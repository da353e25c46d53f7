//! The smallest aggregate there is: a counter that never goes below zero.

use kernel::access::ApartFrom;
use kernel::command::{Addressed, CommandContext, Commands};
use kernel::log::{Log, Receipt, RequestKey};
use kernel::{Decider, DomainEvent, Metadata, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    pub count: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum CounterEvent {
    /// The counter moved.
    CounterMoved { by: i64 },
}

impl DomainEvent for CounterEvent {
    fn sentence(&self) -> Text {
        let Self::CounterMoved { by } = self;
        Text::new(format!("计数 {by:+}"), format!("counted {by:+}"))
    }
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CounterRefusal {
    #[error("the counter would go below zero")]
    BelowZero,
}

impl Refusal for CounterRefusal {
    fn reason(&self) -> String {
        "BELOW_ZERO".to_owned()
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::FailedPrecondition
    }

    fn text(&self) -> Text {
        Text::new("不能小于零", "the counter would go below zero")
    }
}

impl Decider for Counter {
    const AGGREGATE: &'static str = "counter";
    type Command = i64;
    type Event = CounterEvent;
    type Refusal = CounterRefusal;

    fn decide(&self, by: i64) -> Result<Vec<CounterEvent>, CounterRefusal> {
        if self.count + by < 0 {
            return Err(CounterRefusal::BelowZero);
        }
        Ok(vec![CounterEvent::CounterMoved { by }])
    }

    fn evolve(&mut self, CounterEvent::CounterMoved { by }: CounterEvent) {
        self.count += by;
    }
}

/// The same counter after its state got another shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReshapedCounter(Counter);

impl Decider for ReshapedCounter {
    const AGGREGATE: &'static str = Counter::AGGREGATE;
    const STATE_VERSION: u32 = Counter::STATE_VERSION + 1;
    type Command = i64;
    type Event = CounterEvent;
    type Refusal = CounterRefusal;

    fn decide(&self, by: i64) -> Result<Vec<CounterEvent>, CounterRefusal> {
        self.0.decide(by)
    }

    fn evolve(&mut self, event: CounterEvent) {
        self.0.evolve(event);
    }
}

/// A command's context with a fresh request id.
pub fn context() -> CommandContext {
    let id = Uuid::new_v4();
    CommandContext {
        metadata: Metadata {
            tenant: "acme".to_owned(),
            actor_id: "li.lei".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: None,
        },
        request: RequestKey { id, digest: [7; 32] },
        expected_version: None,
        apart_from: ApartFrom::default(),
    }
}

/// Moves a counter by a fresh request.
pub async fn count(log: &Log, object_id: &str, by: i64) -> Receipt {
    let command = Addressed::<Counter> { object_id: object_id.to_owned(), command: by };
    Commands::new(log.clone()).execute(&command, &context()).await.unwrap()
}

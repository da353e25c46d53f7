//! The list of aggregates of a context, from which schemas, documents, history and streams are made.

use serde_json::Value;

use crate::decider::Decider;
use crate::event::{DomainEvent as _, EventSchema, Recorded, Stored, schemas};
use crate::personal;
use crate::text::Text;

/// What the rest of the system must know of an aggregate, without knowing its types.
#[derive(Clone, Copy)]
pub struct AggregateInfo {
    /// Kind of the object, for example `price_list`.
    pub name: &'static str,
    /// The context it lives in.
    pub context: &'static str,
    schemas_in: fn(&str) -> Vec<EventSchema>,
    /// Its history in words and states.
    pub tell: fn(&[Recorded]) -> Result<Vec<Told>, serde_json::Error>,
    /// The state that its first events lead to, as JSON.
    pub fold: fn(&[Recorded]) -> Result<Value, serde_json::Error>,
    /// One event in words.
    pub sentence: fn(&Recorded) -> Result<Text, serde_json::Error>,
    /// The payload in today's form, with whom it is about where it holds personal data.
    pub today: fn(&Recorded) -> Result<String, serde_json::Error>,
    /// Whether a JSON text is an event of it, old versions included.
    pub parses: fn(&str) -> Result<(), serde_json::Error>,
}

/// One event of an object, told.
pub struct Told {
    /// What happened.
    pub sentence: Text,
    /// State of the object before, as JSON.
    pub before: Value,
    /// State of the object after.
    pub after: Value,
}

impl AggregateInfo {
    /// The entry of a decider in a context.
    pub const fn of<D: Decider>(context: &'static str) -> Self {
        Self {
            name: D::AGGREGATE,
            context,
            schemas_in: |context| schemas::<D::Event>(context, D::AGGREGATE),
            tell: tell::<D>,
            fold: fold::<D>,
            sentence: |recorded| recorded.decode::<D::Event>().map(|event| event.sentence()),
            today: today::<D>,
            parses: |text| serde_json::from_str::<Stored<D::Event>>(text).map(drop),
        }
    }
}

impl AggregateInfo {
    /// Schemas of its events.
    pub fn schemas(&self) -> Vec<EventSchema> {
        (self.schemas_in)(self.context)
    }
}

fn tell<D: Decider>(events: &[Recorded]) -> Result<Vec<Told>, serde_json::Error> {
    let mut state = D::default();
    let mut before = Value::Null;
    let mut told = Vec::with_capacity(events.len());
    for recorded in events {
        let event: D::Event = recorded.decode()?;
        let sentence = event.sentence();
        state.evolve(event);
        let after = serde_json::to_value(&state)?;
        told.push(Told { sentence, before: before.clone(), after: after.clone() });
        before = after;
    }
    Ok(told)
}

fn fold<D: Decider>(events: &[Recorded]) -> Result<Value, serde_json::Error> {
    let mut state = D::default();
    for recorded in events {
        state.evolve(recorded.decode()?);
    }
    serde_json::to_value(&state)
}

fn today<D: Decider>(recorded: &Recorded) -> Result<String, serde_json::Error> {
    let mut payload = serde_json::to_value(recorded.decode::<D::Event>()?)?;
    personal::name_subjects(&mut payload, &recorded.object_id);
    Ok(payload.to_string())
}

/// A context: one log, one stream, some aggregates.
#[derive(Clone, Copy)]
pub struct Context {
    /// Singular noun, for example `order`; the schema, the stream and the subjects follow from it.
    pub name: &'static str,
    /// What lives in it.
    pub aggregates: &'static [AggregateInfo],
}

impl Context {
    /// The entry of an aggregate.
    pub fn aggregate(&self, name: &str) -> Option<&AggregateInfo> {
        self.aggregates.iter().find(|aggregate| aggregate.name == name)
    }

    /// Name of the JetStream stream.
    pub fn stream(&self) -> String {
        self.name.to_uppercase()
    }
}

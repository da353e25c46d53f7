//! Duties that are kept apart (职责分离): who has done one thing to an object may not do another.
//!
//! Which facts stand against which rpc is said in the contract, in `apart_from` of its access rule.
//! Who made them stands in the log, beside each event, also of events from before there was a rule.

use cqrs_es::persist::SerializedEvent;
use serde_json::Value;

use super::Work;
use crate::decider::Decider;
use crate::event::{DomainEvent as _, Stored};
use crate::log::{ObjectKey, ReadError};
use crate::text::Text;

impl Work<'_> {
    /// What the caller did to the object that the command is about, when it keeps them from
    /// carrying out the command.
    pub(super) async fn had_other_duty<D: Decider>(
        &mut self,
        key: &ObjectKey,
    ) -> Result<Option<Text>, ReadError> {
        // Objects that are asked after the first one only follow it.
        let apart_from = &self.context.apart_from;
        if apart_from.facts.is_empty() || !self.streams.is_empty() {
            return Ok(None);
        }
        let events = self.log.events::<D>(&key.tenant, &key.object_id).await?;
        let mut against =
            events.into_iter().filter(|event| apart_from.facts.contains(&event.event_type));
        let by_caller = |event: &SerializedEvent| {
            event.metadata.get("actor_id").and_then(Value::as_str)
                == Some(&self.context.metadata.actor_id)
        };
        let theirs = match apart_from.last {
            true => against.next_back().filter(by_caller),
            false => against.find(by_caller),
        };
        Ok(theirs.map(|event| {
            // A fact that nobody can read any more stands against its doer all the same.
            serde_json::from_value::<Stored<D::Event>>(event.payload).map_or_else(
                |_| Text::new(&event.event_type, &event.event_type),
                |fact| fact.0.sentence(),
            )
        }))
    }
}

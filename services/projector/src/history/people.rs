//! What readers see of people: names of those who acted, and what is personal in events. Both are
//! revealed while an answer is made and kept nowhere, so an erased person is gone from the next
//! answer on.

use std::collections::{BTreeSet, HashMap};

use kernel::Recorded;
use kernel::failure::{internal, personal_failed, read_failed};
use kernel::personal;
use partner::user::{Person, User};
use proto::history::v1 as pb;
use serde_json::Value;
use tonic::Status;
use values::UserId;

use super::{HistoryApi, recorded};

/// Who the people are that acted, as of now.
pub(crate) struct Names(HashMap<String, Name>);

enum Name {
    Known(String),
    Erased,
}

impl Names {
    /// An event as the contract shows it, with the name of who caused it.
    pub(crate) fn of(&self, event: Recorded) -> pb::Event {
        let mut event = recorded(event);
        if let Some(origin) = &mut event.origin {
            match self.0.get(&origin.actor_id) {
                Some(Name::Known(name)) => origin.actor_name.clone_from(name),
                Some(Name::Erased) => origin.actor_erased = true,
                // A program, the operator: their id says who they are.
                None => (),
            }
        }
        event
    }
}

impl HistoryApi {
    /// The names of those who caused these events of a tenant.
    pub(crate) async fn names<'a>(
        &self,
        tenant: &str,
        events: impl IntoIterator<Item = &'a Recorded>,
    ) -> Result<Names, Status> {
        let actors = events.into_iter().map(|event| event.metadata.actor_id.as_str());
        let actors: BTreeSet<_> = actors.filter(|id| id.parse::<UserId>().is_ok()).collect();
        let log = &self.source(partner::CONTEXT.name)?.log;
        let mut names = HashMap::with_capacity(actors.len());
        for id in actors {
            let user = log.load::<User>(tenant, id).await;
            let name = match user.map_err(|error| read_failed(&error))?.0 {
                User::Unknown => continue,
                User::Erased { .. } => Name::Erased,
                User::Registered(Person { name, .. }) => {
                    let name = self.vault.reveal(tenant, &name).await;
                    name.map_err(|error| personal_failed(&error))?.map_or(Name::Erased, Name::Known)
                }
            };
            names.insert(id.to_owned(), name);
        }
        Ok(Names(names))
    }

    /// The same events in today's form with what is personal in them revealed: for words and
    /// states, not for the record.
    pub(crate) async fn revealed(
        &self,
        tenant: &str,
        events: &[Recorded],
    ) -> Result<Vec<Recorded>, Status> {
        let today = events.iter().map(|event| match self.kind(event) {
            Some(kind) => (kind.today)(event).map_err(|error| internal(&error)),
            None => Ok(event.payload.clone()),
        });
        let today: Vec<String> = today.collect::<Result<_, _>>()?;
        let shown = self.vault.show_all(tenant, today).await;
        let shown = shown.map_err(|error| personal_failed(&error))?;
        let with = |(event, payload): (&Recorded, String)| Recorded { payload, ..event.clone() };
        Ok(events.iter().zip(shown).map(with).collect())
    }
}

/// What is personal in a revealed event, for people to read; empty when nothing is.
pub(crate) fn shown_json(revealed: &Recorded) -> Result<String, Status> {
    if !personal::is_in(&revealed.payload) {
        return Ok(String::new());
    }
    let mut json: Value =
        serde_json::from_str(&revealed.payload).map_err(|error| internal(&error))?;
    personal::plainly(&mut json);
    Ok(json.to_string())
}

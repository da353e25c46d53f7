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
    /// The name of a user; none of one who is unknown or was erased.
    pub(crate) fn known(&self, id: &str) -> Option<&str> {
        match self.0.get(id) {
            Some(Name::Known(name)) => Some(name),
            Some(Name::Erased) | None => None,
        }
    }

    /// An event as the contract shows it, with the name of who caused it. A record that tells
    /// plainly what was erased since is not given out.
    pub(crate) fn of(&self, event: Recorded, shown: &Shown) -> pb::Event {
        let mut event = recorded(event);
        if shown.instead {
            event.payload_json.clone_from(&shown.json);
        }
        if let Some(origin) = &mut event.origin {
            match self.0.get(&origin.actor_id) {
                Some(Name::Known(name)) => origin.actor_name.clone_from(name),
                Some(Name::Erased) => origin.actor_erased = true,
                // A program, the operator, a name that can not be decrypted: the id says who.
                None => (),
            }
        }
        event
    }
}

/// An event as people may see it.
pub(crate) struct Revealed {
    /// In today's form with what is personal revealed: for words and states, not for the record.
    pub(crate) event: Recorded,
    pub(crate) shown: Shown,
}

/// An event's JSON as people read it.
#[derive(Default)]
pub(crate) struct Shown {
    /// What is personal in it is revealed; empty when nothing is.
    pub(crate) json: String,
    /// It stands in the record's place.
    instead: bool,
}

impl HistoryApi {
    /// The names of those who caused these events of a tenant.
    pub(crate) async fn names<'a>(
        &self,
        tenant: &str,
        events: impl IntoIterator<Item = &'a Recorded>,
    ) -> Result<Names, Status> {
        let actors = events.into_iter().map(|event| event.metadata.actor_id.as_str());
        self.names_of(tenant, &actors.collect::<Vec<_>>()).await
    }

    /// The names of these users of a tenant; of ids that are no user's there is none.
    pub(crate) async fn names_of(&self, tenant: &str, ids: &[&str]) -> Result<Names, Status> {
        let actors = ids.iter().copied();
        let actors: BTreeSet<_> = actors.filter(|id| id.parse::<UserId>().is_ok()).collect();
        let log = &self.source(partner::CONTEXT.name)?.log;
        let mut names = HashMap::with_capacity(actors.len());
        let (mut known, mut sealed) = (Vec::new(), Vec::new());
        for id in actors {
            let user = log.load::<User>(tenant, id).await;
            match user.map_err(|error| read_failed(&error))?.0 {
                User::Unknown => (),
                User::Erased { .. } => {
                    names.insert(id.to_owned(), Name::Erased);
                }
                User::Registered(Person { name, .. }) => {
                    known.push(id.to_owned());
                    sealed.push(name);
                }
            }
        }
        let shown = self.vault.reveal_all(tenant, &sealed).await;
        let shown = shown.map_err(|error| personal_failed(&error))?;
        for (id, name) in known.into_iter().zip(shown) {
            if name.is_erased() {
                names.insert(id, Name::Erased);
            } else if let Some(name) = name.into_value() {
                names.insert(id, Name::Known(name));
            }
        }
        Ok(Names(names))
    }

    /// The events as people may see them.
    pub(crate) async fn revealed<'a>(
        &self,
        tenant: &str,
        events: impl IntoIterator<Item = &'a Recorded>,
    ) -> Result<Vec<Revealed>, Status> {
        let events: Vec<_> = events.into_iter().collect();
        let today = events.iter().map(|event| match self.kind(event) {
            Some(kind) => (kind.today)(event).map_err(|error| internal(&error)),
            None => Ok(event.payload.clone()),
        });
        let today: Vec<String> = today.collect::<Result<_, _>>()?;
        let shown = self.vault.show_all(tenant, today.clone()).await;
        let shown = shown.map_err(|error| personal_failed(&error))?;
        let both = today.iter().zip(shown);
        let revealed = events.into_iter().zip(both).map(|(event, (today, payload))| {
            let shown = shown_of(today, &payload).map_err(|error| internal(&error))?;
            Ok(Revealed { event: Recorded { payload, ..event.clone() }, shown })
        });
        revealed.collect()
    }
}

/// What people read of an event, from its payload in today's form, as stored and revealed.
fn shown_of(today: &str, revealed: &str) -> Result<Shown, serde_json::Error> {
    if !personal::is_in(today) {
        return Ok(Shown::default());
    }
    let instead = personal::tells_erased(today, revealed)?;
    let mut json: Value = serde_json::from_str(revealed)?;
    personal::plainly(&mut json);
    Ok(Shown { json: json.to_string(), instead })
}

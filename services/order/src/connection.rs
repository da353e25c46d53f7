//! The connection of a brand with its books (ERP 对接): what is handed over to them, and what they
//! call things. One object of a tenant. With whom it is, and the secrets of that, is in no event: see
//! the crate `erp`; what is handed over when, and what comes of it, is the role `connectors`.
//!
//! What has no code of its own is called the same there as here.

pub mod event;
pub mod refusal;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::Decider;
use serde::{Deserialize, Serialize};

pub use event::{Code, CodeKind, ConnectionEvent, OrderMoment, Settings};
pub use refusal::ConnectionRefusal;

/// The id of the one connection that each tenant may have.
pub const CONNECTION: &str = "erp";
/// Most codes of a connection.
const MOST: usize = 20_000;

/// What can be asked of a connection.
#[derive(Clone, Debug)]
pub enum ConnectionCommand {
    /// Says what is handed over, all of it anew.
    Set(Settings),
    /// Hands nothing over for now.
    Pause {
        /// Why.
        reason: String,
    },
    /// Goes on.
    Resume,
    /// Says what the books call things.
    Map {
        /// What kind of things.
        kind: CodeKind,
        /// Which.
        codes: Vec<Code>,
    },
    /// Does not hand a document over.
    Skip {
        /// Our number of it.
        number: String,
        /// Why.
        reason: String,
    },
    /// Compares the books with what happened.
    Resync {
        /// Since when.
        since: DateTime<Utc>,
        /// When that is asked.
        now: DateTime<Utc>,
    },
}

/// A connection; its object id is [`CONNECTION`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// What is handed over; none: nothing ever was.
    pub settings: Option<Settings>,
    /// Whether nothing is handed over for now.
    pub paused: bool,
    /// What the books call things otherwise.
    pub codes: BTreeMap<CodeKind, BTreeMap<String, String>>,
}

type Decision = Result<Vec<ConnectionEvent>, ConnectionRefusal>;

impl Decider for Connection {
    const AGGREGATE: &'static str = "connection";
    type Command = ConnectionCommand;
    type Event = ConnectionEvent;
    type Refusal = ConnectionRefusal;

    fn decide(&self, command: ConnectionCommand) -> Decision {
        match command {
            ConnectionCommand::Set(settings) if self.settings.as_ref() == Some(&settings) => {
                Ok(Vec::new())
            }
            ConnectionCommand::Set(settings) => Ok(vec![ConnectionEvent::ConnectionSet(settings)]),
            _ if self.settings.is_none() => Err(ConnectionRefusal::NotConnected),
            ConnectionCommand::Pause { .. } if self.paused => Ok(Vec::new()),
            ConnectionCommand::Pause { reason } => {
                Ok(vec![ConnectionEvent::ConnectionPaused { reason }])
            }
            ConnectionCommand::Resume if !self.paused => Ok(Vec::new()),
            ConnectionCommand::Resume => Ok(vec![ConnectionEvent::ConnectionResumed {}]),
            ConnectionCommand::Map { kind, codes } => self.map(kind, codes),
            ConnectionCommand::Skip { number, reason } => {
                Ok(vec![ConnectionEvent::DocumentSkipped { number, reason }])
            }
            ConnectionCommand::Resync { since, now } if since > now => {
                Err(ConnectionRefusal::NotYet)
            }
            ConnectionCommand::Resync { since, .. } => {
                Ok(vec![ConnectionEvent::ResyncRequested { since }])
            }
        }
    }

    fn evolve(&mut self, event: ConnectionEvent) {
        match event {
            ConnectionEvent::ConnectionSet(settings) => self.settings = Some(settings),
            ConnectionEvent::ConnectionPaused { .. } => self.paused = true,
            ConnectionEvent::ConnectionResumed {} => self.paused = false,
            ConnectionEvent::CodesMapped { kind, codes } => {
                let known = self.codes.entry(kind).or_default();
                for Code { own, theirs } in codes {
                    match theirs {
                        Some(theirs) => known.insert(own, theirs),
                        None => known.remove(&own),
                    };
                }
            }
            ConnectionEvent::DocumentSkipped { .. } | ConnectionEvent::ResyncRequested { .. } => {}
        }
    }
}

impl Connection {
    /// What the books call something.
    pub fn code<'a>(&'a self, kind: CodeKind, own: &'a str) -> &'a str {
        self.given(kind, own).unwrap_or(own)
    }

    /// The code that something was given for the books.
    pub fn given(&self, kind: CodeKind, own: &str) -> Option<&str> {
        self.codes.get(&kind)?.get(own).map(String::as_str)
    }

    /// What the books call the unit of a product.
    pub fn unit<'a>(&'a self, settings: &'a Settings, product: &str) -> &'a str {
        self.given(CodeKind::Unit, product).unwrap_or(&settings.unit)
    }

    fn map(&self, kind: CodeKind, codes: Vec<Code>) -> Decision {
        let mut told = BTreeSet::new();
        if let Some(twice) = codes.iter().find(|code| !told.insert(&code.own)) {
            return Err(ConnectionRefusal::CodeTwice { own: twice.own.clone() });
        }
        let news: Vec<_> = codes
            .into_iter()
            .filter(|code| self.given(kind, &code.own) != code.theirs.as_deref())
            .collect();
        if news.is_empty() {
            return Ok(Vec::new());
        }
        let more = news.iter().filter(|code| self.given(kind, &code.own).is_none()).count();
        let known: usize = self.codes.values().map(BTreeMap::len).sum();
        if more > 0 && known + more > MOST {
            return Err(ConnectionRefusal::TooManyCodes { most: MOST });
        }
        self.must_be_told_apart(kind, &news)?;
        Ok(vec![ConnectionEvent::CodesMapped { kind, codes: news }])
    }

    /// Of what stock is kept, the books have to call each something else: what they have of one code
    /// would count for each that has it. Dealers may be one customer there, and products have one unit.
    fn must_be_told_apart(&self, kind: CodeKind, news: &[Code]) -> Result<(), ConnectionRefusal> {
        match kind {
            CodeKind::Product | CodeKind::Warehouse => (),
            CodeKind::Dealer | CodeKind::Unit => return Ok(()),
        }
        let known = self.codes.get(&kind).into_iter().flatten();
        let mut after: BTreeMap<&str, Option<&str>> =
            known.map(|(own, theirs)| (own.as_str(), Some(theirs.as_str()))).collect();
        after.extend(news.iter().map(|code| (code.own.as_str(), code.theirs.as_deref())));
        let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (own, theirs) in after {
            holders.entry(theirs.unwrap_or(own)).or_default().push(own);
        }
        for Code { own, theirs } in news {
            let Some(theirs) = theirs else { continue };
            let mut all = holders.get(theirs.as_str()).into_iter().flatten();
            if let Some(other) = all.find(|other| *other != own) {
                let (own, theirs, other) = (own.clone(), theirs.clone(), (*other).to_owned());
                return Err(ConnectionRefusal::CodeTaken { theirs, other, own });
            }
        }
        Ok(())
    }
}

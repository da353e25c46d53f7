//! A line of a bank's statement (银行流水): money that came to an account of the brand, imported once,
//! and the remittance that it is.
//!
//! What has confirmed a remittance stays: money has followed it. A proposal and a setting aside can
//! be undone, and both stay on record.

pub mod event;
pub mod refusal;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{BusinessDate, Currency, DealerId, Minor, RemittanceId};

pub use event::{BankEntry, BankLineEvent};
pub use refusal::ReconciliationRefusal;

use crate::bank_reference;

/// What is found in the log for a line, by its reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A remittance that waits, of the same amount.
    Reported {
        /// Which.
        remittance_id: RemittanceId,
        /// Whose.
        dealer_id: DealerId,
    },
    /// A remittance of another amount or currency, or one that another dealer claims, too.
    Differs {
        /// Which.
        remittance_id: RemittanceId,
        /// Whose.
        dealer_id: DealerId,
        /// What was reported, or counted.
        reported: Minor,
        /// In this currency.
        currency: Currency,
        /// The remittance of another dealer that claims the line, too.
        rival: Option<RemittanceId>,
    },
    /// A remittance that has counted, of the same amount.
    Counted {
        /// Which.
        remittance_id: RemittanceId,
        /// Whose.
        dealer_id: DealerId,
    },
}

/// What can be asked of a line.
#[derive(Clone, Debug)]
pub enum BankLineCommand {
    /// Brings it in.
    Import {
        /// As the bank has it.
        entry: Box<BankEntry>,
        /// The day on which it is brought in.
        today: BusinessDate,
        /// What was found for it.
        found: Option<Found>,
    },
    /// Something came up for it later; a line about which somebody has decided stays as it is.
    Note(Found),
    /// A person says which remittance it is.
    Propose {
        /// Which.
        remittance_id: RemittanceId,
        /// Whose.
        dealer_id: DealerId,
        /// The remittance's.
        currency: Currency,
    },
    /// It is this remittance, which counts.
    Match {
        /// Which.
        remittance_id: RemittanceId,
        /// Whose.
        dealer_id: DealerId,
        /// Whether nobody had reported it.
        assigned: bool,
    },
    /// It is no dealer's money.
    SetAside {
        /// In the words of the person who says so.
        reason: String,
    },
    /// Takes back a proposal, or a setting aside.
    Reopen {
        /// In words.
        reason: String,
    },
    /// A remittance was rejected: it is not this line.
    Reject {
        /// Which.
        remittance_id: RemittanceId,
        /// In words.
        reason: String,
        /// What else is found for the line.
        found: Option<Found>,
    },
}

/// A line; its object id is made by [`line_id`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum BankLine {
    /// Not heard of yet.
    #[default]
    Unknown,
    /// Brought in.
    Imported {
        /// As the bank has it.
        entry: Box<BankEntry>,
        /// How far it is.
        standing: Standing,
    },
}

/// How far a line is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody knows what it is.
    Open,
    /// A remittance with its reference is of another amount, or another dealer claims it, too.
    Differs {
        /// Which.
        remittance_id: RemittanceId,
        /// The other dealer's.
        rival: Option<RemittanceId>,
    },
    /// It may be this remittance.
    Proposed {
        /// Which.
        remittance_id: RemittanceId,
    },
    /// It is this remittance.
    Matched {
        /// Which.
        remittance_id: RemittanceId,
    },
    /// It is no dealer's money.
    SetAside,
}

type Decision = Result<Vec<BankLineEvent>, ReconciliationRefusal>;

/// The line of an account that the bank calls so; how people write the reference makes no difference.
pub fn line_id(bank_account: &str, reference: &str) -> String {
    let key = format!("{bank_account}/{}", bank_reference::signs(reference));
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).simple().to_string();
    format!("BL-{}", id[..20].to_uppercase())
}

impl BankLine {
    /// The line and how far it is.
    ///
    /// # Errors
    /// When it was not brought in.
    pub fn known(&self) -> Result<(&BankEntry, &Standing), ReconciliationRefusal> {
        match self {
            Self::Unknown => Err(ReconciliationRefusal::BankLineNotFound),
            Self::Imported { entry, standing } => Ok((entry, standing)),
        }
    }

    /// The remittance that is proposed for it.
    ///
    /// # Errors
    /// When none is.
    pub fn proposed(&self) -> Result<(&BankEntry, &RemittanceId), ReconciliationRefusal> {
        match self.known()? {
            (entry, Standing::Proposed { remittance_id }) => Ok((entry, remittance_id)),
            (_, Standing::Matched { remittance_id }) => Err(matched(remittance_id)),
            _ => Err(ReconciliationRefusal::LineNotProposed),
        }
    }

    /// The line, while nobody has said what it is.
    ///
    /// # Errors
    /// When somebody has.
    pub fn open(&self) -> Result<&BankEntry, ReconciliationRefusal> {
        match self.known()? {
            (entry, Standing::Open | Standing::Differs { .. }) => Ok(entry),
            (_, Standing::Proposed { remittance_id }) => {
                Err(ReconciliationRefusal::LineProposed { to: remittance_id.clone() })
            }
            (_, Standing::Matched { remittance_id }) => Err(matched(remittance_id)),
            (_, Standing::SetAside) => Err(ReconciliationRefusal::LineSetAside),
        }
    }

    /// Whether a remittance that counts now with this much may be this line.
    pub fn may_be(&self, id: &RemittanceId, received: Minor, currency: &Currency) -> bool {
        let Self::Imported { entry, standing } = self else { return false };
        let is_free = match standing {
            Standing::Open | Standing::Differs { .. } => true,
            Standing::Proposed { remittance_id } => remittance_id == id,
            Standing::Matched { .. } | Standing::SetAside => false,
        };
        is_free && entry.amount_minor == received && entry.currency == *currency
    }

    /// Whether it is the bank's line with this reference; it may have been proposed for money that was
    /// reported with another one.
    pub fn is_called(&self, reference: &str) -> bool {
        let Self::Imported { entry, .. } = self else { return false };
        bank_reference::signs(&entry.bank_reference) == bank_reference::signs(reference)
    }

    /// Whether a remittance is proposed for it.
    pub fn is_proposed(&self, id: &RemittanceId) -> bool {
        matches!(self, Self::Imported { standing: Standing::Proposed { remittance_id }, .. }
            if remittance_id == id)
    }

    /// Whether it stands as it does because of this remittance: that may be it, or is in doubt.
    pub fn waits_for(&self, id: &RemittanceId) -> bool {
        let Self::Imported { standing, .. } = self else { return false };
        match standing {
            Standing::Proposed { remittance_id } => remittance_id == id,
            Standing::Differs { remittance_id, rival } => {
                remittance_id == id || rival.as_ref() == Some(id)
            }
            Standing::Open | Standing::Matched { .. } | Standing::SetAside => false,
        }
    }

    fn import(&self, entry: Box<BankEntry>, today: BusinessDate, found: Option<Found>) -> Decision {
        match self {
            Self::Imported { entry: there, .. } if there.is_same(&entry) => {
                Err(ReconciliationRefusal::LineImported)
            }
            Self::Imported { entry: there, .. } => Err(ReconciliationRefusal::LineIsAnother {
                amount: there.amount_minor,
                currency: there.currency.clone(),
                booked_on: there.booked_on,
            }),
            Self::Unknown if entry.booked_on > today => Err(ReconciliationRefusal::NotBookedYet),
            Self::Unknown => {
                let mut line = Self::Unknown;
                let imported = BankLineEvent::BankLineImported(entry);
                line.evolve(imported.clone());
                let found = found.map_or_else(|| Ok(Vec::new()), |found| line.note(found))?;
                Ok([vec![imported], found].concat())
            }
        }
    }

    fn note(&self, found: Found) -> Decision {
        let (entry, standing) = self.known()?;
        let line_id = entry.line_id.clone();
        let is_of = |id: &RemittanceId| match standing {
            Standing::Open | Standing::Differs { .. } => true,
            Standing::Proposed { remittance_id } => remittance_id == id,
            Standing::Matched { .. } | Standing::SetAside => false,
        };
        Ok(match found {
            Found::Reported { remittance_id, dealer_id } => match standing {
                Standing::Open | Standing::Differs { .. } => {
                    vec![BankLineEvent::BankLineProposed {
                        line_id,
                        remittance_id,
                        dealer_id,
                        by_hand: false,
                    }]
                }
                Standing::Proposed { .. } | Standing::Matched { .. } | Standing::SetAside => {
                    Vec::new()
                }
            },
            // A second dealer's claim puts in doubt what was proposed.
            Found::Differs { remittance_id, dealer_id, reported, currency, rival }
                if is_of(&remittance_id)
                    || (rival.is_some() && matches!(standing, Standing::Proposed { .. })) =>
            {
                vec![BankLineEvent::BankLineDiffered {
                    line_id,
                    remittance_id,
                    dealer_id,
                    currency,
                    reported_minor: reported,
                    rival_id: rival,
                }]
            }
            Found::Counted { remittance_id, dealer_id } if is_of(&remittance_id) => {
                vec![self.is_remittance(entry, remittance_id, dealer_id, false)]
            }
            Found::Differs { .. } | Found::Counted { .. } => Vec::new(),
        })
    }

    fn is_remittance(
        &self,
        entry: &BankEntry,
        remittance_id: RemittanceId,
        dealer_id: DealerId,
        assigned: bool,
    ) -> BankLineEvent {
        BankLineEvent::BankLineMatched {
            line_id: entry.line_id.clone(),
            remittance_id,
            dealer_id,
            currency: entry.currency.clone(),
            amount_minor: entry.amount_minor,
            assigned,
        }
    }

    fn propose(
        &self,
        remittance_id: RemittanceId,
        dealer_id: DealerId,
        currency: Currency,
    ) -> Decision {
        let entry = self.open()?;
        if entry.currency != currency {
            return Err(ReconciliationRefusal::LineCurrency { currency });
        }
        let line_id = entry.line_id.clone();
        let by_hand = true;
        Ok(vec![BankLineEvent::BankLineProposed { line_id, remittance_id, dealer_id, by_hand }])
    }

    fn take(&self, remittance_id: RemittanceId, dealer_id: DealerId, assigned: bool) -> Decision {
        let entry = match self.proposed() {
            Ok((entry, proposed)) if *proposed == remittance_id => entry,
            _ => self.open()?,
        };
        Ok(vec![self.is_remittance(entry, remittance_id, dealer_id, assigned)])
    }

    /// What waits for it is open again, or is what else was found.
    fn reject(
        &self,
        remittance_id: &RemittanceId,
        reason: String,
        found: Option<Found>,
    ) -> Decision {
        if !self.waits_for(remittance_id) {
            return Ok(Vec::new());
        }
        let line_id = self.known()?.0.line_id.clone();
        let reopened = BankLineEvent::BankLineReopened { line_id, reason };
        let mut line = self.clone();
        line.evolve(reopened.clone());
        let found = found.map_or_else(|| Ok(Vec::new()), |found| line.note(found))?;
        Ok([vec![reopened], found].concat())
    }

    fn reopen(&self, reason: String) -> Decision {
        match self.known()? {
            (entry, Standing::Proposed { .. } | Standing::SetAside) => {
                let line_id = entry.line_id.clone();
                Ok(vec![BankLineEvent::BankLineReopened { line_id, reason }])
            }
            (_, Standing::Matched { remittance_id }) => Err(matched(remittance_id)),
            (_, Standing::Open | Standing::Differs { .. }) => {
                Err(ReconciliationRefusal::LineIsOpen)
            }
        }
    }
}

fn matched(by: &RemittanceId) -> ReconciliationRefusal {
    ReconciliationRefusal::LineMatched { by: by.clone() }
}

impl Decider for BankLine {
    const AGGREGATE: &'static str = "bank_line";
    type Command = BankLineCommand;
    type Event = BankLineEvent;
    type Refusal = ReconciliationRefusal;

    fn decide(&self, command: BankLineCommand) -> Decision {
        match command {
            BankLineCommand::Import { entry, today, found } => self.import(entry, today, found),
            BankLineCommand::Note(found) => self.note(found),
            BankLineCommand::Propose { remittance_id, dealer_id, currency } => {
                self.propose(remittance_id, dealer_id, currency)
            }
            BankLineCommand::Match { remittance_id, dealer_id, assigned } => {
                self.take(remittance_id, dealer_id, assigned)
            }
            BankLineCommand::SetAside { reason } => {
                let line_id = self.open()?.line_id.clone();
                Ok(vec![BankLineEvent::BankLineSetAside { line_id, reason }])
            }
            BankLineCommand::Reopen { reason } => self.reopen(reason),
            BankLineCommand::Reject { remittance_id, reason, found } => {
                self.reject(&remittance_id, reason, found)
            }
        }
    }

    fn evolve(&mut self, event: BankLineEvent) {
        let now = match event {
            BankLineEvent::BankLineImported(entry) => {
                *self = Self::Imported { entry, standing: Standing::Open };
                return;
            }
            BankLineEvent::BankLineProposed { remittance_id, .. } => {
                Standing::Proposed { remittance_id }
            }
            BankLineEvent::BankLineDiffered { remittance_id, rival_id, .. } => {
                Standing::Differs { remittance_id, rival: rival_id }
            }
            BankLineEvent::BankLineMatched { remittance_id, .. } => {
                Standing::Matched { remittance_id }
            }
            BankLineEvent::BankLineSetAside { .. } => Standing::SetAside,
            BankLineEvent::BankLineReopened { .. } => Standing::Open,
        };
        if let Self::Imported { standing, .. } = self {
            *standing = now;
        }
    }
}

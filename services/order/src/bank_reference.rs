//! What the bank calls a transfer (银行流水号): each counts once, whoever reports it. It knows the
//! remittances that were reported with it and the lines of bank statements that have it, so that they
//! find each other.

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{BankLineId, RemittanceId};

use crate::funds::FundsRefusal;

/// The facts of a bank reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum BankReferenceEvent {
    /// The transfer has counted.
    BankReferenceUsed {
        /// As the bank writes it.
        reference: String,
        /// For this money.
        remittance_id: RemittanceId,
        /// What the bank calls the transfer, where the money was only reported with this reference
        /// and has counted under that one; absent: it has counted under this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted_as: Option<String>,
    },
    /// Somebody has reported money with it.
    BankReferenceReported {
        /// As it was reported.
        reference: String,
        /// The money.
        remittance_id: RemittanceId,
    },
    /// A bank's statement has a line with it.
    BankReferenceBooked {
        /// As the bank writes it.
        reference: String,
        /// The line.
        line_id: BankLineId,
    },
    /// The line is the money that it has counted for.
    BankReferenceMatched {
        /// As the bank writes it.
        reference: String,
        /// The money.
        remittance_id: RemittanceId,
        /// The line.
        line_id: BankLineId,
    },
}

impl DomainEvent for BankReferenceEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::BankReferenceUsed { reference, remittance_id, counted_as: None } => Text::new(
                format!("银行流水 {reference} 已用于汇款 {remittance_id}"),
                format!("the bank's transfer {reference} was counted for {remittance_id}"),
            ),
            Self::BankReferenceUsed { reference, remittance_id, counted_as: Some(other) } => {
                Text::new(
                    format!(
                        "流水号 {reference} 申报的汇款 {remittance_id} 已按银行流水 {other} 入账"
                    ),
                    format!("{remittance_id}, reported with {reference}, was counted as {other}"),
                )
            }
            Self::BankReferenceReported { reference, remittance_id } => Text::new(
                format!("汇款 {remittance_id} 申报的银行流水号是 {reference}"),
                format!("remittance {remittance_id} was reported with the transfer {reference}"),
            ),
            Self::BankReferenceBooked { reference, line_id } => Text::new(
                format!("银行流水 {line_id} 的流水号是 {reference}"),
                format!("line {line_id} of a bank statement has the reference {reference}"),
            ),
            Self::BankReferenceMatched { reference, remittance_id, line_id } => Text::new(
                format!("流水号 {reference}：银行流水 {line_id} 即汇款 {remittance_id}"),
                format!("by {reference}, line {line_id} is remittance {remittance_id}"),
            ),
        }
    }
}

/// What can be asked of a bank reference.
#[derive(Clone, Debug)]
pub enum BankReferenceCommand {
    /// Lets it count.
    Use {
        /// As the bank writes it.
        reference: String,
        /// For this money.
        remittance_id: RemittanceId,
    },
    /// Lets it count, for the money of a line.
    UseFor {
        /// As the bank writes it.
        reference: String,
        /// For this money.
        remittance_id: RemittanceId,
        /// The line.
        line_id: BankLineId,
    },
    /// Money that was reported with it has counted under another reference; where it has counted
    /// itself, that stays.
    Lend {
        /// As it was reported.
        reference: String,
        /// The money.
        remittance_id: RemittanceId,
        /// The other one.
        counted_as: String,
    },
    /// Money was reported with it.
    Report {
        /// As it was reported.
        reference: String,
        /// The money.
        remittance_id: RemittanceId,
    },
    /// A line has it.
    Book {
        /// As the bank writes it.
        reference: String,
        /// The line.
        line_id: BankLineId,
        /// Whether the line is the money that it has counted for.
        counted: bool,
    },
}

/// Remittances and lines that are known of one reference: more have nothing to do with each other.
const MOST: usize = 20;

/// A bank reference; its object id is made from it by [`object_id`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BankReference {
    used: Option<RemittanceId>,
    /// The money was only reported with it, and has counted under another one.
    #[serde(default)]
    is_lent: bool,
    matched: Option<BankLineId>,
    reported: Vec<RemittanceId>,
    lines: Vec<BankLineId>,
}

impl BankReference {
    /// The money that it has counted for, while no line is known to be it.
    pub fn counted_without_line(&self) -> Option<&RemittanceId> {
        self.used.as_ref().filter(|_| self.has_counted() && self.matched.is_none())
    }

    /// Whether money has counted that is known by it.
    pub fn is_used(&self) -> bool {
        self.used.is_some()
    }

    /// Whether it has counted itself.
    pub fn has_counted(&self) -> bool {
        self.is_used() && !self.is_lent
    }

    /// The money that was reported with it, and has counted under another reference.
    pub fn lent(&self) -> Option<&RemittanceId> {
        self.used.as_ref().filter(|_| self.is_lent)
    }

    /// Money that was reported with it.
    pub fn reported(&self) -> &[RemittanceId] {
        &self.reported
    }

    /// Lines that have it.
    pub fn lines(&self) -> &[BankLineId] {
        &self.lines
    }

    fn count(
        &self,
        reference: String,
        remittance_id: RemittanceId,
    ) -> Result<BankReferenceEvent, FundsRefusal> {
        match &self.used {
            Some(by) => Err(FundsRefusal::ReferenceUsed { reference, by: by.clone() }),
            None => {
                let counted_as = None;
                Ok(BankReferenceEvent::BankReferenceUsed { reference, remittance_id, counted_as })
            }
        }
    }

    /// It counts with the bank's own line. Money that was only reported with it is another transfer
    /// then: the bank has both.
    fn count_line(
        &self,
        reference: String,
        remittance_id: RemittanceId,
    ) -> Result<BankReferenceEvent, FundsRefusal> {
        match self.has_counted() {
            true => self.count(reference, remittance_id),
            false => Self::default().count(reference, remittance_id),
        }
    }
}

/// What of a reference counts: how people write it, in small or wide letters or with spaces or
/// dashes, makes no difference.
pub fn signs(reference: &str) -> String {
    // Full-width forms are the ASCII signs, so much further on.
    let narrow = |sign: char| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        other => other,
    };
    let signs = reference.chars().map(narrow).filter(|sign| sign.is_alphanumeric());
    signs.flat_map(char::to_uppercase).collect()
}

/// The object of a reference.
pub fn object_id(reference: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, signs(reference).as_bytes()).to_string()
}

impl Decider for BankReference {
    const AGGREGATE: &'static str = "bank_reference";
    const STATE_VERSION: u32 = 3;
    type Command = BankReferenceCommand;
    type Event = BankReferenceEvent;
    type Refusal = FundsRefusal;

    fn decide(
        &self,
        command: BankReferenceCommand,
    ) -> Result<Vec<BankReferenceEvent>, FundsRefusal> {
        match command {
            BankReferenceCommand::Use { reference, remittance_id } => {
                Ok(vec![self.count(reference, remittance_id)?])
            }
            BankReferenceCommand::UseFor { reference, remittance_id, line_id } => {
                let used = self.count_line(reference.clone(), remittance_id.clone())?;
                let matched =
                    BankReferenceEvent::BankReferenceMatched { reference, remittance_id, line_id };
                Ok(vec![used, matched])
            }
            BankReferenceCommand::Lend { .. } if self.is_used() => Ok(Vec::new()),
            BankReferenceCommand::Lend { reference, remittance_id, counted_as } => {
                let counted_as = Some(counted_as);
                Ok(vec![BankReferenceEvent::BankReferenceUsed {
                    reference,
                    remittance_id,
                    counted_as,
                }])
            }
            BankReferenceCommand::Report { reference, remittance_id } => {
                Ok(vec![BankReferenceEvent::BankReferenceReported { reference, remittance_id }])
            }
            BankReferenceCommand::Book { reference, line_id, counted } => {
                let counted_for = self.counted_without_line().filter(|_| counted).cloned();
                let booked = BankReferenceEvent::BankReferenceBooked {
                    reference: reference.clone(),
                    line_id: line_id.clone(),
                };
                let matched = counted_for.map(|remittance_id| {
                    BankReferenceEvent::BankReferenceMatched { reference, remittance_id, line_id }
                });
                Ok([booked].into_iter().chain(matched).collect())
            }
        }
    }

    fn evolve(&mut self, event: BankReferenceEvent) {
        match event {
            BankReferenceEvent::BankReferenceUsed { remittance_id, counted_as, .. } => {
                self.used = Some(remittance_id);
                self.is_lent = counted_as.is_some();
            }
            BankReferenceEvent::BankReferenceReported { remittance_id, .. } => {
                if self.reported.len() < MOST {
                    self.reported.push(remittance_id);
                }
            }
            BankReferenceEvent::BankReferenceBooked { line_id, .. } => {
                if self.lines.len() < MOST {
                    self.lines.push(line_id);
                }
            }
            BankReferenceEvent::BankReferenceMatched { line_id, .. } => {
                self.matched = Some(line_id);
            }
        }
    }
}

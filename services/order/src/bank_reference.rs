//! What the bank calls a transfer (银行流水号): each counts once, whoever reports it.

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::RemittanceId;

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
    },
}

impl DomainEvent for BankReferenceEvent {
    fn sentence(&self) -> Text {
        let Self::BankReferenceUsed { reference, remittance_id } = self;
        Text::new(
            format!("银行流水 {reference} 已用于汇款 {remittance_id}"),
            format!("the bank's transfer {reference} was counted for {remittance_id}"),
        )
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
}

/// A bank reference; its object id is made from it by [`object_id`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BankReference(Option<RemittanceId>);

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
    type Command = BankReferenceCommand;
    type Event = BankReferenceEvent;
    type Refusal = FundsRefusal;

    fn decide(
        &self,
        BankReferenceCommand::Use { reference, remittance_id }: BankReferenceCommand,
    ) -> Result<Vec<BankReferenceEvent>, FundsRefusal> {
        match &self.0 {
            Some(by) => Err(FundsRefusal::ReferenceUsed { reference, by: by.clone() }),
            None => Ok(vec![BankReferenceEvent::BankReferenceUsed { reference, remittance_id }]),
        }
    }

    fn evolve(
        &mut self,
        BankReferenceEvent::BankReferenceUsed { remittance_id, .. }: BankReferenceEvent,
    ) {
        self.0 = Some(remittance_id);
    }
}

//! What requests about credit, wallets and remittances share: they are about a dealer that may
//! order, and that the caller sees.

use std::sync::Arc;

use kernel::Decider;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::Call;
use tonic::Status;
use values::{BusinessDate, DealerId, Sight};

use super::orders::sight;
use super::parse;
use super::pricing::{Known, known};
use crate::account::Account;
use crate::funds::FundsRefusal;
use crate::order::OrderRefusal;

/// A dealer whose money is asked about, and who asks.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) dealer_id: DealerId,
    pub(super) sight: Sight,
    pub(super) today: BusinessDate,
}

impl Asked {
    /// The dealer of a request, and the caller.
    pub(super) fn of(wrong: &mut Violations, dealer_id: &str, call: &Call) -> Option<Self> {
        let dealer_id = parse(wrong, "dealer_id", dealer_id);
        let sight = sight(wrong, call);
        let today = call.today().into();
        Some(Self { dealer_id: dealer_id?, sight: sight?, today })
    }

    /// The dealer's account, if it may order and the caller sees it.
    pub(super) async fn account(
        &self,
        work: &mut Work<'_>,
    ) -> Result<Arc<Account>, Rejected<OrderRefusal>> {
        let Known { account, .. } = known(work, &self.dealer_id, &self.sight, self.today).await?;
        account.holder(&self.dealer_id).map_err(Rejected::Refused)?;
        Ok(account)
    }
}

/// Asks something of an object that has the dealer's own id.
pub struct AskFunds<D: Decider> {
    asked: Asked,
    command: D::Command,
}

impl<D: Decider<Refusal = FundsRefusal>> AskFunds<D> {
    /// From what was read of a request.
    pub(super) fn of(
        wrong: Violations,
        asked: Option<Asked>,
        command: Option<D::Command>,
    ) -> Result<Self, Status> {
        let whole = asked.zip(command).map(|(asked, command)| Self { asked, command });
        wrong.finish(whole)
    }
}

impl<D: Decider<Refusal = FundsRefusal>> Transaction for AskFunds<D> {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        self.asked.account(work).await?;
        let command = self.command.clone();
        let decided = work.decide::<D>(self.asked.dealer_id.as_str(), command).await;
        decided.map_err(Rejected::from_other)
    }
}

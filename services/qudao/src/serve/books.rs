//! Whose books can be asked: those of the file, or a simulator beside this process.

use erp::{Contracts, System};
use erp_simulator::Simulator;
use kernel::outbound::{Outbound, Reach};
use tokio_util::sync::CancellationToken;

use super::Args;

/// The contracts of brands with their books.
pub(super) async fn contracts(args: &Args, stop: &CancellationToken) -> anyhow::Result<Contracts> {
    let Some(address) = args.trial_erp else {
        return Ok(Contracts::read(args.erp_contracts.as_deref(), &args.outbound()?)?);
    };
    tracing::warn!(%address, "the ERP is simulated: nobody's books are told");
    let simulator = Simulator::start(address, stop.clone()).await?;
    let contract = simulator.contract(System::Kingdee);
    Ok(Contracts::trial(contract, &Outbound::new(Reach::Private, None)?)?)
}

//! Doing without what an order waits for.

use clap::Args;
use proto::order::v1::GiveUpBackOrderRequest;
use proto::order::v1::waiting_service_client::WaitingServiceClient;

use super::args::Move;
use super::{command, map, new_request, open, told};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders give-up SO-000001 --reason 不等了")]
pub(crate) struct GiveUp {
    /// Why; kept in the history
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    moved: Move,
}

impl GiveUp {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = GiveUpBackOrderRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            reason: self.reason,
        };
        let receipt = command(async || {
            let mut client = WaitingServiceClient::new(session.wire());
            let answer = client.give_up_back_order(request.clone()).await;
            answer.map(|answer| map(answer, |body| body.receipt))
        });
        told("given up", receipt.await?, json)
    }
}

//! Lines of a brand's bank statement.

use proto::order::v1 as order;
use proto::order::v1::bank_line_service_client::BankLineServiceClient;

use super::Sower;
use crate::support::system::id;

/// Imports so many lines of an account of the brand; their numbers.
pub(super) async fn import(sower: &Sower<'_>, number: usize) -> Vec<String> {
    let admin = sower.admin();
    let mut client = BankLineServiceClient::new(sower.channel.clone());
    let mut lines = Vec::new();
    for line in 0..number {
        let import = order::ImportBankLineRequest {
            request_id: id(),
            bank_account: "6222020200112233".to_owned(),
            bank_reference: format!("{} {line:04}", sower.seeds.tenant),
            booked_on: "2026-01-05".to_owned(),
            currency_code: "CNY".to_owned(),
            amount_minor: 100_000,
            payer_name: sower.text("付款人"),
            memo: sower.text("货款"),
            ..Default::default()
        };
        let told = client.import_bank_line(sower.says(&admin, import)).await.unwrap();
        lines.push(told.into_inner().receipt.unwrap().object_id);
    }
    lines
}

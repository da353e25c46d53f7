//! From requests to commands: types and units; no rules. What the contract says of each field was
//! looked at before, at the gate.

use std::str::FromStr;

use kernel::Text;
use kernel::command::{Addressed, Commands};
use kernel::failure::Violations;
use kernel::rpc::{Call, CommandApi, IntoCommand, Reply};
use kernel::server::Server;
use proto::order::v1 as api;
use proto::order::v1::account_service_server::{AccountService, AccountServiceServer};
use proto::order::v1::after_sale_service_server::AfterSaleServiceServer;
use proto::order::v1::assortment_service_server::AssortmentServiceServer;
use proto::order::v1::bank_line_service_server::BankLineServiceServer;
use proto::order::v1::cart_service_server::CartServiceServer;
use proto::order::v1::connection_service_server::ConnectionServiceServer;
use proto::order::v1::credit_service_server::CreditServiceServer;
use proto::order::v1::order_change_service_server::OrderChangeServiceServer;
use proto::order::v1::order_review_service_server::OrderReviewServiceServer;
use proto::order::v1::order_rules_service_server::OrderRulesServiceServer;
use proto::order::v1::order_service_server::{OrderService, OrderServiceServer};
use proto::order::v1::payment_service_server::PaymentServiceServer;
use proto::order::v1::price_list_service_server::PriceListServiceServer;
use proto::order::v1::product_service_server::ProductServiceServer;
use proto::order::v1::promotion_service_server::PromotionServiceServer;
use proto::order::v1::provider_bill_service_server::ProviderBillServiceServer;
use proto::order::v1::rebate_service_server::RebateServiceServer;
use proto::order::v1::remittance_service_server::RemittanceServiceServer;
use proto::order::v1::shipment_service_server::ShipmentServiceServer;
use proto::order::v1::statement_service_server::StatementServiceServer;
use proto::order::v1::stock_service_server::StockServiceServer;
use proto::order::v1::waiting_service_server::WaitingServiceServer;
use proto::order::v1::wallet_service_server::WalletServiceServer;
use tonic::{Request, Status};
use values::text::{self, bounded};
use values::{DealerClass, Explain, RegionPath, RegionRef};

use crate::account::{Account, AccountCommand};

mod after_sales;
mod assortment;
mod audience;
mod bank_lines;
mod carts;
mod change_making;
mod connections;
mod credit;
mod explain;
mod funds;
mod order_changes;
mod order_rules;
mod orders;
mod paying;
mod payments;
mod price_lists;
mod pricing;
mod products;
mod promotions;
mod provider_bills;
mod quotes;
mod rebates;
mod remittances;
mod reviews;
mod settling;
mod shipments;
mod statements;
mod stating;
mod stocking;
mod territory;
mod waiting;
mod wallets;

pub use assortment::terms_of as rule_terms_of;
pub use audience::{told_audience, told_until};
pub use connections::{code_kind, told_connection};
pub use explain::told_break;
pub use order_changes::told_change;
pub use order_rules::{told_reviewer, told_rules};
pub use paying::told_payment;
pub use products::told_tax;
pub use promotions::terms_of;
pub use quotes::sees_money;
pub use rebates::{rebate_terms_of, told_basis, told_cycle, told_rebate_tier};

/// Adds the context's command services to a server.
pub async fn mount(server: &mut Server, commands: Commands) {
    let api = Api(CommandApi(commands));
    server.add(AccountServiceServer::new(api.clone())).await;
    server.add(AfterSaleServiceServer::new(api.clone())).await;
    server.add(AssortmentServiceServer::new(api.clone())).await;
    server.add(BankLineServiceServer::new(api.clone())).await;
    server.add(CartServiceServer::new(api.clone())).await;
    server.add(ConnectionServiceServer::new(api.clone())).await;
    server.add(CreditServiceServer::new(api.clone())).await;
    server.add(OrderChangeServiceServer::new(api.clone())).await;
    server.add(OrderReviewServiceServer::new(api.clone())).await;
    server.add(OrderRulesServiceServer::new(api.clone())).await;
    server.add(OrderServiceServer::new(api.clone())).await;
    server.add(PaymentServiceServer::new(api.clone())).await;
    server.add(PriceListServiceServer::new(api.clone())).await;
    server.add(ProductServiceServer::new(api.clone())).await;
    server.add(PromotionServiceServer::new(api.clone())).await;
    server.add(ProviderBillServiceServer::new(api.clone())).await;
    server.add(RebateServiceServer::new(api.clone())).await;
    server.add(RemittanceServiceServer::new(api.clone())).await;
    server.add(ShipmentServiceServer::new(api.clone())).await;
    server.add(StatementServiceServer::new(api.clone())).await;
    server.add(StockServiceServer::new(api.clone())).await;
    server.add(WaitingServiceServer::new(api.clone())).await;
    server.add(WalletServiceServer::new(api)).await;
}

#[derive(Clone)]
struct Api(CommandApi);

#[tonic::async_trait]
impl AccountService for Api {
    async fn open_account(
        &self,
        r: Request<api::OpenAccountRequest>,
    ) -> Reply<api::OpenAccountResponse> {
        self.0.run(r).await
    }

    async fn note_region(
        &self,
        r: Request<api::NoteRegionRequest>,
    ) -> Reply<api::NoteRegionResponse> {
        self.0.run(r).await
    }

    async fn note_region_move(
        &self,
        r: Request<api::NoteRegionMoveRequest>,
    ) -> Reply<api::NoteRegionMoveResponse> {
        self.0.run(r).await
    }

    async fn note_dealer_class(
        &self,
        r: Request<api::NoteDealerClassRequest>,
    ) -> Reply<api::NoteDealerClassResponse> {
        self.0.run(r).await
    }
}

#[tonic::async_trait]
impl OrderService for Api {
    async fn submit_order(
        &self,
        r: Request<api::SubmitOrderRequest>,
    ) -> Reply<api::SubmitOrderResponse> {
        self.0.run(r).await
    }

    async fn quote_order(
        &self,
        r: Request<api::QuoteOrderRequest>,
    ) -> Reply<api::QuoteOrderResponse> {
        self.0.ask(r).await
    }

    async fn confirm_order(
        &self,
        r: Request<api::ConfirmOrderRequest>,
    ) -> Reply<api::ConfirmOrderResponse> {
        self.0.run(r).await
    }

    async fn pay_order(&self, r: Request<api::PayOrderRequest>) -> Reply<api::PayOrderResponse> {
        self.0.run(r).await
    }

    async fn release_credit_hold(
        &self,
        r: Request<api::ReleaseCreditHoldRequest>,
    ) -> Reply<api::ReleaseCreditHoldResponse> {
        self.0.run(r).await
    }

    async fn refuse_credit(
        &self,
        r: Request<api::RefuseCreditRequest>,
    ) -> Reply<api::RefuseCreditResponse> {
        self.0.run(r).await
    }

    async fn ship_order(&self, r: Request<api::ShipOrderRequest>) -> Reply<api::ShipOrderResponse> {
        self.0.run(r).await
    }

    async fn receive_order(
        &self,
        r: Request<api::ReceiveOrderRequest>,
    ) -> Reply<api::ReceiveOrderResponse> {
        self.0.run(r).await
    }

    async fn cancel_order(
        &self,
        r: Request<api::CancelOrderRequest>,
    ) -> Reply<api::CancelOrderResponse> {
        self.0.run(r).await
    }

    async fn rate_order(&self, r: Request<api::RateOrderRequest>) -> Reply<api::RateOrderResponse> {
        self.0.run(r).await
    }

    async fn close_order_short(
        &self,
        r: Request<api::CloseOrderShortRequest>,
    ) -> Reply<api::CloseOrderShortResponse> {
        self.0.run(r).await
    }
}

impl IntoCommand<Account> for api::OpenAccountRequest {
    type Command = Addressed<Account>;

    fn into_command(self, _: &Call) -> Result<Addressed<Account>, Status> {
        let mut wrong = Violations::default();
        let dealer_id = parse(&mut wrong, "dealer_id", &self.dealer_id);
        let dealer_name = name(&mut wrong, "dealer_name", &self.dealer_name);
        let region_path = region_path(&mut wrong, &self.region_path);
        let command = (|| {
            Some(AccountCommand::Open {
                dealer_id: dealer_id?,
                dealer_name: dealer_name?,
                region_path: region_path?,
            })
        })();
        Ok(Addressed { object_id: self.dealer_id, command: wrong.finish(command)? })
    }
}

impl IntoCommand<Account> for api::NoteDealerClassRequest {
    type Command = Addressed<Account>;

    fn into_command(self, _: &Call) -> Result<Addressed<Account>, Status> {
        let mut wrong = Violations::default();
        let level_id = given(&mut wrong, "level_id", &self.level_id);
        let channel_id = given(&mut wrong, "channel_id", &self.channel_id);
        let effective_on = given(&mut wrong, "effective_on", &self.effective_on);
        let command = (|| {
            let class = DealerClass { level_id: level_id?, channel_id: channel_id? };
            Some(AccountCommand::NoteClass { class, effective_on: effective_on? })
        })();
        Ok(Addressed { object_id: self.dealer_id, command: wrong.finish(command)? })
    }
}

fn region_path(wrong: &mut Violations, regions: &[api::RegionRef]) -> Option<RegionPath> {
    let regions = all(regions, |index, region| {
        let field = |part| format!("region_path[{index}].{part}");
        let region_id = parse(wrong, field("region_id"), &region.region_id);
        let name = name(wrong, field("name"), &region.name);
        Some(RegionRef { region_id: region_id?, name: name? })
    });
    wrong.take("region_path", RegionPath::parse(regions?).map_err(explain))
}

fn explain(error: impl Explain) -> Text {
    Text::new(error.zh(), error.to_string())
}

fn parse<T>(wrong: &mut Violations, field: impl Into<String>, text: &str) -> Option<T>
where
    T: FromStr<Err: Explain>,
{
    wrong.take(field, text.parse().map_err(explain))
}

/// Something that has to be chosen was not.
fn unsaid<T>(wrong: &mut Violations, field: impl Into<String>) -> Option<T> {
    wrong.add(field, Text::new("请选择一项", "say which one"));
    None
}

/// What may be left empty.
fn given<T>(wrong: &mut Violations, field: &str, text: &str) -> Option<Option<T>>
where
    T: FromStr<Err: Explain>,
{
    if text.is_empty() { Some(None) } else { parse(wrong, field, text).map(Some) }
}

fn name(wrong: &mut Violations, field: impl Into<String>, name: &str) -> Option<String> {
    wrong.take(field, text::name(name).map_err(explain))
}

fn words(
    wrong: &mut Violations,
    field: impl Into<String>,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
) -> Option<String> {
    wrong.take(field, bounded(text, length).map_err(explain))
}

/// Parses every item, so that all that is wrong is told at once.
fn all<A, B>(items: &[A], mut parse: impl FnMut(usize, &A) -> Option<B>) -> Option<Vec<B>> {
    let mut parsed = Vec::with_capacity(items.len());
    let mut fine = true;
    for (index, item) in items.iter().enumerate() {
        match parse(index, item) {
            Some(item) => parsed.push(item),
            None => fine = false,
        }
    }
    fine.then_some(parsed)
}

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
use proto::order::v1::cart_service_server::CartServiceServer;
use proto::order::v1::credit_service_server::CreditServiceServer;
use proto::order::v1::order_rules_service_server::OrderRulesServiceServer;
use proto::order::v1::order_service_server::{OrderService, OrderServiceServer};
use proto::order::v1::payment_service_server::PaymentServiceServer;
use proto::order::v1::price_list_service_server::PriceListServiceServer;
use proto::order::v1::product_service_server::{ProductService, ProductServiceServer};
use proto::order::v1::promotion_service_server::PromotionServiceServer;
use proto::order::v1::remittance_service_server::RemittanceServiceServer;
use proto::order::v1::shipment_service_server::ShipmentServiceServer;
use proto::order::v1::stock_service_server::StockServiceServer;
use proto::order::v1::wallet_service_server::WalletServiceServer;
use tonic::{Request, Status};
use values::text::{self, bounded};
use values::{DealerClass, Explain, ProductId, Quantity, RegionPath, RegionRef};

use crate::account::{Account, AccountCommand};
use crate::product::{Packaging, Product, ProductCommand, Sku};

mod after_sales;
mod assortment;
mod audience;
mod carts;
mod credit;
mod explain;
mod funds;
mod order_rules;
mod orders;
mod paying;
mod payments;
mod price_lists;
mod pricing;
mod promotions;
mod quotes;
mod remittances;
mod settling;
mod shipments;
mod stocking;
mod territory;
mod wallets;

pub use assortment::terms_of as rule_terms_of;
pub use audience::{told_audience, told_until};
pub use explain::told_break;
pub use order_rules::told_rules;
pub use paying::told_payment;
pub use promotions::terms_of;
pub use quotes::sees_money;

/// Adds the context's command services to a server.
pub async fn mount(server: &mut Server, commands: Commands) {
    let api = Api(CommandApi(commands));
    server.add(AccountServiceServer::new(api.clone())).await;
    server.add(AfterSaleServiceServer::new(api.clone())).await;
    server.add(AssortmentServiceServer::new(api.clone())).await;
    server.add(CartServiceServer::new(api.clone())).await;
    server.add(CreditServiceServer::new(api.clone())).await;
    server.add(OrderRulesServiceServer::new(api.clone())).await;
    server.add(OrderServiceServer::new(api.clone())).await;
    server.add(PaymentServiceServer::new(api.clone())).await;
    server.add(PriceListServiceServer::new(api.clone())).await;
    server.add(ProductServiceServer::new(api.clone())).await;
    server.add(PromotionServiceServer::new(api.clone())).await;
    server.add(RemittanceServiceServer::new(api.clone())).await;
    server.add(ShipmentServiceServer::new(api.clone())).await;
    server.add(StockServiceServer::new(api.clone())).await;
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
impl ProductService for Api {
    async fn publish_product(
        &self,
        r: Request<api::PublishProductRequest>,
    ) -> Reply<api::PublishProductResponse> {
        self.0.run(r).await
    }

    async fn rename_product(
        &self,
        r: Request<api::RenameProductRequest>,
    ) -> Reply<api::RenameProductResponse> {
        self.0.run(r).await
    }

    async fn retire_product(
        &self,
        r: Request<api::RetireProductRequest>,
    ) -> Reply<api::RetireProductResponse> {
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

impl IntoCommand<Product> for api::PublishProductRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let name = name(&mut wrong, "name", &self.name);
        let category_path = all(&self.category_path, |index, category| {
            words(&mut wrong, format!("category_path[{index}]"), category, 1..=50)
        });
        let base_unit = words(&mut wrong, "base_unit", &self.base_unit, 1..=20);
        let packagings = all(&self.packagings, |index, unit| packaging(&mut wrong, index, unit));
        let sku = (|| {
            Some(Sku {
                product_id: product_id?,
                name: name?,
                category_path: category_path?,
                base_unit: base_unit?,
                packagings: packagings?,
            })
        })();
        let command = ProductCommand::Publish(wrong.finish(sku)?);
        Ok(Addressed { object_id: self.product_id, command })
    }
}

fn packaging(wrong: &mut Violations, index: usize, unit: &api::Packaging) -> Option<Packaging> {
    let field = |part| format!("packagings[{index}].{part}");
    let name = words(wrong, field("unit"), &unit.unit, 1..=20);
    Some(Packaging { unit: name?, base_quantity: Quantity::of(unit.base_quantity) })
}

impl IntoCommand<Product> for api::RenameProductRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let name = name(&mut wrong, "name", &self.name);
        let command = ProductCommand::Rename { name: wrong.finish(name)? };
        Ok(Addressed { object_id: self.product_id, command })
    }
}

impl IntoCommand<Product> for api::RetireProductRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = ProductCommand::Retire { reason: wrong.finish(reason)? };
        Ok(Addressed { object_id: self.product_id, command })
    }
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

//! From requests to commands: types and units; no rules. What the contract says of each field was
//! looked at before, at the gate.

use std::collections::BTreeMap;
use std::str::FromStr;

use kernel::Text;
use kernel::command::{Addressed, Commands};
use kernel::failure::Violations;
use kernel::rpc::{Call, CommandApi, IntoCommand, Reply};
use kernel::server::Server;
use proto::order::v1 as api;
use proto::order::v1::account_service_server::{AccountService, AccountServiceServer};
use proto::order::v1::order_service_server::{OrderService, OrderServiceServer};
use proto::order::v1::price_list_service_server::{PriceListService, PriceListServiceServer};
use proto::order::v1::product_service_server::{ProductService, ProductServiceServer};
use proto::order::v1::promotion_service_server::PromotionServiceServer;
use tonic::{Request, Status};
use values::text::{self, bounded};
use values::{Explain, Minor, ProductId, Quantity, RegionPath, RegionRef};

use crate::account::{Account, AccountCommand};
use crate::price_list::{PriceList, PriceListCommand};
use crate::product::{Packaging, Product, ProductCommand, Sku};

mod orders;
mod pricing;
mod promotions;
mod quotes;
mod territory;

pub use promotions::terms_of;

/// Adds the context's command services to a server.
pub async fn mount(server: &mut Server, commands: Commands) {
    let api = Api(CommandApi(commands));
    server.add(AccountServiceServer::new(api.clone())).await;
    server.add(OrderServiceServer::new(api.clone())).await;
    server.add(PriceListServiceServer::new(api.clone())).await;
    server.add(ProductServiceServer::new(api.clone())).await;
    server.add(PromotionServiceServer::new(api)).await;
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
impl PriceListService for Api {
    async fn create_price_list(
        &self,
        r: Request<api::CreatePriceListRequest>,
    ) -> Reply<api::CreatePriceListResponse> {
        self.0.run(r).await
    }

    async fn set_base_prices(
        &self,
        r: Request<api::SetBasePricesRequest>,
    ) -> Reply<api::SetBasePricesResponse> {
        self.0.run(r).await
    }

    async fn set_floor_prices(
        &self,
        r: Request<api::SetFloorPricesRequest>,
    ) -> Reply<api::SetFloorPricesResponse> {
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

impl IntoCommand<PriceList> for api::CreatePriceListRequest {
    type Command = Addressed<PriceList>;

    fn into_command(self, _: &Call) -> Result<Addressed<PriceList>, Status> {
        let mut wrong = Violations::default();
        let price_list_id = parse(&mut wrong, "price_list_id", &self.price_list_id);
        let name = name(&mut wrong, "name", &self.name);
        let currency = parse(&mut wrong, "currency_code", &self.currency_code);
        let command = (|| {
            Some(PriceListCommand::Create {
                price_list_id: price_list_id?,
                name: name?,
                currency: currency?,
            })
        })();
        Ok(Addressed { object_id: self.price_list_id, command: wrong.finish(command)? })
    }
}

impl IntoCommand<PriceList> for api::SetBasePricesRequest {
    type Command = Addressed<PriceList>;

    fn into_command(self, _: &Call) -> Result<Addressed<PriceList>, Status> {
        let mut wrong = Violations::default();
        parse::<values::PriceListId>(&mut wrong, "price_list_id", &self.price_list_id);
        let mut prices = BTreeMap::new();
        for (index, price) in self.prices.iter().enumerate() {
            let field = format!("prices[{index}].product_id");
            amount(&mut wrong, field, &price.product_id, price.unit_price_minor, &mut prices);
        }
        let command = PriceListCommand::SetBasePrices { prices };
        Ok(Addressed { object_id: self.price_list_id, command: wrong.finish(Some(command))? })
    }
}

impl IntoCommand<PriceList> for api::SetFloorPricesRequest {
    type Command = Addressed<PriceList>;

    fn into_command(self, _: &Call) -> Result<Addressed<PriceList>, Status> {
        let mut wrong = Violations::default();
        parse::<values::PriceListId>(&mut wrong, "price_list_id", &self.price_list_id);
        let mut floors = BTreeMap::new();
        for (index, floor) in self.floors.iter().enumerate() {
            let field = format!("floors[{index}].product_id");
            amount(&mut wrong, field, &floor.product_id, floor.floor_price_minor, &mut floors);
        }
        let command = PriceListCommand::SetFloorPrices { floors };
        Ok(Addressed { object_id: self.price_list_id, command: wrong.finish(Some(command))? })
    }
}

/// Adds the amount of a product, which stands once.
fn amount(
    wrong: &mut Violations,
    field: String,
    product_id: &str,
    minor: i64,
    amounts: &mut BTreeMap<ProductId, Minor>,
) {
    if let Some(product_id) = parse(wrong, field.clone(), product_id)
        && amounts.insert(product_id, Minor(minor)).is_some()
    {
        let text = Text::new("同一商品只能出现一次", "names a product for the second time");
        wrong.add(field, text);
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

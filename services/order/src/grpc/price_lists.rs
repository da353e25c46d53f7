//! Requests about price lists.

use std::collections::BTreeMap;

use kernel::Text;
use kernel::command::{Addressed, Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::price_list_service_server::PriceListService;
use tonic::{Request, Status};
use values::{Minor, PriceListId, ProductId, Quantity};

use super::audience::{audience, rank, reason, set, window};
use super::{Api, given, name, parse};
use crate::audience::{Audience, Window};
use crate::price_book::{PRICE_BOOK, Placement, PriceBook, PriceBookCommand, PriceBookRefusal};
use crate::price_list::{PriceBreak, PriceList, PriceListCommand, Tariff};

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

    async fn withdraw_prices(
        &self,
        r: Request<api::WithdrawPricesRequest>,
    ) -> Reply<api::WithdrawPricesResponse> {
        self.0.run(r).await
    }

    async fn place_price_list(
        &self,
        r: Request<api::PlacePriceListRequest>,
    ) -> Reply<api::PlacePriceListResponse> {
        self.0.run(r).await
    }

    async fn take_out_price_list(
        &self,
        r: Request<api::TakeOutPriceListRequest>,
    ) -> Reply<api::TakeOutPriceListResponse> {
        self.0.run(r).await
    }

    async fn explain_price(
        &self,
        r: Request<api::ExplainPriceRequest>,
    ) -> Reply<api::ExplainPriceResponse> {
        self.0.ask(r).await
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

    fn into_command(self, call: &Call) -> Result<Addressed<PriceList>, Status> {
        let mut wrong = Violations::default();
        parse::<values::PriceListId>(&mut wrong, "price_list_id", &self.price_list_id);
        let mut prices = BTreeMap::new();
        for (index, price) in self.prices.iter().enumerate() {
            let field = format!("prices[{index}].product_id");
            once(&mut wrong, field, &price.product_id, tariff(price), &mut prices);
        }
        let effective_on = given(&mut wrong, "effective_on", &self.effective_on);
        let today = call.today().into();
        let command = effective_on.map(|effective_on| PriceListCommand::SetBasePrices {
            prices,
            effective_on,
            today,
        });
        Ok(Addressed { object_id: self.price_list_id, command: wrong.finish(command)? })
    }
}

impl IntoCommand<PriceList> for api::SetFloorPricesRequest {
    type Command = Addressed<PriceList>;

    fn into_command(self, call: &Call) -> Result<Addressed<PriceList>, Status> {
        let mut wrong = Violations::default();
        parse::<values::PriceListId>(&mut wrong, "price_list_id", &self.price_list_id);
        let mut floors = BTreeMap::new();
        for (index, floor) in self.floors.iter().enumerate() {
            let field = format!("floors[{index}].product_id");
            let least = Minor(floor.floor_price_minor);
            once(&mut wrong, field, &floor.product_id, least, &mut floors);
        }
        let today = call.today().into();
        let command = PriceListCommand::SetFloorPrices { floors, today };
        Ok(Addressed { object_id: self.price_list_id, command: wrong.finish(Some(command))? })
    }
}

fn tariff(price: &api::BasePrice) -> Tariff {
    let step = |step: &api::PriceBreak| PriceBreak {
        from_quantity: Quantity::of(step.from_quantity),
        unit_price_minor: Minor(step.unit_price_minor),
    };
    let breaks = price.breaks.iter().map(step).collect();
    Tariff { unit_price: Minor(price.unit_price_minor), breaks }
}

/// Adds what is said of a product, which stands once.
fn once<T>(
    wrong: &mut Violations,
    field: String,
    product_id: &str,
    said: T,
    all: &mut BTreeMap<ProductId, T>,
) {
    if let Some(product_id) = parse(wrong, field.clone(), product_id)
        && all.insert(product_id, said).is_some()
    {
        let text = Text::new("同一商品只能出现一次", "names a product for the second time");
        wrong.add(field, text);
    }
}

impl IntoCommand<PriceList> for api::WithdrawPricesRequest {
    type Command = Addressed<PriceList>;

    fn into_command(self, _: &Call) -> Result<Addressed<PriceList>, Status> {
        let mut wrong = Violations::default();
        let products = set(&mut wrong, "product_ids".to_owned(), &self.product_ids);
        let command = products.map(|products| PriceListCommand::WithdrawPrices { products });
        Ok(Addressed { object_id: self.price_list_id, command: wrong.finish(command)? })
    }
}

/// Lets a list count for some buyers: the book remembers what the list is called and its currency.
pub struct PlaceList {
    price_list_id: PriceListId,
    window: Window,
    audience: Audience,
    rank: u16,
}

impl Transaction for PlaceList {
    type Refusal = PriceBookRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<PriceBookRefusal>> {
        let list = work.read::<PriceList>(self.price_list_id.as_str()).await?;
        let PriceList::Created(prices) = &*list else {
            return Err(Rejected::Refused(PriceBookRefusal::PriceListNotFound));
        };
        let placement = Placement {
            price_list_id: self.price_list_id.clone(),
            name: prices.name.clone(),
            currency: prices.currency.clone(),
            window: self.window,
            audience: self.audience.clone(),
            rank: self.rank,
        };
        let place = PriceBookCommand::Place(Box::new(placement));
        work.decide::<PriceBook>(PRICE_BOOK, place).await
    }
}

impl IntoCommand<PriceBook> for api::PlacePriceListRequest {
    type Command = PlaceList;

    fn into_command(self, _: &Call) -> Result<PlaceList, Status> {
        let mut wrong = Violations::default();
        let price_list_id = parse(&mut wrong, "price_list_id", &self.price_list_id);
        let window = window(&mut wrong, "", &self.from, &self.until);
        let audience = audience(&mut wrong, "audience", self.audience.as_ref());
        let rank = rank(&mut wrong, "rank", self.rank);
        let command = (|| {
            let (price_list_id, window) = (price_list_id?, window?);
            Some(PlaceList { price_list_id, window, audience: audience?, rank: rank? })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<PriceBook> for api::TakeOutPriceListRequest {
    type Command = Addressed<PriceBook>;

    fn into_command(self, _: &Call) -> Result<Addressed<PriceBook>, Status> {
        let mut wrong = Violations::default();
        let price_list_id = parse(&mut wrong, "price_list_id", &self.price_list_id);
        let price_list_id = wrong.finish(price_list_id)?;
        let command = PriceBookCommand::TakeOut { price_list_id, reason: reason(&self.reason)? };
        Ok(Addressed { object_id: PRICE_BOOK.to_owned(), command })
    }
}

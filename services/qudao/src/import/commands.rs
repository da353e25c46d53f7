//! Requests with ids that follow from what they say: the same file gives the same requests, and the
//! server answers a request it knows without doing it again.

use chrono::NaiveDate;
use prost::{Message, Name};
use proto::order::v1::{
    BasePrice, ConfirmOrderRequest, CreatePriceListRequest, PublishProductRequest,
    ReceiveOrderRequest, SetBasePricesRequest, ShipOrderRequest, SubmitOrderLine,
    SubmitOrderRequest,
};
use proto::partner::v1::{AddRegionRequest, RegisterDealerRequest};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::mapping::{Mapping, Region};
use super::plan::{Dealer, Order, Plan, Product};

/// The space that our request ids are made in.
const SPACE: Uuid = Uuid::from_u128(0x6a1f_0c3e_5d3b_4c7a_9d52_71c4_8e0b_f2a6);

/// Id of a request about an object of a tenant; `body` is the request with its id left empty.
pub(crate) fn request_id<Q: Message + Name>(tenant: &str, object: &str, body: &Q) -> String {
    let mut name = format!("{tenant}\n{}\n{object}\n", Q::full_name()).into_bytes();
    name.extend(Sha256::digest(body.encode_to_vec()));
    Uuid::new_v5(&SPACE, &name).to_string()
}

/// Makes the requests of one import.
pub(super) struct Requests<'a> {
    pub(super) tenant: String,
    pub(super) mapping: &'a Mapping,
    pub(super) plan: &'a Plan,
}

impl Requests<'_> {
    fn id<Q: Message + Name>(&self, object: &str, body: &Q) -> String {
        request_id(&self.tenant, object, body)
    }

    pub(super) fn region(&self, region: &Region) -> AddRegionRequest {
        let mut request = AddRegionRequest {
            region_id: region.id.clone(),
            name: region.name.clone(),
            parent_id: region.parent.clone(),
            ..Default::default()
        };
        request.request_id = self.id(&region.id, &request);
        request
    }

    pub(super) fn dealer(&self, dealer: &Dealer) -> RegisterDealerRequest {
        let region = self.mapping.regions.get(dealer.region);
        let mut request = RegisterDealerRequest {
            dealer_id: dealer.id.clone(),
            name: dealer.name.clone(),
            region_id: region.map(|region| region.id.clone()).unwrap_or_default(),
            city: dealer.city.clone(),
            ..Default::default()
        };
        request.request_id = self.id(&dealer.id, &request);
        request
    }

    pub(super) fn product(&self, product: &Product) -> PublishProductRequest {
        let mut request = PublishProductRequest {
            product_id: product.id.clone(),
            name: product.name.clone(),
            category_path: product.categories.clone(),
            base_unit: self.mapping.base_unit.clone(),
            ..Default::default()
        };
        request.request_id = self.id(&product.id, &request);
        request
    }

    pub(super) fn price_list(&self) -> CreatePriceListRequest {
        let list = &self.mapping.price_list;
        let mut request = CreatePriceListRequest {
            price_list_id: list.id.clone(),
            name: list.name.clone(),
            currency_code: self.mapping.currency.clone(),
            ..Default::default()
        };
        request.request_id = self.id(&list.id, &request);
        request
    }

    pub(super) fn prices(&self, products: &[&Product]) -> SetBasePricesRequest {
        let list = &self.mapping.price_list.id;
        let prices = products.iter().map(|product| BasePrice {
            product_id: product.id.clone(),
            unit_price_minor: product.unit_price_minor,
            breaks: Vec::new(),
        });
        // Sorted, so that the id does not depend on where in the file a product comes first.
        let mut prices: Vec<BasePrice> = prices.collect();
        prices.sort_by(|one, other| one.product_id.cmp(&other.product_id));
        let mut request =
            SetBasePricesRequest { price_list_id: list.clone(), prices, ..Default::default() };
        request.request_id = self.id(list, &request);
        request
    }

    pub(super) fn submit(&self, order: &Order) -> SubmitOrderRequest {
        let lines = order.lines.iter().map(|&line| SubmitOrderLine {
            product_id: self.plan.product(line).map(|it| it.id.clone()).unwrap_or_default(),
            quantity: line.quantity,
            unit_price_minor: Some(self.plan.price(line)),
        });
        let mut request = SubmitOrderRequest {
            order_id: order.id.clone(),
            dealer_id: self.plan.dealer_of(order).map(|it| it.id.clone()).unwrap_or_default(),
            lines: lines.collect(),
            business_date: day(order.date),
            ..Default::default()
        };
        request.request_id = self.id(&order.id, &request);
        request
    }

    pub(super) fn confirm(&self, order: &Order) -> ConfirmOrderRequest {
        let mut request = ConfirmOrderRequest { order_id: order.id.clone(), ..Default::default() };
        request.request_id = self.id(&order.id, &request);
        request
    }

    pub(super) fn ship(&self, order: &Order) -> ShipOrderRequest {
        let mut request = ShipOrderRequest { order_id: order.id.clone(), ..Default::default() };
        request.request_id = self.id(&order.id, &request);
        request
    }

    pub(super) fn receive(&self, order: &Order) -> ReceiveOrderRequest {
        let mut request = ReceiveOrderRequest { order_id: order.id.clone(), ..Default::default() };
        request.request_id = self.id(&order.id, &request);
        request
    }
}

fn day(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

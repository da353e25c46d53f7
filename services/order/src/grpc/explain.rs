//! What a dealer pays for a product, and why.

use kernel::command::{Question, Rejected, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoQuestion};
use proto::order::v1 as api;
use tonic::Status;
use values::{BusinessDate, DealerId, Minor, PriceListId, ProductId, Quantity, RegionId, Sight};

use super::orders::sight;
use super::parse;
use super::pricing::{Known, known};
use super::quotes::on_date;
use crate::assortment::{ASSORTMENT, Assortment, NotVisible};
use crate::audience::{Buyer, NotFor};
use crate::order::OrderRefusal;
use crate::order::pricing::Orderer;
use crate::price_book::{ListRefused, PRICE_BOOK, PriceBook};
use crate::price_list::chain::Chain;
use crate::price_list::{PriceBreak, PriceList};
use crate::product::Product;

/// What a dealer pays for a product.
pub struct ExplainPrice {
    dealer_id: DealerId,
    product_id: ProductId,
    quantity: Quantity,
    on: BusinessDate,
    sight: Sight,
    today: BusinessDate,
}

impl IntoQuestion<PriceList> for api::ExplainPriceRequest {
    type Question = ExplainPrice;

    fn into_question(self, call: &Call) -> Result<ExplainPrice, Status> {
        let mut wrong = Violations::default();
        let dealer_id = parse(&mut wrong, "dealer_id", &self.dealer_id);
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let today = BusinessDate::from(call.today());
        let on = on_date(&mut wrong, &self.on_date, call, today);
        let sight = sight(&mut wrong, call);
        let question = (|| {
            Some(ExplainPrice {
                dealer_id: dealer_id?,
                product_id: product_id?,
                quantity: Quantity::of(self.quantity),
                on: on?,
                sight: sight?,
                today,
            })
        })();
        wrong.finish(question)
    }
}

/// A price with its reasons.
pub struct Explained {
    buyer: Buyer,
    regions: Vec<RegionId>,
    visible: Visible,
    price: Option<Priced>,
    tried: Vec<Tried>,
}

/// Whether the buyer sees the product.
enum Visible {
    Yes,
    NotPublished,
    No(api::Visibility, String),
}

struct Priced {
    price_list_id: PriceListId,
    unit_price: Minor,
    currency: String,
    next: Option<PriceBreak>,
}

struct Tried {
    price_list_id: PriceListId,
    name: String,
    verdict: api::PriceListVerdict,
    unit_price: Option<Minor>,
}

impl Question for ExplainPrice {
    type Answer = Explained;
    type Refusal = OrderRefusal;

    async fn look(&self, work: &mut Work<'_>) -> Result<Explained, Rejected<OrderRefusal>> {
        let Known { account, territory } =
            known(work, &self.dealer_id, &self.sight, self.today).await?;
        let orderer = Orderer::of(&self.dealer_id, self.on, &account, &territory);
        let Orderer { buyer, region_path, .. } = orderer.map_err(Rejected::Refused)?;
        let visible = self.visible(work, &buyer).await?;
        let all = !matches!(self.sight, Sight::Dealer(_));
        if !all && !matches!(visible, Visible::Yes) {
            let product_id = self.product_id.clone();
            return Err(Rejected::Refused(OrderRefusal::ProductNotOrderable {
                line_no: 1,
                product_id,
            }));
        }
        let (price, tried) = self.lists(work, &buyer, all).await?;
        let regions = region_path.ids().cloned().collect();
        Ok(Explained { buyer, regions, visible, price, tried })
    }
}

impl ExplainPrice {
    async fn visible(
        &self,
        work: &mut Work<'_>,
        buyer: &Buyer,
    ) -> Result<Visible, Rejected<OrderRefusal>> {
        let product = work.read::<Product>(self.product_id.as_str()).await?;
        let Some(sku) = product.orderable() else { return Ok(Visible::NotPublished) };
        let assortment = work.read::<Assortment>(ASSORTMENT).await?;
        let range = assortment.range(buyer, self.on);
        Ok(match range.shows(&self.product_id, &sku.category_path) {
            Ok(()) => Visible::Yes,
            Err(NotVisible::Hidden(rule)) => {
                Visible::No(api::Visibility::Hidden, rule.rule_id.to_string())
            }
            Err(NotVisible::ForOthers(rule)) => {
                Visible::No(api::Visibility::ForOthers, rule.rule_id.to_string())
            }
            Err(NotVisible::OutsideLimits) => {
                Visible::No(api::Visibility::OutsideLimits, String::new())
            }
        })
    }

    /// The price, and every list in the order in which they are looked at; those that do not count
    /// for the buyer only where `all` are asked for.
    async fn lists(
        &self,
        work: &mut Work<'_>,
        buyer: &Buyer,
        all: bool,
    ) -> Result<(Option<Priced>, Vec<Tried>), Rejected<OrderRefusal>> {
        let book = work.read::<PriceBook>(PRICE_BOOK).await?;
        let base = PriceListId::base();
        let mut looked: Vec<(PriceListId, Result<(), ListRefused>)> = book
            .trace(buyer, self.on)
            .into_iter()
            .filter(|(_, counts)| all || counts.is_ok())
            .map(|(placed, counts)| (placed.price_list_id.clone(), counts))
            .collect();
        looked.push((base, Ok(())));
        let mut lists = Vec::new();
        for (id, counts) in looked {
            lists.push((work.read::<PriceList>(id.as_str()).await?, counts));
        }
        let counting = lists.iter().filter(|(_, counts)| counts.is_ok());
        let chain = Chain::of(counting.map(|(list, _)| list.clone()));
        let found = chain.find(&self.product_id, self.on);
        let price = found.map(|found| Priced {
            price_list_id: found.list.price_list_id.clone(),
            unit_price: found.tariff.of(self.quantity),
            currency: found.list.currency.to_string(),
            next: found.tariff.next(self.quantity),
        });
        let used = price.as_ref().map(|price| &price.price_list_id);
        let tried =
            lists.iter().filter_map(|(list, counts)| self.tried(list, *counts, &chain, used));
        let tried = tried.collect();
        Ok((price, tried))
    }

    fn tried(
        &self,
        list: &PriceList,
        counts: Result<(), ListRefused>,
        chain: &Chain,
        used: Option<&PriceListId>,
    ) -> Option<Tried> {
        use api::PriceListVerdict as Told;
        let PriceList::Created(prices) = list else { return None };
        let tariff = prices.tariff(&self.product_id, self.on);
        let verdict = match counts {
            Err(ListRefused::Day) => Told::Day,
            Err(ListRefused::NotFor(NotFor::Dealer)) => Told::Dealer,
            Err(ListRefused::NotFor(NotFor::Region)) => Told::Region,
            Err(ListRefused::NotFor(NotFor::Level)) => Told::Level,
            Err(ListRefused::NotFor(NotFor::Channel)) => Told::Channel,
            Ok(()) if chain.currency() != Some(&prices.currency) => Told::OtherCurrency,
            Ok(()) if used == Some(&prices.price_list_id) => Told::Used,
            Ok(()) if tariff.is_none() => Told::NoPrice,
            Ok(()) => Told::Later,
        };
        Some(Tried {
            price_list_id: prices.price_list_id.clone(),
            name: prices.name.clone(),
            verdict,
            unit_price: tariff.map(|tariff| tariff.of(self.quantity)),
        })
    }
}

impl From<Explained> for api::ExplainPriceResponse {
    fn from(Explained { buyer, regions, visible, price, tried }: Explained) -> Self {
        let mut told = Self {
            level_id: buyer.class.level_id.map(|id| id.to_string()).unwrap_or_default(),
            channel_id: buyer.class.channel_id.map(|id| id.to_string()).unwrap_or_default(),
            region_ids: regions.iter().map(ToString::to_string).collect(),
            price_lists: tried.into_iter().map(Into::into).collect(),
            ..Self::default()
        };
        let visibility = match visible {
            Visible::Yes => api::Visibility::Visible,
            Visible::NotPublished => api::Visibility::NotPublished,
            Visible::No(visibility, rule_id) => {
                told.rule_id = rule_id;
                visibility
            }
        };
        told.set_visibility(visibility);
        if let Some(price) = price {
            told.unit_price_minor = Some(price.unit_price.0);
            told.currency_code = price.currency;
            told.price_list_id = price.price_list_id.to_string();
            told.next_break = price.next.map(told_break);
        }
        told
    }
}

impl From<Tried> for api::TriedPriceList {
    fn from(tried: Tried) -> Self {
        Self {
            price_list_id: tried.price_list_id.to_string(),
            name: tried.name,
            verdict: tried.verdict.into(),
            unit_price_minor: tried.unit_price.map(|price| price.0),
        }
    }
}

/// A quantity break, as callers are told it.
pub fn told_break(step: PriceBreak) -> api::PriceBreak {
    api::PriceBreak {
        from_quantity: super::promotions::units(step.from_quantity),
        unit_price_minor: step.unit_price_minor.0,
    }
}

//! What the brand does for all: prices, promotions, levels, and who looks at orders.

use chrono::{Datelike as _, NaiveDate};
use proto::order::v1 as order;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use world::World;
use world::acts::BrandAct;
use world::dealers::Level;
use world::goods::{Campaign, PriceChange, price_for};

use super::stage::{Stage, ask};
use super::{setup, stock};

/// What all amounts are in.
pub(super) const CURRENCY: &str = "CNY";

/// A price list.
pub(super) struct List {
    pub(super) id: String,
    pub(super) name: String,
}

/// The list of a level, or the one of a month that comes before it.
pub(super) fn tariff(level: Level, from: Option<NaiveDate>) -> List {
    let (id, name) = (level.id(), level.name());
    match from {
        None => List { id: format!("level-{id}"), name: format!("{name}价") },
        Some(from) => List {
            id: format!("level-{id}-{}", from.format("%Y-%m")),
            name: format!("{name}价 {} 月调价", from.month()),
        },
    }
}

pub(super) async fn act(
    stage: &Stage,
    world: &World,
    date: NaiveDate,
    act: &BrandAct,
) -> anyhow::Result<()> {
    match act {
        BrandAct::Review(reviewed) => rules(stage, date, *reviewed).await,
        BrandAct::Count { items, short } => stock::count(stage, world, date, items, *short).await,
        BrandAct::Replenish(items) => stock::replenish(stage, world, date, items).await,
        BrandAct::Prices { from, changes } => prices(stage, *from, changes).await,
        BrandAct::Promote(campaign) => promote(stage, campaign).await,
        BrandAct::EndPromotion { id } => {
            let request = order::EndPromotionRequest {
                promotion_id: id.clone(),
                reason: "活动结束".to_owned(),
                ..Default::default()
            };
            ask!(stage, admin, PromotionServiceClient<_>, end_promotion, id, request).map(drop)
        }
        BrandAct::Classify { dealer, level } => {
            let Some(dealer) = world.dealers.get(*dealer) else { return Ok(()) };
            let about = format!("{}/{date}", dealer.id);
            setup::classify(stage, dealer, *level, &about).await
        }
    }
}

/// Orders are paid here, take what there is in stock, and go to the warehouses by themselves; on some
/// days people look at all of them.
async fn rules(stage: &Stage, date: NaiveDate, reviewed: bool) -> anyhow::Result<()> {
    let rules = order::OrderRules {
        settled_here: true,
        reviewed,
        rebate_share_percent: u32::try_from(world::REBATE_SHARE)?,
        stock_checked: true,
        hands_over: true,
        ..Default::default()
    };
    let request = order::SetOrderRulesRequest { rules: Some(rules), ..Default::default() };
    let about = format!("order-rules/{date}");
    ask!(stage, finance, OrderRulesServiceClient<_>, set_order_rules, &about, request).map(drop)
}

/// Lists of the month, which come before those of the months before. They can count from a day that is
/// over, which a price of the same list can not.
async fn prices(stage: &Stage, from: NaiveDate, changes: &[PriceChange]) -> anyhow::Result<()> {
    for level in Level::ALL {
        let list = tariff(level, Some(from));
        let prices = changes.iter().filter_map(|change| {
            let product = stage.products.get(change.product)?;
            Some((product.clone(), price_for(level, change.price_minor)))
        });
        price_list(stage, &list, prices.collect()).await?;
        place(stage, &list, Some(level), from).await?;
    }
    Ok(())
}

/// Creates a list with its prices.
pub(super) async fn price_list(
    stage: &Stage,
    list: &List,
    prices: Vec<(String, i64)>,
) -> anyhow::Result<()> {
    let request = order::CreatePriceListRequest {
        price_list_id: list.id.clone(),
        name: list.name.clone(),
        currency_code: CURRENCY.to_owned(),
        ..Default::default()
    };
    let id = &list.id;
    ask!(stage, admin, PriceListServiceClient<_>, create_price_list, id, request)?;
    let price = |(product_id, unit_price_minor)| order::BasePrice {
        product_id,
        unit_price_minor,
        breaks: Vec::new(),
    };
    let request = order::SetBasePricesRequest {
        price_list_id: list.id.clone(),
        prices: prices.into_iter().map(price).collect(),
        ..Default::default()
    };
    ask!(stage, admin, PriceListServiceClient<_>, set_base_prices, id, request).map(drop)
}

/// Lets a list count from a day on, before those that count since an earlier one.
pub(super) async fn place(
    stage: &Stage,
    list: &List,
    level: Option<Level>,
    from: NaiveDate,
) -> anyhow::Result<()> {
    let levels = level.iter().map(|level| level.id().to_owned());
    let audience = order::PromotionAudience { level_ids: levels.collect(), ..Default::default() };
    let request = order::PlacePriceListRequest {
        price_list_id: list.id.clone(),
        from: from.to_string(),
        audience: Some(audience),
        rank: 1_000 - from.ordinal().min(1_000),
        ..Default::default()
    };
    ask!(stage, admin, PriceListServiceClient<_>, place_price_list, &list.id, request).map(drop)
}

/// Drafted by one, approved by another.
async fn promote(stage: &Stage, campaign: &Campaign) -> anyhow::Result<()> {
    let tier = |(from, off): (i64, i64)| order::PromotionTier {
        from: from.unsigned_abs(),
        reward: Some(order::promotion_tier::Reward::OffMinor(off)),
    };
    let terms = order::PromotionTerms {
        name: campaign.name.clone(),
        currency_code: CURRENCY.to_owned(),
        from: campaign.from.to_string(),
        group_name: "满减".to_owned(),
        stacking: order::Stacking::Best.into(),
        measure: order::Measure::Amount.into(),
        tiers: campaign.tiers.into_iter().map(tier).collect(),
        ..Default::default()
    };
    let (promotion_id, terms) = (campaign.id.clone(), Some(terms));
    let request = order::DraftPromotionRequest { promotion_id, terms, ..Default::default() };
    let id = &campaign.id;
    ask!(stage, director, PromotionServiceClient<_>, draft_promotion, id, request)?;
    let promotion_id = campaign.id.clone();
    let request = order::ApprovePromotionRequest { promotion_id, ..Default::default() };
    ask!(stage, admin, PromotionServiceClient<_>, approve_promotion, id, request).map(drop)
}

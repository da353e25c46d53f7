//! A brand with many dealers, price lists for some of them, and promotions: what is asked of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::access::v1::Role;
use proto::common::v1::PageRequest;
use proto::order::v1 as api;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use proto::partner::v1::tenant_service_client::TenantServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use super::ours::TENANT;
use super::rpc::{Served, person, says};
use super::settled::settle;
use super::shop::{AT_ONCE, id};
use crate::load::Operation;

/// Dealers, each with a token of its own.
const DEALERS: usize = 128;
const PRODUCTS: usize = 60;
/// Lines of a basket, each of another product.
const LINES: usize = 50;
const PROMOTIONS: usize = 100;
/// How long accounts may take to open.
const OPEN_LIMIT: Duration = Duration::from_secs(120);

type Token = MetadataValue<Ascii>;

/// A brand that is open.
pub struct Mall {
    channel: Channel,
    dealers: Arc<Vec<Token>>,
}

fn dealer(number: usize) -> String {
    format!("dealer-{}", number % DEALERS)
}

fn product(number: usize) -> String {
    format!("tea-{}", number % PRODUCTS)
}

impl Mall {
    /// Opens it by rpcs.
    ///
    /// # Errors
    /// When the server refuses, or accounts do not open.
    pub async fn open(served: &Served, key: &Path) -> anyhow::Result<Self> {
        let channel = served.channel().await?;
        found(served, key, channel.clone()).await?;
        stock(served, channel.clone()).await?;
        price(served, channel.clone()).await?;
        promote(served, key, channel.clone()).await?;
        let token = |number| {
            person(key, &format!("buyer-{number}"), &[Role::DealerStaff], Some(&dealer(number)))
        };
        let dealers = (0..DEALERS).map(token).collect::<anyhow::Result<Vec<_>>>()?;
        let mall = Self { channel, dealers: Arc::new(dealers) };
        mall.wait().await?;
        Ok(mall)
    }

    /// Waits until every dealer may order.
    async fn wait(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + OPEN_LIMIT;
        let mut closed: BTreeSet<usize> = (0..DEALERS).collect();
        while let Some(&number) = closed.first() {
            let mut orders = OrderServiceClient::new(self.channel.clone());
            match orders.quote_order(says(&self.dealers[number], quote_request(number))).await {
                Ok(_) => {
                    closed.remove(&number);
                }
                Err(status) => {
                    anyhow::ensure!(Instant::now() < deadline, "not open yet: {status}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        Ok(())
    }

    /// From now on orders are settled here: goods, credit, hand-over.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn settle(&self, served: &Served) -> anyhow::Result<()> {
        let products = (0..PRODUCTS).map(product).collect();
        let dealers = (0..DEALERS).map(dealer).collect();
        settle(served, self.channel.clone(), (products, dealers)).await
    }

    /// A page of what a dealer sees and pays.
    pub fn browse(&self) -> Operation {
        let (channel, dealers) = (self.channel.clone(), self.dealers.clone());
        Arc::new(move |step| {
            let mut lists = OrderQueryServiceClient::new(channel.clone());
            let page = PageRequest { size: 20, ..Default::default() };
            let asked = api::ListProductsRequest { page: Some(page), ..Default::default() };
            let request = says(&dealers[step.caller % DEALERS], asked);
            Box::pin(async move {
                let answer = lists.list_products(request).await?.into_inner();
                anyhow::ensure!(answer.products.len() == 20, "a page is full");
                Ok(())
            })
        })
    }

    /// What a basket would cost.
    pub fn quote(&self) -> Operation {
        let (channel, dealers) = (self.channel.clone(), self.dealers.clone());
        Arc::new(move |step| {
            let mut orders = OrderServiceClient::new(channel.clone());
            let number = step.caller % DEALERS;
            let request = says(&dealers[number], quote_request(number));
            Box::pin(async move {
                let answer = orders.quote_order(request).await?.into_inner();
                anyhow::ensure!(answer.off_minor > 0, "promotions are given");
                Ok(())
            })
        })
    }

    /// The basket as an order.
    pub fn submit(&self) -> Operation {
        let (channel, dealers) = (self.channel.clone(), self.dealers.clone());
        Arc::new(move |step| {
            let mut orders = OrderServiceClient::new(channel.clone());
            let number = step.caller % DEALERS;
            let request = says(&dealers[number], submit_request(number));
            Box::pin(async move {
                let answer = orders.submit_order(request).await?.into_inner();
                answer.receipt.context("an order that was taken has a receipt")?;
                Ok(())
            })
        })
    }
}

fn quantity(line: usize) -> u32 {
    u32::try_from(1 + line % 24).unwrap_or(1)
}

fn quote_request(number: usize) -> api::QuoteOrderRequest {
    let line = |line| api::QuoteOrderLine { product_id: product(line), quantity: quantity(line) };
    api::QuoteOrderRequest {
        dealer_id: dealer(number),
        lines: (0..LINES).map(line).collect(),
        ..Default::default()
    }
}

fn submit_request(number: usize) -> api::SubmitOrderRequest {
    let line = |line| api::SubmitOrderLine {
        product_id: product(line),
        quantity: quantity(line),
        unit_price_minor: None,
    };
    api::SubmitOrderRequest {
        request_id: id(),
        dealer_id: dealer(number),
        lines: (0..LINES).map(line).collect(),
        ..Default::default()
    }
}

/// The brand, its region, its dealers and what kind they are.
async fn found(served: &Served, key: &Path, channel: Channel) -> anyhow::Result<()> {
    let operator = person(key, "operator", &[Role::Operator], None)?;
    let tenant = partner::FoundTenantRequest {
        request_id: id(),
        tenant_id: TENANT.to_owned(),
        name: "顶好饮料".to_owned(),
        currency_code: "CNY".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        root_region_name: "全国".to_owned(),
        ..Default::default()
    };
    TenantServiceClient::new(channel.clone()).found_tenant(says(&operator, tenant)).await?;
    let region = partner::AddRegionRequest {
        request_id: id(),
        region_id: "east".to_owned(),
        name: "华东".to_owned(),
        parent_id: "root".to_owned(),
        ..Default::default()
    };
    RegionServiceClient::new(channel.clone()).add_region(served.says(region)).await?;
    let level = |level_id: &str| partner::DealerLevel {
        level_id: level_id.to_owned(),
        name: level_id.to_owned(),
    };
    let define = partner::DefineDealerClassesRequest {
        request_id: id(),
        levels: vec![level("gold"), level("silver")],
        ..Default::default()
    };
    let dealers = DealerServiceClient::new(channel);
    dealers.clone().define_dealer_classes(served.says(define)).await?;
    let register = |number| {
        let mut dealers = dealers.clone();
        let register = partner::RegisterDealerRequest {
            request_id: id(),
            dealer_id: dealer(number),
            name: format!("经销商 {number}"),
            region_id: "east".to_owned(),
            city: "苏州".to_owned(),
            ..Default::default()
        };
        let classify = partner::ClassifyDealerRequest {
            request_id: id(),
            dealer_id: dealer(number),
            level_id: if number % 2 == 0 { "gold" } else { "silver" }.to_owned(),
            ..Default::default()
        };
        let (register, classify) = (served.says(register), served.says(classify));
        async move {
            dealers.register_dealer(register).await?;
            dealers.classify_dealer(classify).await
        }
    };
    let registered = stream::iter(0..DEALERS).map(register).buffer_unordered(AT_ONCE);
    registered.try_for_each(|_| async { Ok(()) }).await?;
    Ok(())
}

async fn stock(served: &Served, channel: Channel) -> anyhow::Result<()> {
    let products = ProductServiceClient::new(channel);
    let publish = |number: usize| {
        let mut products = products.clone();
        let publish = api::PublishProductRequest {
            request_id: id(),
            product_id: product(number),
            name: format!("冰红茶 {number} 号"),
            category_path: vec!["茶饮".to_owned(), format!("系列 {}", number % 6)],
            base_unit: "瓶".to_owned(),
            ..Default::default()
        };
        let request = served.says(publish);
        async move { products.publish_product(request).await }
    };
    let published = stream::iter(0..PRODUCTS).map(publish).buffer_unordered(AT_ONCE);
    published.try_for_each(|_| async { Ok(()) }).await?;
    Ok(())
}

/// The base list, and lists for a region, a level and named dealers, each with other prices for a
/// third of the products.
async fn price(served: &Served, channel: Channel) -> anyhow::Result<()> {
    let mut lists = PriceListServiceClient::new(channel);
    let audience = |regions: &[&str], levels: &[&str], dealers: Vec<String>| {
        let texts = |ids: &[&str]| ids.iter().map(ToString::to_string).collect();
        api::PromotionAudience {
            region_ids: texts(regions),
            level_ids: texts(levels),
            dealer_ids: dealers,
            ..Default::default()
        }
    };
    let named = (0..DEALERS / 2).map(dealer).collect();
    let all = [
        ("base", 0..PRODUCTS, None),
        ("region", 0..20, Some(audience(&["east"], &[], Vec::new()))),
        ("level", 20..40, Some(audience(&[], &["gold"], Vec::new()))),
        ("own", 40..60, Some(audience(&[], &[], named))),
    ];
    for (discount, (list, products, audience)) in (0..).zip(all) {
        let create = api::CreatePriceListRequest {
            request_id: id(),
            price_list_id: list.to_owned(),
            name: list.to_owned(),
            currency_code: "CNY".to_owned(),
            ..Default::default()
        };
        lists.create_price_list(served.says(create)).await?;
        let price = |number| api::BasePrice {
            product_id: product(number),
            unit_price_minor: 350 - 10 * discount,
            breaks: vec![api::PriceBreak { from_quantity: 24, unit_price_minor: 300 }],
        };
        let set = api::SetBasePricesRequest {
            request_id: id(),
            price_list_id: list.to_owned(),
            prices: products.map(price).collect(),
            ..Default::default()
        };
        lists.set_base_prices(served.says(set)).await?;
        if audience.is_some() {
            let place = api::PlacePriceListRequest {
                request_id: id(),
                price_list_id: list.to_owned(),
                from: "2026-01-01".to_owned(),
                audience,
                ..Default::default()
            };
            lists.place_price_list(served.says(place)).await?;
        }
    }
    Ok(())
}

/// Promotions of a series or of everything, in groups of ten of which the best one is given, some
/// of them for a level.
async fn promote(served: &Served, key: &Path, channel: Channel) -> anyhow::Result<()> {
    let director = person(key, "li.lei", &[Role::SalesDirector], None)?;
    let promotions = PromotionServiceClient::new(channel);
    let promote = |number: usize| {
        let mut promotions = promotions.clone();
        let promotion_id = format!("promotion-{number}");
        let draft = api::DraftPromotionRequest {
            request_id: id(),
            promotion_id: promotion_id.clone(),
            terms: Some(terms(number)),
            ..Default::default()
        };
        let request_id = id();
        let approve =
            api::ApprovePromotionRequest { request_id, promotion_id, ..Default::default() };
        let (draft, approve) = (served.says(draft), says(&director, approve));
        async move {
            promotions.draft_promotion(draft).await?;
            promotions.approve_promotion(approve).await
        }
    };
    // One after the other: all change one book.
    stream::iter(0..PROMOTIONS).then(promote).try_for_each(|_| async { Ok(()) }).await?;
    Ok(())
}

fn terms(number: usize) -> api::PromotionTerms {
    use api::promotion_tier::Reward;
    let small = u32::try_from(number).unwrap_or(0);
    let (measure, from, reward) = match number % 3 {
        0 => (api::Measure::Quantity, 1, Reward::PercentBasisPoints(100 + small)),
        1 => (api::Measure::Amount, 10_000, Reward::OffMinor(100 + i64::from(small))),
        _ => (api::Measure::Quantity, 24, Reward::OffMinor(50 + i64::from(small))),
    };
    let series =
        api::Category { path: vec!["茶饮".to_owned(), format!("系列 {}", number % 6)] };
    let categories = if number.is_multiple_of(4) { Vec::new() } else { vec![series] };
    let level_ids = if number.is_multiple_of(5) { vec!["gold".to_owned()] } else { Vec::new() };
    api::PromotionTerms {
        name: format!("促销 {number}"),
        currency_code: "CNY".to_owned(),
        from: "2026-01-01".to_owned(),
        audience: Some(api::PromotionAudience { level_ids, ..Default::default() }),
        scope: Some(api::PromotionScope { categories, ..Default::default() }),
        group_rank: small / 10,
        group_name: format!("组 {}", number / 10),
        stacking: api::Stacking::Best.into(),
        rank: small % 10,
        measure: measure.into(),
        tiers: vec![api::PromotionTier { from, reward: Some(reward) }],
        ..Default::default()
    }
}

//! Who sees and orders what: hidden products stay hidden, whichever way somebody asks.

use std::collections::BTreeMap;
use std::time::Duration;

use proto::access::v1::Role;
use proto::common::v1::PageRequest;
use proto::order::v1 as order;
use proto::order::v1::assortment_service_client::AssortmentServiceClient;
use proto::order::v1::catalogue_query_service_client::CatalogueQueryServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use tonic::{Code, Status};

use cluster_tests::support::promotions::{approve, tenth_off};
use cluster_tests::support::shop::{
    self, PRICE, dealer, open_account, price_list, product, quote_of, reason, region, set_prices,
};
use cluster_tests::support::system::{Launch, System, User, id};

/// Dealers and products that are looked at in pairs.
const DEALERS: usize = 26;
const PRODUCTS: usize = 40;

async fn set(
    admin: &User,
    rule_id: &str,
    effect: order::AssortmentEffect,
    audience: order::PromotionAudience,
    scope: order::PromotionScope,
) -> u64 {
    let terms = order::AssortmentTerms {
        name: format!("规则 {rule_id}"),
        effect: effect.into(),
        from: "2026-01-01".to_owned(),
        audience: Some(audience),
        scope: Some(scope),
        ..Default::default()
    };
    let set = order::SetAssortmentRuleRequest {
        request_id: id(),
        rule_id: rule_id.to_owned(),
        terms: Some(terms),
        ..Default::default()
    };
    let mut rules = AssortmentServiceClient::new(admin.channel.clone());
    let set = rules.set_assortment_rule(admin.says(set)).await.unwrap().into_inner();
    set.receipt.unwrap().position
}

fn in_region(region: &str) -> order::PromotionAudience {
    order::PromotionAudience { region_ids: vec![region.to_owned()], ..Default::default() }
}

fn dealers(names: &[&str]) -> order::PromotionAudience {
    let dealer_ids = names.iter().map(ToString::to_string).collect();
    order::PromotionAudience { dealer_ids, ..Default::default() }
}

fn products(names: impl IntoIterator<Item = String>) -> order::PromotionScope {
    order::PromotionScope { product_ids: names.into_iter().collect(), ..Default::default() }
}

fn category(name: &str) -> order::PromotionScope {
    let categories = vec![order::Category { path: vec![name.to_owned()] }];
    order::PromotionScope { categories, ..Default::default() }
}

/// What a dealer's people see in the list, and at which price.
async fn listed(user: &User, dealer: &str, min_position: u64) -> BTreeMap<String, i64> {
    let asked = order::ListProductsRequest {
        page: Some(PageRequest { size: 100, ..Default::default() }),
        dealer_id: dealer.to_owned(),
        min_position,
        ..Default::default()
    };
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let answer = lists.list_products(user.says(asked)).await.unwrap().into_inner();
    assert_eq!(answer.page.unwrap().total, answer.products.len() as u64);
    let price = |product: &order::Product| product.unit_price_minor.unwrap();
    answer.products.into_iter().map(|it| (it.product_id.clone(), price(&it))).collect()
}

async fn explain(user: &User, dealer: &str, product_id: &str) -> Result<(), Status> {
    let asked = order::ExplainPriceRequest {
        dealer_id: dealer.to_owned(),
        product_id: product_id.to_owned(),
        quantity: 1,
        ..Default::default()
    };
    let mut lists = PriceListServiceClient::new(user.channel.clone());
    lists.explain_price(user.says(asked)).await.map(drop)
}

async fn submit(user: &User, dealer: &str, product_id: &str) -> Result<(), Status> {
    let line = order::SubmitOrderLine {
        product_id: product_id.to_owned(),
        quantity: 1,
        unit_price_minor: None,
    };
    let asked = order::SubmitOrderRequest {
        request_id: id(),
        dealer_id: dealer.to_owned(),
        lines: vec![line],
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    orders.submit_order(user.says(asked)).await.map(drop)
}

/// Whether an answer says that the product can be ordered, in words that tell nothing else.
fn is_sold(answer: Result<(), Status>) -> bool {
    match answer {
        Ok(()) => true,
        Err(no) => {
            assert_eq!(
                (no.code(), reason(&no).as_str()),
                (Code::FailedPrecondition, "PRODUCT_NOT_ORDERABLE")
            );
            false
        }
    }
}

/// The rules once more, as plain conditions.
fn should_see(dealer: usize, product: usize) -> bool {
    let (is_west, category) = (dealer % 2 == 1, product % 4);
    let hidden = (is_west && category == 0) || dealer == 3;
    let limited = dealer == 5 || dealer == 8;
    let within = product < 10 || (dealer == 8 && category == 2);
    let exclusive = product % 10 == 7;
    let ours = (is_west && product < 20) || dealer == 2;
    // A series but for one of it, for a level.
    let silver = dealer.is_multiple_of(3) && product % 8 == 6 && product != 14;
    !hidden && !silver && (!limited || within) && (!exclusive || ours)
}

/// What a product costs a dealer: the golden ones pay less for the first half.
fn should_pay(dealer: usize, product: usize) -> i64 {
    if dealer % 3 == 1 && product < PRODUCTS / 2 { PRICE - 10 } else { PRICE }
}

fn level(dealer: usize) -> &'static str {
    ["silver", "gold", ""][dealer % 3]
}

async fn rules(admin: &User) -> u64 {
    use order::AssortmentEffect::{Exclusive, Hide, Limit};
    let named = |pick: &dyn Fn(usize) -> bool| {
        products((0..PRODUCTS).filter(|n| pick(*n)).map(|n| format!("p{n}")))
    };
    set(admin, "west-no-tea", Hide, in_region("west"), category("类 0")).await;
    set(admin, "d3-nothing", Hide, dealers(&["d3"]), order::PromotionScope::default()).await;
    set(admin, "some", Limit, dealers(&["d5", "d8"]), named(&|n| n < 10)).await;
    set(admin, "d8-more", Limit, dealers(&["d8"]), category("类 2")).await;
    set(admin, "west-own", Exclusive, in_region("west"), named(&|n| n % 10 == 7 && n < 20)).await;
    let silver =
        order::PromotionAudience { level_ids: vec!["silver".to_owned()], ..Default::default() };
    let series = order::PromotionScope {
        categories: vec![order::Category { path: vec!["类 2".to_owned(), "系列 6".to_owned()] }],
        except_product_ids: vec!["p14".to_owned()],
        ..Default::default()
    };
    set(admin, "silver-not", Hide, silver, series).await;
    over(admin).await;
    set(admin, "d2-own", Exclusive, dealers(&["d2"]), named(&|n| n % 10 == 7)).await
}

/// A rule of days that are over hides nothing.
async fn over(admin: &User) {
    let terms = order::AssortmentTerms {
        name: "去年".to_owned(),
        effect: order::AssortmentEffect::Hide.into(),
        from: "2025-01-01".to_owned(),
        until: "2025-12-31".to_owned(),
        scope: Some(category("类 1")),
        ..Default::default()
    };
    let set = order::SetAssortmentRuleRequest {
        request_id: id(),
        rule_id: "last-year".to_owned(),
        terms: Some(terms),
        ..Default::default()
    };
    let mut rules = AssortmentServiceClient::new(admin.channel.clone());
    rules.set_assortment_rule(admin.says(set)).await.unwrap();
}

/// Levels of all dealers, and a list for one of them.
async fn levels(admin: &User) {
    let mut partners = DealerServiceClient::new(admin.channel.clone());
    let named = |level_id: &str| partner::DealerLevel {
        level_id: level_id.to_owned(),
        name: level_id.to_owned(),
    };
    let define = partner::DefineDealerClassesRequest {
        request_id: id(),
        levels: vec![named("gold"), named("silver")],
        ..Default::default()
    };
    partners.define_dealer_classes(admin.says(define)).await.unwrap();
    for dealer in 0..DEALERS {
        let classify = partner::ClassifyDealerRequest {
            request_id: id(),
            dealer_id: format!("d{dealer}"),
            level_id: level(dealer).to_owned(),
            ..Default::default()
        };
        partners.classify_dealer(admin.says(classify)).await.unwrap();
    }
    let ids: Vec<String> = (0..PRODUCTS / 2).map(|n| format!("p{n}")).collect();
    let prices: Vec<_> = ids.iter().map(|id| (id.as_str(), PRICE - 10)).collect();
    price_list(admin, "gold", "金牌价", &prices).await;
    let audience =
        order::PromotionAudience { level_ids: vec!["gold".to_owned()], ..Default::default() };
    let place = order::PlacePriceListRequest {
        request_id: id(),
        price_list_id: "gold".to_owned(),
        from: "2026-01-01".to_owned(),
        audience: Some(audience),
        ..Default::default()
    };
    let mut lists = PriceListServiceClient::new(admin.channel.clone());
    lists.place_price_list(admin.says(place)).await.unwrap();
}

/// Waits until the level of the last dealer that has one is known to orders and to lists.
async fn levels_are_known(admin: &User) {
    let dealer = (0..DEALERS).rev().find(|dealer| level(*dealer) == "gold").unwrap();
    for _ in 0..300 {
        let listed = listed(admin, &format!("d{dealer}"), 0).await;
        let paid = quote_of(admin, &format!("d{dealer}"), "p1", 1).await.unwrap().net_minor;
        if listed.get("p1") == Some(&(PRICE - 10)) && paid == PRICE - 10 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("levels never got there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_stays_hidden_over_every_rpc() {
    // It asks as fast as it can, which people do not.
    let environment = ["QUDAO_CALLS_OF_PERSON", "QUDAO_CALLS_OF_TENANT"].map(|it| (it, "0".into()));
    let environment = environment.to_vec();
    let system = System::start_as(Launch { environment, ..Launch::default() }).await;
    let admin = shop::open(&system).await;
    region(&admin, "west", "华西").await;
    for n in 0..PRODUCTS {
        let category = [format!("类 {}", n % 4), format!("系列 {}", n % 8)];
        product(
            &admin,
            &format!("p{n}"),
            &format!("商品 {n}"),
            &category.each_ref().map(String::as_str),
        )
        .await;
    }
    let ids: Vec<String> = (0..PRODUCTS).map(|n| format!("p{n}")).collect();
    let prices: Vec<(&str, i64)> = ids.iter().map(|id| (id.as_str(), PRICE)).collect();
    set_prices(&admin, "base", &prices).await;
    for n in 0..DEALERS {
        dealer(&admin, &format!("d{n}"), if n % 2 == 1 { "west" } else { "east" }).await;
    }
    for n in 0..DEALERS {
        open_account(&admin, &format!("d{n}")).await;
    }
    levels(&admin).await;
    levels_are_known(&admin).await;
    let position = rules(&admin).await;
    let (mut pairs, mut seen) = (0, BTreeMap::from([(true, 0), (false, 0)]));
    for dealer in 0..DEALERS {
        let name = format!("d{dealer}");
        let own = system.user("acme", &[Role::DealerStaff], Some(&name));
        let list = listed(&own, "", position).await;
        assert_eq!(listed(&admin, &name, position).await, list, "what the brand previews");
        for product in 0..PRODUCTS {
            let product_id = format!("p{product}");
            let expected = should_see(dealer, product);
            let pays = expected.then(|| should_pay(dealer, product));
            assert_eq!(list.get(&product_id).copied(), pays, "list: {name} {product_id}");
            let quoted = quote_of(&own, &name, &product_id, 1).await;
            let paid = quoted.as_ref().ok().map(|quote| quote.net_minor);
            assert_eq!(is_sold(quoted.map(drop)), expected, "quote: {name} {product_id}");
            assert_eq!(paid, pays, "price: {name} {product_id}");
            let told = explain(&own, &name, &product_id).await;
            assert_eq!(is_sold(told), expected, "explain: {name} {product_id}");
            // The brand can not order it for the dealer either.
            for user in [&own, &admin] {
                let ordered = submit(user, &name, &product_id).await;
                assert_eq!(is_sold(ordered), expected, "order: {name} {product_id}");
            }
            pairs += 1;
            *seen.entry(expected).or_default() += 1;
        }
    }
    println!("{pairs} pairs over 5 ways, {seen:?}");
    assert!(pairs >= 1_000 && seen.values().all(|&n| n >= 100), "{pairs} {seen:?}");
}

#[tokio::test]
async fn a_rule_is_listed_and_removed_and_counts_at_once() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    let position =
        set(&admin, "no-tea", order::AssortmentEffect::Hide, in_region("east"), category("茶饮"))
            .await;
    assert!(!is_sold(quote_of(&admin, "hengtong", "tea-500", 1).await.map(drop)));
    let own = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    assert!(listed(&own, "", position).await.is_empty());
    assert_eq!(listed(&admin, "", position).await.len(), 1, "the brand sees its products");
    let mut lists = CatalogueQueryServiceClient::new(admin.channel.clone());
    let asked = order::ListAssortmentRulesRequest { min_position: position, ..Default::default() };
    let rules = lists.list_assortment_rules(admin.says(asked)).await.unwrap().into_inner().rules;
    let terms = rules[0].terms.as_ref().unwrap();
    assert_eq!(
        (rules[0].rule_id.as_str(), terms.effect()),
        ("no-tea", order::AssortmentEffect::Hide)
    );
    assert_eq!(terms.scope, Some(category("茶饮")));
    let remove = order::RemoveAssortmentRuleRequest {
        request_id: id(),
        rule_id: "no-tea".to_owned(),
        reason: "全面上市".to_owned(),
        ..Default::default()
    };
    let mut service = AssortmentServiceClient::new(admin.channel.clone());
    let removed = service.remove_assortment_rule(admin.says(remove)).await.unwrap().into_inner();
    assert!(is_sold(quote_of(&admin, "hengtong", "tea-500", 1).await.map(drop)));
    assert_eq!(listed(&own, "", removed.receipt.unwrap().position).await.len(), 1);
}

/// A bundle of which the dealer does not see a part is not told of, and neither is a hidden gift.
#[tokio::test]
async fn promotions_tell_of_nothing_that_is_hidden() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    open_account(&admin, "hengtong").await;
    product(&admin, "secret", "新品", &["新品"]).await;
    set_prices(&admin, "base", &[("secret", PRICE)]).await;
    let part = |product_id: &str| order::SetPart { product_id: product_id.to_owned(), quantity: 1 };
    let mut bundle = tenth_off("bundle", "茶配新品");
    let terms = bundle.terms.as_mut().unwrap();
    (terms.measure, terms.parts) =
        (order::Measure::Sets.into(), vec![part("tea-500"), part("secret")]);
    let gift = |product_id: &str, instead: &[&str]| order::Gift {
        product_id: product_id.to_owned(),
        quantity: 1,
        instead_product_ids: instead.iter().map(ToString::to_string).collect(),
    };
    let mut bonus = tenth_off("bonus", "送新品");
    let gifts = vec![gift("secret", &["tea-500"])];
    bonus.terms.as_mut().unwrap().tiers[0].reward =
        Some(order::promotion_tier::Reward::Gifts(order::Gifts { gifts }));
    let mut promotions = PromotionServiceClient::new(admin.channel.clone());
    for draft in [bundle, bonus] {
        let promotion_id = draft.promotion_id.clone();
        promotions.draft_promotion(admin.says(draft)).await.unwrap();
        approve(&director, &promotion_id).await.unwrap();
    }
    let own = system.user("acme", &[Role::DealerStaff], Some("hengtong"));
    let told = quote_of(&own, "hengtong", "tea-500", 1).await.unwrap();
    assert_eq!((told.promotions.len(), told.gifts[0].product_id.as_str()), (2, "secret"));

    let all = order::PromotionAudience::default();
    let scope = products(["secret".to_owned()]);
    set(&admin, "not-yet", order::AssortmentEffect::Hide, all, scope).await;
    let told = quote_of(&own, "hengtong", "tea-500", 1).await.unwrap();
    assert!(!format!("{told:?}").contains("secret"), "{told:?}");
    assert_eq!(told.promotions.len(), 1, "the bundle is none for them");
    assert_eq!(told.gifts[0].product_id, "tea-500", "what replaces it is given");
    let brand = quote_of(&admin, "hengtong", "tea-500", 1).await.unwrap();
    let bundle = brand.promotions.iter().find(|it| it.promotion_id == "bundle").unwrap();
    assert_eq!(bundle.missing_parts[0].product_id, "secret", "the brand is told why");
}

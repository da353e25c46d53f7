//! Folding a log again, in other ways and surroundings: it must not matter.

use std::collections::BTreeMap;
use std::process::Stdio;

use kernel::Decider;
use kernel::command::{Addressed, Commands, Transaction};
use kernel::log::{Log, NewEvent};
use kernel::projection::fold::{Feed, fold};
use kernel::projection::{Summary, summary};
use local::TestServers;
use order::account::Account;
use order::after_sale::AfterSale;
use order::bank_line::BankLine;
use order::bank_reference::BankReference;
use order::barcode::Barcode;
use order::cart::Cart;
use order::credit::CreditAccount;
use order::order::{Arrival, Order, OrderCommand};
use order::payment::OnlinePayment;
use order::price_list::{PriceList, PriceListCommand};
use order::product::{Product, ProductCommand};
use order::promotion::{Promotion, PromotionCommand};
use order::provider_bill::ProviderBill;
use order::rebate::{RebatePlan, RebatePlanCommand, RebateSettlement};
use order::remittance::Remittance;
use order::shipment::Shipment;
use order::statement::{Statement, StatementChain};
use order::stock::StockItem;
use order::wallet::Wallet;
use partner::dealer::Dealer;
use partner::region_tree::{RegionCommand, RegionTree};
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::child;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::counter::context;
use crate::support::tally::append_stored;

/// Replays of the real contexts.
pub(super) static F22: Row = Row {
    id: "F22",
    fault: "all read models of both contexts are folded again: in bulk and one by one, on 1 and 8 \
            threads, under another locale and time zone; all states are read from snapshots and \
            from the start",
    passes: "the rows of all tables have the same checksums, and each state is the same",
    control: "the row changes one character of an event and one of a snapshot, which must both show",
    tier: Tier::Commit,
    run: chaos_run!(again),
};

async fn again(run: Run) -> Outcome {
    let servers = TestServers::start().await.unwrap();
    let url = servers.postgres_url();
    let mut choices = run.choices();
    let rounds = run.size(120, 500, 1_500);
    let order = Log::open(&url, order::CONTEXT.name).await.unwrap();
    let partner = Log::open(&url, partner::CONTEXT.name).await.unwrap();
    let collab = Log::open(&url, collab::CONTEXT.name).await.unwrap();
    orders(&order, &mut choices, rounds).await;
    partners(&partner, &mut choices, rounds).await;
    files(&collab, rounds).await;
    let mut events = 0;
    for log in [&order, &partner, &collab] {
        events += log.head().await.unwrap();
    }

    let ways = [
        ("first", "8", "one-by-one", "tr_TR.UTF-8", "Asia/Kathmandu"),
        ("second", "1", "bulk", "zh_CN.GB18030", "America/St_Johns"),
        ("third", "8", "bulk", "C", "Pacific/Chatham"),
    ];
    let folding = ways.map(|(schema, threads, feed, locale, zone)| {
        let mut told = child::told(&["fold", &url, schema, threads, feed]);
        told.env("LANG", locale).env("LC_ALL", locale).env("TZ", zone).stdout(Stdio::null());
        told.spawn().unwrap()
    });
    fold_all(&url, "here", Feed::Bulk).await;
    let here = sums(&order, "here").await;
    for (mut folding, (schema, ..)) in folding.into_iter().zip(ways) {
        assert!(folding.wait().await.unwrap().success(), "the process of {schema} failed");
        assert_eq!(sums(&order, schema).await, here, "{schema}");
    }
    let rows: u64 = here.values().map(|table| table.rows).sum();
    assert!(here.values().all(|table| table.rows > 0), "an empty table shows nothing: {here:?}");

    let (states, from_snapshots) = states(&order, &partner).await.expect("no state differs");
    assert!(from_snapshots >= 3, "only {from_snapshots} states are from snapshots");
    control(&url, &order, &partner, &here).await;
    Outcome::passed()
        .figure("events", events)
        .figure("times folded", ways.len() + 1)
        .figure("tables", here.len())
        .figure("rows", rows)
        .figure("states the same", states)
        .figure("of them from snapshots", from_snapshots)
}

/// What a process of another kind does.
pub(super) async fn fold_as_told(postgres: &str, schema: &str, threads: &str, feed: &str) {
    let feed = if feed == "bulk" { Feed::Bulk } else { Feed::OneByOne };
    let threads = threads.parse().unwrap();
    let (postgres, schema) = (postgres.to_owned(), schema.to_owned());
    let folding = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(fold_all(&postgres, &schema, feed));
    });
    tokio::task::spawn_blocking(move || folding.join()).await.unwrap().unwrap();
}

/// Folds every read model into a schema.
async fn fold_all(postgres: &str, schema: &str, feed: Feed) {
    let pool = kernel::log::connect(postgres, schema, 8).await.unwrap();
    let order = Log::open(postgres, order::CONTEXT.name).await.unwrap();
    let partner = Log::open(postgres, partner::CONTEXT.name).await.unwrap();
    let collab = Log::open(postgres, collab::CONTEXT.name).await.unwrap();
    let logs = [&order, &partner, &collab];
    for model in projector::read_models() {
        let log = logs.into_iter().find(|log| log.context() == model.context()).unwrap();
        let head = log.head().await.unwrap();
        let folded = fold(model, &pool, log, feed, head).await.unwrap();
        assert_eq!(folded.events, head);
    }
}

/// What is in the tables of all read models, which are in a schema.
async fn sums(log: &Log, schema: &str) -> BTreeMap<&'static str, Summary> {
    let mut db = log.pool().acquire().await.unwrap();
    let mut sums = BTreeMap::new();
    for table in projector::read_models().iter().flat_map(|model| model.tables()) {
        sums.insert(table.name, summary(&mut db, schema, table.name).await.unwrap());
    }
    sums
}

/// All states of both contexts, from snapshots and from the start: how many there are, and how many
/// of them have a snapshot; or the first object that differs.
async fn states(order: &Log, partner: &Log) -> Result<(u64, u64), String> {
    let (mut all, mut written) = (0, 0);
    for (states, snapshots) in [
        same::<Product>(order).await?,
        same::<Barcode>(order).await?,
        same::<PriceList>(order).await?,
        same::<Account>(order).await?,
        same::<Order>(order).await?,
        same::<Promotion>(order).await?,
        same::<RebatePlan>(order).await?,
        same::<RebateSettlement>(order).await?,
        same::<CreditAccount>(order).await?,
        same::<Wallet>(order).await?,
        same::<Remittance>(order).await?,
        same::<BankLine>(order).await?,
        same::<BankReference>(order).await?,
        same::<ProviderBill>(order).await?,
        same::<OnlinePayment>(order).await?,
        same::<AfterSale>(order).await?,
        same::<Cart>(order).await?,
        same::<Shipment>(order).await?,
        same::<Statement>(order).await?,
        same::<StatementChain>(order).await?,
        same::<StockItem>(order).await?,
        same::<Dealer>(partner).await?,
        same::<RegionTree>(partner).await?,
    ] {
        (all, written) = (all + states, written + snapshots);
    }
    Ok((all, written))
}

async fn same<D: Decider>(log: &Log) -> Result<(u64, u64), String> {
    let ids: Vec<(String, bool)> = sqlx::query_as(
        "SELECT DISTINCT aggregate_id, EXISTS (SELECT FROM snapshots s
             WHERE (s.aggregate_type, s.aggregate_id) = (e.aggregate_type, e.aggregate_id))
         FROM events e WHERE aggregate_type = $1",
    )
    .bind(D::AGGREGATE)
    .fetch_all(log.pool())
    .await
    .unwrap();
    for (id, _) in &ids {
        let (tenant, id) = id.split_once('/').unwrap();
        let mut folded = D::default();
        let events = log.read_object(tenant, Some(D::AGGREGATE), id).await.unwrap();
        let versions = events.len() as u64;
        for event in events {
            folded.evolve(event.decode().unwrap());
        }
        let (loaded, version) = log.load::<D>(tenant, id).await.unwrap();
        let folded = serde_json::to_value(&folded).unwrap();
        if (serde_json::to_value(&loaded).unwrap(), version) != (folded, versions) {
            return Err(id.to_owned());
        }
    }
    let snapshots = ids.iter().filter(|(_, written)| *written).count();
    Ok((ids.len() as u64, snapshots as u64))
}

/// One character less in an event shows in the rows, one less in a snapshot in the states.
async fn control(url: &str, order: &Log, partner: &Log, right: &BTreeMap<&'static str, Summary>) {
    for spoil in [
        "UPDATE events SET payload = replace(payload::text, 'Kansas City', 'Kansas Cit')::json
         WHERE event_type = 'OrderSubmitted' AND position = (
             SELECT max(position) FROM events WHERE event_type = 'OrderSubmitted')",
        "UPDATE snapshots SET payload = replace(payload::text, '茶', '荼')::json
         WHERE aggregate_id = 'acme/p0'",
    ] {
        let done = sqlx::query(spoil).execute(order.pool()).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
    fold_all(url, "spoiled", Feed::Bulk).await;
    assert_ne!(sums(order, "spoiled").await, *right, "a changed event does not show");
    assert_eq!(states(order, partner).await, Err("p0".to_owned()), "nor does a snapshot");
}

/// Has a command carried out.
async fn ask<T: Transaction>(log: &Log, transaction: T) {
    if let Err(rejected) = Commands::new(log.clone()).execute(&transaction, &context()).await {
        panic!("{rejected}");
    }
}

fn to<D: Decider>(object_id: &str, command: D::Command) -> Addressed<D> {
    Addressed { object_id: object_id.to_owned(), command }
}

/// A fact that is made of an example, with some of its fields changed.
async fn fact(log: &Log, aggregate: &'static str, id: &str, example: &str, fields: Value) {
    follows(log, (aggregate, id, 0), example, fields).await;
}

/// An example as the fact that follows a version of an object.
async fn follows(
    log: &Log,
    (aggregate, id, version): (&'static str, &str, u64),
    example: &str,
    fields: Value,
) {
    let mut payload: Value = serde_json::from_str(example).unwrap();
    if let (Value::Object(payload), Value::Object(fields)) = (&mut payload, fields) {
        payload.extend(fields);
    }
    let event = NewEvent {
        event_id: Uuid::now_v7(),
        event_type: payload["type"].as_str().unwrap().to_owned(),
        event_version: 1,
        payload: payload.to_string(),
    };
    append_stored(log, aggregate, id, version, event).await.unwrap();
}

macro_rules! example {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../event-schemas/", $path, ".v1.json"))
    };
}

// After the macro, which it uses.
mod dealings;

/// What is told of a product once it is published, and of the barcode that it has for a while.
async fn goods(log: &Log, n: u64) {
    let product_id = format!("g{n}");
    let id = json!({ "product_id": product_id });
    let told = [
        example!("order/product/examples/ProductPublished"),
        example!("order/product/examples/ProductDescribed"),
        example!("order/product/examples/ProductPackaged"),
        example!("order/product/examples/ProductTaxSet"),
        example!("order/product/examples/ProductPicturesArranged"),
        example!("order/product/examples/ProductSucceeded"),
    ];
    for (version, told) in (0..).zip(told) {
        follows(log, ("product", &product_id, version), told, id.clone()).await;
    }
    let told = [
        example!("order/barcode/examples/BarcodeTaken"),
        example!("order/barcode/examples/BarcodeFreed"),
    ];
    let far = (n % 2 + 1).try_into().unwrap();
    for (version, told) in (0..).zip(told).take(far) {
        follows(log, ("barcode", &format!("barcode-{n}"), version), told, id.clone()).await;
    }
}

/// Products that get new names, prices that change, orders that go their way.
async fn orders(log: &Log, choices: &mut StdRng, rounds: u64) {
    for n in 0..3 {
        let sku = json!({ "product_id": format!("p{n}"), "name": "茶", "category_path": ["茶饮"],
            "base_unit": "瓶", "packagings": [] });
        let publish = ProductCommand::Publish(serde_json::from_value(sku).unwrap());
        ask(log, to::<Product>(&format!("p{n}"), publish)).await;
    }
    let create = PriceListCommand::Create {
        price_list_id: "base".parse().unwrap(),
        name: "基础价格表".to_owned(),
        currency: serde_json::from_value(json!("USD")).unwrap(),
    };
    ask(log, to::<PriceList>("base", create)).await;
    for n in 0..rounds {
        // The first two products often enough for snapshots.
        let product = format!("p{}", if n % 10 == 0 { 2 } else { n % 2 });
        let rename = ProductCommand::Rename { name: format!("茶 {n} İı ﬁ") };
        ask(log, to::<Product>(&product, rename)).await;
        let today = "2026-11-26".parse().unwrap();
        let tariff = json!({ "unit_price": n + 1, "breaks": [] });
        let prices = [(product.parse().unwrap(), serde_json::from_value(tariff).unwrap())].into();
        let effective_on = (n % 5 == 1).then(|| "2027-01-01".parse().unwrap());
        let set = PriceListCommand::SetBasePrices { prices, effective_on, today };
        ask(log, to::<PriceList>("base", set)).await;
        if n % 5 == 0 {
            let floor = serde_json::from_value(json!(1)).unwrap();
            let floors = [(product.parse().unwrap(), floor)].into();
            let set = PriceListCommand::SetFloorPrices { floors, today };
            ask(log, to::<PriceList>("base", set)).await;
        }
        if n % 7 == 0 {
            let id = format!("rule-{n}");
            let set = example!("order/assortment/examples/AssortmentRuleSet");
            fact(log, "assortment", &id, set, json!({ "rule_id": id })).await;
        }
        if n % 4 == 0 {
            let id = format!("dealer {n}");
            let opened = example!("order/account/examples/AccountOpened");
            fact(log, "account", &id, opened, json!({ "dealer_id": format!("d{n}") })).await;
        }
        one_order(log, choices, &format!("SO-{n:06}")).await;
    }
    promotions(log, rounds).await;
    rebates(log, rounds).await;
    dealings::all(log, rounds).await;
    for n in 0..rounds / 4 {
        goods(log, n).await;
    }
    for n in 0..150 {
        let rename = ProductCommand::Rename { name: format!("新茶 {n}") };
        ask(log, to::<Product>(&format!("p{}", n % 2), rename)).await;
    }
}

/// Rebate plans that are drafted and get some way, with what was settled by them.
async fn rebates(log: &Log, rounds: u64) {
    for n in 0..rounds / 8 {
        let id = format!("plan-{n}");
        let steps = [
            example!("order/rebate_plan/examples/RebatePlanDrafted"),
            example!("order/rebate_plan/examples/RebatePlanApproved"),
            example!("order/rebate_plan/examples/RebatePlanRevised"),
        ];
        for (version, step) in (0..).zip(steps) {
            follows(log, ("rebate_plan", &id, version), step, json!({})).await;
        }
        let (last_day, reason) = ("2026-10-31".parse().unwrap(), "改政策".to_owned());
        let end = RebatePlanCommand::End { last_day, reason };
        for command in [RebatePlanCommand::Approve, end] {
            ask(log, to::<RebatePlan>(&id, command)).await;
        }
        let settled = example!("order/rebate_settlement/examples/RebateSettled");
        fact(log, "rebate_settlement", &id, settled, json!({ "dealer_id": id })).await;
    }
}

/// Promotions that are drafted and get some way.
async fn promotions(log: &Log, rounds: u64) {
    for n in 0..rounds / 4 {
        let id = format!("promotion-{n}");
        let drafted = example!("order/promotion/examples/PromotionDrafted");
        fact(log, "promotion", &id, drafted, json!({})).await;
        let (today, reason) = ("2026-06-02".parse().unwrap(), "缺货".to_owned());
        let steps = [
            PromotionCommand::Approve { today },
            PromotionCommand::Pause { reason: reason.clone() },
            PromotionCommand::Resume { today },
            PromotionCommand::End { reason },
        ];
        for command in steps.into_iter().take((n % 5).try_into().unwrap()) {
            ask(log, to::<Promotion>(&id, command)).await;
        }
    }
}

/// An order that gets some way.
async fn one_order(log: &Log, choices: &mut StdRng, id: &str) {
    let day =
        format!("2026-{:02}-{:02}", choices.random_range(1..=12), choices.random_range(1..29));
    let fields = json!({ "order_id": id, "business_date": day });
    fact(log, "order", id, example!("order/order/examples/OrderSubmitted"), fields).await;
    let receive = OrderCommand::Receive(Arrival::default());
    let steps = [OrderCommand::Confirm, OrderCommand::Ship(Vec::new()), receive];
    let some = choices.random_range(0..=3);
    for command in steps.into_iter().take(some) {
        ask(log, to::<Order>(id, command)).await;
    }
    if some == 1 && choices.random() {
        let part = serde_json::from_value(json!([{ "line_no": 2, "quantity": 1 }])).unwrap();
        let reason = "工厂停产".to_owned();
        for command in [OrderCommand::Ship(part), OrderCommand::CloseShort { reason }] {
            ask(log, to::<Order>(id, command)).await;
        }
    }
    if some == 0 && choices.random() {
        let cancel = OrderCommand::Cancel { reason: "重复下单".to_owned() };
        ask(log, to::<Order>(id, cancel)).await;
    } else if some == 0 {
        reviewed_and_changed(log, choices, id).await;
    }
}

/// An order that was submitted waits for its review, or passes it and becomes another one.
async fn reviewed_and_changed(log: &Log, choices: &mut StdRng, id: &str) {
    let told = [
        example!("order/order/examples/OrderReviewAsked"),
        example!("order/order/examples/OrderSentBack"),
        example!("order/order/examples/OrderReviewAsked"),
        example!("order/order/examples/OrderStepApproved"),
        example!("order/order/examples/OrderStepWaived"),
        example!("order/order/examples/OrderConfirmed"),
        example!("order/order/examples/OrderChangeProposed"),
        example!("order/order/examples/OrderChangeWithdrawn"),
        example!("order/order/examples/OrderChangeProposed"),
        example!("order/order/examples/OrderChangeRefused"),
        example!("order/order/examples/OrderChangeProposed"),
        example!("order/order/examples/OrderChanged"),
    ];
    let far = if choices.random() { told.len() } else { choices.random_range(1..=5) };
    for (version, told) in (1..).zip(told).take(far) {
        follows(log, ("order", id, version), told, json!({ "order_id": id })).await;
    }
}

async fn files(log: &Log, rounds: u64) {
    for n in 0..rounds {
        let id = uuid::Uuid::from_u128(u128::from(n));
        let stored = example!("collab/file/examples/FileStored");
        fact(log, "file", &id.to_string(), stored, json!({ "file_id": id })).await;
    }
}

/// Regions that are added, move and get new names, and dealers.
async fn partners(log: &Log, choices: &mut StdRng, rounds: u64) {
    ask(log, to::<RegionTree>("regions", RegionCommand::Plant { name: "全国".to_owned() })).await;
    let today = "2026-11-26".parse().unwrap();
    let defined = example!("partner/dealer_classes/examples/DealerClassesDefined");
    fact(log, "dealer_classes", "classes", defined, json!({})).await;
    for n in 0..rounds {
        let command = match n {
            0..10 => RegionCommand::Add {
                region_id: format!("r{n}").parse().unwrap(),
                name: format!("大区 {n}"),
                parent_id: "root".parse().unwrap(),
                today,
            },
            _ if n % 5 == 0 => RegionCommand::Move {
                region_id: format!("r{}", choices.random_range(1..10)).parse().unwrap(),
                parent_id: if choices.random() { "r0" } else { "root" }.parse().unwrap(),
                effective_on: today,
                today,
            },
            _ => RegionCommand::Rename {
                region_id: format!("r{}", choices.random_range(0..10)).parse().unwrap(),
                name: format!("区 {n}"),
                today,
            },
        };
        ask(log, to::<RegionTree>("regions", command)).await;
        let fields = json!({ "dealer_id": format!("d{n}"), "name": format!("恒通 {n}") });
        let registered = example!("partner/dealer/examples/DealerRegistered");
        fact(log, "dealer", &format!("d{n}"), registered, fields).await;
        let classified = example!("partner/dealer/examples/DealerClassified");
        let fields = json!({ "dealer_id": format!("d{n}") });
        follows(log, ("dealer", &format!("d{n}"), 1), classified, fields).await;
        let registered = example!("partner/user/examples/UserRegistered");
        fact(log, "user", &format!("u{n}"), registered, json!({})).await;
        let sent = example!("partner/invitation/examples/InvitationSent");
        fact(log, "invitation", &format!("i{n}"), sent, json!({})).await;
    }
}

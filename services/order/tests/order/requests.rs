//! What requests must look like, and what they become.

use kernel::auth::Caller;
use kernel::failure::wrong_fields;
use kernel::rpc::{Call, IntoCommand};
use order::account::{Account, AccountCommand};
use order::order::Order;
use order::price_list::PriceList;
use order::product::{Product, ProductCommand};
use proto::check::{At, Checked, Findings};
use proto::order::v1 as api;
use tonic::{Code, Status};

use crate::world::{account_opened, after, region_path, sku};

/// A call at 20:00 UTC, when it is the 24th in Shanghai.
fn call(role: &str, dealer: Option<&str>) -> Call {
    Call {
        caller: Caller {
            user_id: "li.ming".into(),
            name: "李明".into(),
            tenant: "qingyuan".into(),
            roles: vec![role.into()],
            dealer_id: dealer.map(str::to_owned),
            time_zone: "Asia/Shanghai".into(),
            ..Caller::default()
        },
        now: "2026-11-23T20:00:00Z".parse().expect("a moment"),
        request_id: "018f3b1e-7c00-7000-8000-0123456789ab".parse().expect("a UUID"),
    }
}

/// As a request comes in: the contract is looked at first, and only then it is parsed.
fn parsed<D, Q: IntoCommand<D> + Checked>(request: Q, call: &Call) -> Result<Q::Command, Status> {
    let mut found = Findings::of(Some("qingyuan"), call.caller.dealer_id.as_deref());
    request.look(&At::ROOT, &mut found);
    // These requests have no id of their own.
    found.problems.retain(|(field, _)| field != "request_id");
    if !found.problems.is_empty() {
        return Err(wrong_fields(found.problems));
    }
    request.into_command(call)
}

fn refused<D, Q: IntoCommand<D> + Checked>(request: Q, call: &Call) -> Status {
    match parsed(request, call) {
        Ok(_) => panic!("accepted"),
        Err(status) => status,
    }
}

fn bad_fields(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let fields = status.message().split("; ").filter_map(|told| told.split_once(": "));
    fields.map(|(field, _)| field.to_owned()).collect()
}

fn submit_order() -> api::SubmitOrderRequest {
    api::SubmitOrderRequest {
        dealer_id: "kansas-29ers".into(),
        lines: vec![api::SubmitOrderLine {
            product_id: "trail-1".into(),
            quantity: 2,
            unit_price_minor: None,
        }],
        ..Default::default()
    }
}

#[test]
fn open_account_takes_the_dealer_as_it_was_registered() {
    let regions = region_path();
    let path = regions.iter().map(|region| api::RegionRef {
        region_id: region.region_id.to_string(),
        name: region.name.clone(),
    });
    let request = api::OpenAccountRequest {
        dealer_id: "kansas-29ers".into(),
        dealer_name: "堪萨斯 29ers".into(),
        region_path: path.collect(),
        ..Default::default()
    };
    let asked = request.into_command(&call("ROLE_INTEGRATION", None)).expect("a command");
    assert_eq!(asked.object_id, "kansas-29ers");
    let AccountCommand::Open { dealer_id, dealer_name, region_path } = asked.command else {
        panic!("{:?}", asked.command)
    };
    let account: Account = after([account_opened()]);
    let Account::Open(holder) = account else { panic!("not open") };
    assert_eq!(
        (holder.dealer_id, holder.dealer_name, holder.region_path),
        (dealer_id, dealer_name, region_path)
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let request = api::OpenAccountRequest {
        dealer_id: "Kansas 29ers".into(),
        region_path: vec![
            api::RegionRef { region_id: "Root".into(), name: "全国".into() },
            api::RegionRef { region_id: "west".into(), name: String::new() },
        ],
        ..Default::default()
    };
    let status = refused::<Account, _>(request, &call("ROLE_INTEGRATION", None));
    assert_eq!(
        bad_fields(&status),
        ["dealer_id", "dealer_name", "region_path[0].region_id", "region_path[1].name"]
    );
}

#[test]
fn an_order_has_1_to_200_lines_of_1_to_a_million_units() {
    let with_lines = |lines| api::SubmitOrderRequest { lines, ..submit_order() };
    let line = |quantity| api::SubmitOrderLine { quantity, ..submit_order().lines[0].clone() };
    let wrong = |lines| {
        let caller = call("ROLE_SALES_REP", None);
        bad_fields(&refused::<Order, _>(with_lines(lines), &caller))
    };
    assert_eq!(wrong(vec![]), ["lines"]);
    assert_eq!(wrong(vec![line(1); 201]), ["lines"]);
    assert_eq!(wrong(vec![line(1), line(0)]), ["lines[1].quantity"]);
    assert_eq!(wrong(vec![line(1_000_001)]), ["lines[0].quantity"]);

    let most = with_lines(vec![line(1_000_000); 200]);
    assert!(most.into_command(&call("ROLE_SALES_REP", None)).is_ok());
}

#[test]
fn a_note_has_at_most_500_characters() {
    let note = |length| api::SubmitOrderRequest { note: "急".repeat(length), ..submit_order() };
    let caller = call("ROLE_SALES_REP", None);
    assert!(note(500).into_command(&caller).is_ok());
    assert_eq!(bad_fields(&refused::<Order, _>(note(501), &caller)), ["note"]);
}

#[test]
fn an_order_without_a_number_gets_the_same_one_when_the_request_is_repeated() {
    let number = |request: api::SubmitOrderRequest| {
        let command = request.into_command(&call("ROLE_SALES_REP", None)).expect("a command");
        command.basket().order_id.to_string()
    };
    assert_eq!(number(submit_order()), "SO-20261124-4D2PF2DB");
    assert_eq!(number(submit_order()), number(submit_order()));
    let named = api::SubmitOrderRequest { order_id: "SO-000002".into(), ..submit_order() };
    assert_eq!(number(named), "SO-000002");
}

#[test]
fn the_business_date_is_today_in_the_tenants_time_zone() {
    let command = submit_order().into_command(&call("ROLE_SALES_REP", None)).expect("a command");
    assert_eq!(command.basket().business_date.to_string(), "2026-11-24");
}

#[test]
fn only_headquarters_and_integrations_date_an_order() {
    let dated =
        |date: &str| api::SubmitOrderRequest { business_date: date.into(), ..submit_order() };
    for role in ["ROLE_HQ_ADMIN", "ROLE_INTEGRATION"] {
        let command = dated("2026-01-05").into_command(&call(role, None)).expect("a command");
        assert_eq!(command.basket().business_date.to_string(), "2026-01-05");
    }
    let status = refused::<Order, _>(dated("2026-01-05"), &call("ROLE_SALES_REP", None));
    assert_eq!(status.code(), Code::PermissionDenied);

    for wrong in ["2026-11-25", "2026-02-30", "yesterday"] {
        let status = refused::<Order, _>(dated(wrong), &call("ROLE_HQ_ADMIN", None));
        assert_eq!(bad_fields(&status), ["business_date"], "{wrong}");
    }
}

#[test]
fn an_order_that_the_brand_places_is_marked() {
    let on_behalf = |dealer| {
        let command = submit_order().into_command(&call("ROLE_DEALER_OWNER", dealer));
        command.expect("a command").basket().placed_on_behalf
    };
    assert!(on_behalf(None));
    assert!(!on_behalf(Some("kansas-29ers")));
}

#[test]
fn a_cancelled_order_says_why() {
    let cancel = |reason: &str| api::CancelOrderRequest {
        order_id: "SO-000002".into(),
        reason: reason.into(),
        ..Default::default()
    };
    let caller = call("ROLE_HQ_ADMIN", None);
    assert!(cancel("下错型号").into_command(&caller).is_ok());
    assert_eq!(bad_fields(&refused::<Order, _>(cancel("  "), &caller)), ["reason"]);
}

#[test]
fn an_order_that_is_closed_short_says_why() {
    let close = |reason: &str| api::CloseOrderShortRequest {
        order_id: "SO-000002".into(),
        reason: reason.into(),
        ..Default::default()
    };
    let caller = call("ROLE_WAREHOUSE", None);
    assert!(close("工厂停产").into_command(&caller).is_ok());
    assert_eq!(bad_fields(&refused::<Order, _>(close("  "), &caller)), ["reason"]);
}

#[test]
fn nothing_moves_in_zero_units() {
    let zero = || vec![api::LineQuantity { line_no: 1, quantity: 0 }];
    let caller = call("ROLE_HQ_ADMIN", None);
    let order_id = String::from("SO-000002");
    let ship = api::ShipOrderRequest { order_id, lines: zero(), ..Default::default() };
    assert_eq!(bad_fields(&refused::<Order, _>(ship, &caller)), ["lines[0].quantity"]);
    let order_id = String::from("SO-000002");
    let receive = api::ReceiveOrderRequest { order_id, lines: zero(), ..Default::default() };
    assert_eq!(bad_fields(&refused::<Order, _>(receive, &caller)), ["lines[0].quantity"]);
}

#[test]
fn a_product_is_published_with_all_its_units() {
    let product = |units: u32, levels: usize| api::PublishProductRequest {
        product_id: "trail-1".into(),
        name: "trail-1 bike".into(),
        category_path: ["Mountain", "Trail", "a", "b", "c"][..levels]
            .iter()
            .map(|&c| c.into())
            .collect(),
        base_unit: "辆".into(),
        packagings: vec![api::Packaging { unit: "箱".into(), base_quantity: units }],
        ..Default::default()
    };
    let caller = call("ROLE_HQ_ADMIN", None);
    let asked = product(2, 2).into_command(&caller).expect("a command");
    let ProductCommand::Publish(published) = asked.command else { panic!("not published") };
    assert_eq!(published, sku("trail-1"));

    let wrong = |units, levels| bad_fields(&refused::<Product, _>(product(units, levels), &caller));
    assert_eq!(wrong(1, 2), ["packagings[0].base_quantity"]);
    assert_eq!(wrong(2, 0), ["category_path"]);
    assert_eq!(wrong(2, 5), ["category_path"]);
}

#[test]
fn prices_are_above_zero_and_each_product_has_one() {
    let price = |id: &str, unit_price_minor| api::BasePrice {
        product_id: id.into(),
        unit_price_minor,
        ..Default::default()
    };
    let wrong = |prices| {
        let request = api::SetBasePricesRequest {
            price_list_id: "base".into(),
            prices,
            ..Default::default()
        };
        bad_fields(&refused::<PriceList, _>(request, &call("ROLE_HQ_ADMIN", None)))
    };
    assert_eq!(wrong(vec![]), ["prices"]);
    assert_eq!(wrong(vec![price("trail-1", 0)]), ["prices[0].unit_price_minor"]);
    assert_eq!(wrong(vec![price("trail-1", 10_000_000_001)]), ["prices[0].unit_price_minor"]);
    assert_eq!(wrong(vec![price("trail-1", 1), price("trail-1", 2)]), ["prices[1].product_id"]);
    assert_eq!(wrong(vec![price("trail-1", 1); 1001])[0], "prices");
}

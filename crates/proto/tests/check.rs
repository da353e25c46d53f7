//! What requests are looked at for, as the contracts say.

use proptest::prelude::*;
use prost::Message as _;
use proto::check::{Findings, Problem};
use proto::looking_at;
use proto::order::v1 as order;
use proto::partner::v1 as partner;

const ID: &str = "018f3b1e-7c00-7000-8000-0123456789ab";

fn told<'a>(rpc: &str, body: &[u8], mut found: Findings<'a>) -> Findings<'a> {
    let look = looking_at(rpc).expect("an rpc");
    look(body, &mut found).expect("a message");
    found
}

fn wrong(rpc: &str, request: &impl prost::Message) -> Vec<(String, Problem)> {
    told(rpc, &request.encode_to_vec(), Findings::default()).problems
}

const SUBMIT: &str = "/qudao.order.v1.OrderService/SubmitOrder";

fn submit() -> order::SubmitOrderRequest {
    order::SubmitOrderRequest {
        request_id: ID.into(),
        dealer_id: "kansas-29ers".into(),
        lines: vec![order::SubmitOrderLine {
            product_id: "trail-1".into(),
            quantity: 2,
            unit_price_minor: None,
        }],
        ..Default::default()
    }
}

#[test]
fn a_request_as_the_contract_wants_it_has_no_problem() {
    assert_eq!(wrong(SUBMIT, &submit()), []);
}

#[test]
fn every_field_that_is_wrong_is_told_with_its_path() {
    let mut request = submit();
    request.request_id = "1".into();
    request.order_id = "SO 1".into();
    request.lines.push(order::SubmitOrderLine {
        product_id: "Trail".into(),
        quantity: 0,
        unit_price_minor: Some(-1),
    });
    request.note = "急".repeat(501);
    let wrong = wrong(SUBMIT, &request);
    let fields: Vec<_> = wrong.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "request_id",
            "order_id",
            "lines[1].product_id",
            "lines[1].quantity",
            "lines[1].unit_price_minor",
            "note"
        ]
    );
    assert_eq!(wrong[3].1, Problem::Below(1));
    assert_eq!(wrong[5].1, Problem::TooLong(500));
}

#[test]
fn of_a_list_that_is_too_long_no_entry_is_looked_at() {
    let mut request = submit();
    request.lines = vec![order::SubmitOrderLine::default(); 100_000];
    assert_eq!(wrong(SUBMIT, &request), [("lines".to_owned(), Problem::TooMany(200))]);
}

#[test]
fn no_more_problems_are_told_than_somebody_reads() {
    let mut request = submit();
    request.lines = vec![order::SubmitOrderLine::default(); 200];
    assert_eq!(wrong(SUBMIT, &request).len(), 100);
}

#[test]
fn an_entry_of_a_list_of_words_has_a_place_too() {
    let request = order::PublishProductRequest {
        request_id: ID.into(),
        product_id: "trail-1".into(),
        name: "trail".into(),
        category_path: vec!["Mountain".into(), String::new()],
        base_unit: "瓶\u{0}".into(),
        ..Default::default()
    };
    let wrong = wrong("/qudao.order.v1.ProductService/PublishProduct", &request);
    assert_eq!(wrong[0], ("category_path[1]".to_owned(), Problem::TooShort(1)));
    assert_eq!(wrong[1].0, "base_unit");
    assert!(matches!(wrong[1].1, Problem::Form("不能含有控制字符", _)), "{wrong:?}");
}

#[test]
fn a_value_that_the_contract_does_not_define_is_told() {
    let request = order::ListOrdersRequest { statuses: vec![1, 99], ..Default::default() };
    let wrong = wrong("/qudao.order.v1.OrderQueryService/ListOrders", &request);
    assert_eq!(wrong, [("statuses[1]".to_owned(), Problem::Undefined)]);
}

#[test]
fn the_part_of_a_oneof_that_is_there_is_looked_at() {
    use proto::history::v1::{GetStateAtRequest, get_state_at_request::At};
    let rpc = "/qudao.history.v1.HistoryService/GetStateAt";
    let ask = |at| GetStateAtRequest { object: "SO-1".into(), at };
    assert_eq!(wrong(rpc, &ask(None)), []);
    assert_eq!(wrong(rpc, &ask(Some(At::Version(u64::MAX))))[0].0, "version");
    assert_eq!(wrong(rpc, &ask(Some(At::Time("today".into()))))[0].0, "time");
}

#[test]
fn people_of_a_dealer_name_their_own_company_only() {
    let body = submit().encode_to_vec();
    let own = told(SUBMIT, &body, Findings::of(Some("acme"), Some("kansas-29ers")));
    assert_eq!(own.foreign, [] as [&str; 0]);
    let other = told(SUBMIT, &body, Findings::of(Some("acme"), Some("somebody-else")));
    assert_eq!(other.foreign, ["dealer_id"]);
    assert_eq!(told(SUBMIT, &body, Findings::of(Some("acme"), None)).foreign, [] as [&str; 0]);
}

#[test]
fn only_the_operator_names_another_tenant() {
    let rpc = "/qudao.partner.v1.IdentityService/RegisterUser";
    let request =
        partner::RegisterUserRequest { tenant_id: "other-brand".into(), ..Default::default() };
    let body = request.encode_to_vec();
    assert_eq!(told(rpc, &body, Findings::of(Some("acme"), None)).foreign, ["tenant_id"]);
    assert_eq!(told(rpc, &body, Findings::of(None, None)).foreign, [] as [&str; 0]);
}

#[test]
fn a_request_is_as_long_as_its_fields_may_be() {
    let most = |rpc: &str| proto::most_bytes(rpc).expect("an rpc");
    let mut request = submit();
    request.order_id = "S".repeat(64);
    request.lines = vec![
        order::SubmitOrderLine {
            product_id: "t".repeat(64),
            quantity: 1_000_000,
            unit_price_minor: Some(10_000_000_000),
        };
        200
    ];
    request.note = "🧋".repeat(500);
    assert_eq!(wrong(SUBMIT, &request), []);
    let length = request.encode_to_vec().len();
    assert!((length..2 * length).contains(&most(SUBMIT)), "{length} of {}", most(SUBMIT));
    assert!(most("/qudao.partner.v1.IdentityService/SignIn") < 5_000);
    assert_eq!(most("/qudao.partner.v1.IdentityService/GetCurrentUser"), 0);
}

/// Else one of them would keep the access log from taking all that came with it.
#[test]
fn what_is_named_is_remembered_unless_it_can_not_be_told() {
    let mut request = submit();
    request.order_id = "SO-1".into();
    let named = |request: &order::SubmitOrderRequest| {
        told(SUBMIT, &request.encode_to_vec(), Findings::default()).named
    };
    let all = ["order_id=SO-1", "dealer_id=kansas-29ers", "lines[0].product_id=trail-1"];
    assert_eq!(named(&request), all);
    for strange in ["SO\0", "SO\n1", &"x".repeat(201)] {
        request.order_id = strange.into();
        assert_eq!(named(&request), all[1..], "{strange:?}");
    }
}

/// Every rpc's looker, over bytes that nobody would send: it may refuse them, and no more.
#[test]
fn bytes_of_any_kind_are_looked_at_or_refused() {
    let pool = prost_reflect::DescriptorPool::decode(proto::DESCRIPTORS).expect("contracts");
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let rpcs = methods
        .map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name()))
        .filter(|path| path.starts_with("/qudao."));
    let lookers: Vec<_> = rpcs.map(|path| looking_at(&path).expect("a looker")).collect();
    assert!(lookers.len() > 40, "{}", lookers.len());
    proptest!(ProptestConfig::with_cases(2_000), |(body in prop::collection::vec(any::<u8>(), 0..200))| {
        for look in &lookers {
            // Refused or looked at: what matters is that it comes back.
            let _ = look(&body, &mut Findings::default());
        }
    });
}

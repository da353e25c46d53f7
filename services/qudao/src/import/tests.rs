//! The import, without a server: what is read from a file and what would be asked.

use std::io::Write as _;

use proptest::prelude::*;

use super::commands::Requests;
use super::mapping::{Mapping, Reached};
use super::plan::{BadRow, Plan};
use super::*;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
const HEADER: &str = "order_id,order_line,order_date,quantity,price,total_price,model,category_1,\
                      category_2,frame_material,bikeshop_name,city,state";

fn mapping() -> Mapping {
    Mapping::read(&Path::new(DEMO).join("bike_sales.toml")).unwrap()
}

fn plan_of_bytes(bytes: &[u8]) -> Plan {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Plan::read(file.path(), &mapping()).unwrap()
}

fn plan(rows: &[&str]) -> Plan {
    plan_of_bytes(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
}

fn request_ids(plan: &Plan, tenant: &str) -> Vec<String> {
    let mapping = mapping();
    let requests = Requests { tenant: tenant.to_owned(), mapping: &mapping, plan };
    let products: Vec<_> = plan.products_used().collect();
    let mut ids = vec![requests.price_list().request_id, requests.prices(&products).request_id];
    ids.extend(plan.dealers_used().map(|dealer| requests.dealer(dealer).request_id));
    ids.extend(plan.products_used().map(|product| requests.product(product).request_id));
    for order in &plan.orders {
        ids.push(requests.submit(order).request_id);
        ids.push(requests.confirm(order).request_id);
        ids.push(requests.ship(order).request_id);
        ids.push(requests.receive(order).request_id);
    }
    ids.sort();
    ids
}

#[test]
fn the_demonstration_adds_up() {
    let plan = Plan::read(&Path::new(DEMO).join("bike_sales.csv"), &mapping()).unwrap();
    let totals = plan.totals();

    assert_eq!(plan.bad, []);
    assert_eq!((totals.gross_minor, totals.quantity), (1_129_288_500, 3_268));
    assert_eq!((totals.orders, totals.lines), (322, 2_466));
    assert_eq!((plan.dealers_used().count(), plan.products_used().count()), (30, 97));
    assert_eq!(plan.orders[0].id, "SO-000001");
    assert!(plan.dealers.iter().any(|dealer| dealer.id == "kansas-city-29ers"));
}

#[test]
fn bad_rows_are_listed_and_their_orders_left_out() {
    let plan = Plan::read(&Path::new(DATA).join("bad_rows.csv"), &mapping()).unwrap();

    let listed: Vec<(u64, &str, &str)> = plan
        .bad
        .iter()
        .map(|row| (row.line, row.column.as_deref().unwrap_or(""), row.reason.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            (4, "quantity", "\"x\" is not a whole number above 0"),
            (5, "quantity", "is 0; it must be above"),
            (6, "total_price", "200 × 3 is not 500"),
            (7, "state", "\"ZZ\" is in no region"),
            (9, "bikeshop_name", "the order is of Austin Cruisers"),
            (11, "order_date", "the order is of 2011-01-12"),
            (13, "order_line", "line 1 is there twice"),
            (14, "", "has 3 fields, the header has 13"),
            (15, "order_date", "\"2011-13-01\" is not a date"),
            (16, "price", "the product cost 100.00 in line 2"),
            (17, "order_id", "\"a b\" is not an order id"),
        ]
    );
    let good: Vec<&str> = plan.orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(good, ["SO-000001", "SO-000099"]);
    assert_eq!(plan.left_out, 10);
    assert_eq!(Report::dry(&plan, &mapping()).exit_code(), 1);
}

#[test]
fn what_only_a_bad_order_needs_is_not_made() {
    let plan = plan(&[
        "1,1,2011-01-07,1,10,10,A,Road,Race,Carbon,Good,Ithaca,NY",
        "2,1,2011-01-07,1,10,10,B,Road,Race,Carbon,Bad,Ithaca,NY",
        "2,2,2011-01-07,1,10,11,A,Road,Race,Carbon,Bad,Ithaca,NY",
    ]);

    assert_eq!(plan.products_used().map(|product| &product.name).collect::<Vec<_>>(), ["A"]);
    assert_eq!(plan.dealers_used().map(|dealer| &dealer.name).collect::<Vec<_>>(), ["Good"]);
    let BadRow { line, order, .. } = &plan.bad[0];
    assert_eq!((*line, order.as_deref()), (4, Some("SO-000002")));
}

#[test]
fn gbk_and_byte_order_marks_are_read() {
    let text =
        format!("{HEADER}\n1,1,2011-01-07,1,10,10,山地车,公路车,竞赛,碳,上海单车行,上海,NY\n");
    let (gbk, ..) = encoding_rs::GBK.encode(&text);

    for bytes in [text.clone().into_bytes(), format!("\u{feff}{text}").into_bytes(), gbk.into()] {
        let plan = plan_of_bytes(&bytes);

        assert_eq!(plan.bad, []);
        assert_eq!(plan.dealers[0].name, "上海单车行");
    }
}

#[test]
fn bytes_of_no_encoding_are_a_bad_row() {
    let mut bytes = format!("{HEADER}\n1,1,2011-01-07,1,10,10,").into_bytes();
    bytes.extend([0xff, 0xff]);
    bytes.extend(b",Road,Race,Carbon,Good,Ithaca,NY\n");

    let plan = plan_of_bytes(&bytes);

    assert!(plan.bad[0].reason.contains("neither UTF-8 nor GBK"), "{:?}", plan.bad);
    assert!(plan.orders.is_empty());
}

#[test]
fn how_far_an_order_has_come_depends_on_its_day() {
    let reached = |day: &str| mapping().reached(day.parse().unwrap());

    assert_eq!(reached("2011-11-30"), Reached::Received);
    assert_eq!(reached("2011-12-01"), Reached::Shipped);
    assert_eq!(reached("2011-12-15"), Reached::Confirmed);
    assert_eq!(reached("2011-12-22"), Reached::Submitted);
}

#[test]
fn an_order_id_is_made_from_the_number() {
    let ids = ["7", "0007", "123456", "A-1"].map(|text| mapping().order_id(text).unwrap());

    assert_eq!(ids, ["SO-000007", "SO-000007", "SO-123456", "SO-A-1"]);
    assert_eq!(mapping().order_id(""), None);
    assert_eq!(mapping().order_id("a b"), None);
}

#[test]
fn a_mapping_with_a_mistake_says_which() {
    let text = std::fs::read_to_string(Path::new(DEMO).join("bike_sales.toml")).unwrap();
    let mistaken = |from: &str, to: &str| {
        let error = Mapping::parse(&text.replace(from, to)).unwrap_err();
        format!("{error:#}")
    };

    assert!(mistaken("parent = \"us-west\"", "parent = \"us-east\"").contains("us-east"));
    assert!(mistaken("values = [\"CA\"]", "values = [\"AZ\"]").contains("AZ means both"));
    assert!(mistaken("base_unit", "bass_unit").contains("bass_unit"));
}

#[test]
fn another_tenant_makes_other_requests() {
    let plan = plan(&["1,1,2011-01-07,1,10,10,A,Road,Race,Carbon,Good,Ithaca,NY"]);

    assert_ne!(request_ids(&plan, "bikes"), request_ids(&plan, "tea"));
}

#[test]
fn request_ids_never_change() {
    let plan = plan(&["1,1,2011-01-07,1,10,10,A,Road,Race,Carbon,Good,Ithaca,NY"]);
    let mapping = mapping();
    let requests = Requests { tenant: "bikes".into(), mapping: &mapping, plan: &plan };

    let id = requests.submit(&plan.orders[0]).request_id;

    assert_eq!(id, "8119850a-6fc5-512d-a993-bda682940f3d");
}

/// Order and line, quantity and product.
type OrderedRow = ((u32, u32), (u32, u32));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A file sorted otherwise, or only some of its orders, asks for the same things.
    #[test]
    fn the_order_of_rows_changes_no_request(
        rows in prop::collection::btree_map((1..6_u32, 1..5_u32), (1..9_u32, 0..4_u32), 1..12)
            .prop_map(|rows| rows.into_iter().collect::<Vec<_>>())
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let file = |rows: &[OrderedRow]| {
            let rows: Vec<String> = rows.iter().map(|((order, line), (quantity, product))| {
                let price = 10 + product;
                let total = price * quantity;
                format!("{order},{line},2011-01-07,{quantity},{price},{total},P{product},Road,Race,Carbon,Good,Ithaca,NY")
            }).collect();
            plan(&rows.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let (sorted, shuffled) = (file(&rows.0), file(&rows.1));
        prop_assert_eq!(sorted.totals(), shuffled.totals());
        prop_assert_eq!(request_ids(&sorted, "bikes"), request_ids(&shuffled, "bikes"));
    }
}

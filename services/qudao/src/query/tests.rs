//! How the answers of the cube are laid out.

use proto::bi::v1::SalesKey;

use super::*;

fn figures(gross_minor: i64, quantity: i64, orders: i64) -> Option<SalesFigures> {
    Some(SalesFigures {
        gross_minor,
        quantity,
        orders,
        average_order_minor: gross_minor / orders,
        off_minor: 0,
    })
}

fn row(dimension: SalesDimension, id: &str, name: &str, gross_minor: i64) -> SalesRow {
    let key = SalesKey { dimension: dimension.into(), id: id.into(), name: name.into() };
    SalesRow { keys: vec![key], figures: figures(gross_minor, 3, 2), compared: None }
}

fn answer(rows: Vec<SalesRow>) -> QuerySalesResponse {
    QuerySalesResponse {
        row_count: rows.len() as u64,
        rows,
        total: Some(SalesRow { figures: figures(1_129_288_500, 3_268, 322), ..Default::default() }),
        currency_code: "USD".into(),
        ..Default::default()
    }
}

fn json(by: &[By], answer: QuerySalesResponse) -> serde_json::Value {
    serde_json::to_value(Answer::new(by, answer)).unwrap()
}

#[test]
fn without_a_dimension_the_only_row_is_the_total() {
    let json = json(&[], answer(vec![]));

    assert_eq!(json["rows"].as_array().unwrap().len(), 1);
    assert_eq!(json["rows"][0]["gross_minor"], 1_129_288_500);
    assert_eq!(json["rows"][0]["quantity"], 3_268);
    assert_eq!(json["rows"][0]["orders"], 322);
    assert_eq!(json["total"], json["rows"][0]);
}

#[test]
fn things_have_id_and_name_and_periods_a_date() {
    let region = row(SalesDimension::Region, "us-west", "西部 West", 100);
    let json_region = json(&[By::Region], answer(vec![region]));
    let day = row(SalesDimension::Period, "2011-01-07", "1月7日", 100);
    let json_day = json(&[By::Day], answer(vec![day]));

    assert_eq!(json_region["rows"][0]["region"]["id"], "us-west");
    assert_eq!(json_region["rows"][0]["region"]["name"], "西部 West");
    assert_eq!(json_day["rows"][0]["day"], "2011-01-07");
}

#[test]
fn the_table_lines_up_with_chinese_names() {
    let rows = vec![
        row(SalesDimension::Region, "us-west", "西部", 123_456_700),
        row(SalesDimension::Region, "us-south", "South", 5),
    ];

    let table = Answer::new(&[By::Region], answer(rows)).table();

    assert_eq!(
        table.lines().collect::<Vec<_>>(),
        [
            "region      gross USD  quantity  orders  average order",
            "西部     1,234,567.00         3       2     617,283.50",
            "South            0.05         3       2           0.02",
            "total   11,292,885.00     3,268     322      35,071.07",
        ]
    );
}

#[test]
fn periods_read_as_people_write_them() {
    let grains = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];

    let periods = grains.map(|grain| period("2011-04-01", grain));

    assert_eq!(periods, ["2011-04-01", "2011-W13", "2011-04", "2011-Q2", "2011"]);
}

#[test]
fn change_is_rounded_to_a_tenth_of_a_percent() {
    assert_eq!(change(1000, 1123), "+12.3%");
    assert_eq!(change(3, 1), "-66.7%");
    assert_eq!(change(0, 5), "–");
    assert_eq!(change(i64::MAX, i64::MIN), "-200.0%");
}

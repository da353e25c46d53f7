//! Documents from fact to books, with a log, tables and books of their own.

mod office;

use erp::Stage;
use erp_simulator::Fault;
use kernel::clock;
use order::after_sale::AfterSale;
use order::connection::{CONNECTION, Connection};
use order::stock::StockItem;
use serde_json::json;

use crate::documents::Outcome;
use office::{Office, TENANT};

/// Looking goes well; what is saved is there, and the answer is lost.
const LOST: [Fault; 2] = [Fault::None, Fault::Lose];
/// The same of what is audited.
const LOST_AT_LAST: [Fault; 4] = [Fault::None, Fault::None, Fault::None, Fault::Lose];

fn nothing() -> Vec<(String, String, i64)> {
    Vec::new()
}

fn one(warehouse: &str, product: &str, by: i64) -> Vec<(String, String, i64)> {
    vec![(warehouse.to_owned(), product.to_owned(), by)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_told_as_it_is_and_one_that_the_books_have_is_changed_by_a_person() {
    let mut office = Office::start().await;
    office.ordered("SO-1", "P-001", 5).await;
    office.closed("SO-1", 2).await;
    office.round().await;
    let row = office.row("SO-1").await;
    assert_eq!((row.status.as_str(), row.amount_minor, row.changed), ("sent", 300, false));
    assert_eq!(office.books.received().documents[0].lines[0].quantity, 3);

    office.closed("SO-1", 1).await;
    assert!(office.row("SO-1").await.changed, "a person changes it there");
    let done = json!({"type": "DocumentSkipped", "number": row.number, "reason": "已改"});
    office.happened::<Connection>(CONNECTION, done).await;
    let mended = office.row("SO-1").await;
    assert_eq!((mended.status.as_str(), mended.changed), ("sent", false));
    office.closed("SO-1", 1).await;
    assert!(office.row("SO-1").await.changed, "once more");

    // Nobody knows whether it is there: what is there stays, and is on record.
    office.faults(LOST);
    office.ordered("SO-2", "P-001", 5).await;
    office.round().await;
    assert_eq!(office.row("SO-2").await.status, "waiting");
    office.closed("SO-2", 2).await;
    office.round().await;
    let row = office.row("SO-2").await;
    assert_eq!(
        (row.status.as_str(), row.amount_minor, row.changed),
        ("sent", 500, true),
        "{row:?}"
    );
    assert_eq!(office.books.received().documents.len(), 2);
    // Without the table nobody knows what was sent; what is there is recognised all the same.
    let lost = "UPDATE connector_documents SET made_at = NULL, status = 'waiting', next_at = now()
         WHERE lane = 'SO-2'";
    sqlx::query(lost).execute(&office.pool).await.expect("it is lost");
    office.round().await;
    assert_eq!(office.row("SO-2").await, row);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_cancelled_is_looked_for_unless_nothing_of_it_was_ever_sent() {
    let mut office = Office::start().await;
    // It waits, and nobody has taken it.
    office.ordered("SO-1", "P-001", 1).await;
    office.worker.documents.begin(clock::now()).await.expect("it begins");
    office.cancelled("SO-1").await;
    assert_eq!(office.row("SO-1").await.status, "skipped");
    // It has not even begun: it may have been there before the table was.
    office.ordered("SO-2", "P-001", 2).await;
    office.cancelled("SO-2").await;
    office.round().await;
    assert_eq!(office.row("SO-2").await.status, "skipped");
    assert_eq!(office.books.received().documents.len(), 0);

    office.faults(LOST);
    office.ordered("SO-3", "P-001", 3).await;
    office.round().await;
    office.cancelled("SO-3").await;
    assert_eq!(office.row("SO-3").await.status, "waiting", "it may be there");
    office.faults([Fault::Fail, Fault::Fail]);
    office.round().await;
    assert_eq!(office.row("SO-3").await.status, "waiting", "the books did not say");
    office.faults([]);
    office.round().await;
    let row = office.row("SO-3").await;
    assert_eq!((row.status.as_str(), row.cancelled), ("sent", true), "{row:?}");
    assert_eq!(office.books.received().documents.len(), 1);

    // What the books refuse may be there unfinished; this one is not.
    office.ordered("SO-4", "P-404", 4).await;
    office.round().await;
    assert_eq!(office.row("SO-4").await.status, "refused");
    office.cancelled("SO-4").await;
    office.round().await;
    assert_eq!(office.row("SO-4").await.status, "skipped");
    // It is cancelled while it is being refused.
    office.ordered("SO-5", "P-404", 5).await;
    let due = office.taken().await.remove(0);
    office.cancelled("SO-5").await;
    let refused = Outcome::Refused { code: "NO".to_owned(), words: "无".to_owned() };
    office.worker.documents.note(&due, &refused, clock::now()).await.expect("noted");
    assert_eq!(office.row("SO-5").await.status, "waiting");
    office.round().await;
    assert_eq!(office.row("SO-5").await.status, "skipped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_skips_stays_so_whatever_an_attempt_hears_but_that_it_is_there() {
    let mut office = Office::start().await;
    office.ordered("SO-1", "P-001", 1).await;
    let due = office.taken().await.remove(0);
    let skip = json!({"type": "DocumentSkipped", "number": due.number, "reason": "手工"});
    office.happened::<Connection>(CONNECTION, skip).await;
    let no = Outcome::Refused { code: "NO".to_owned(), words: "无".to_owned() };
    office.worker.documents.note(&due, &no, clock::now()).await.expect("noted");
    let row = office.row("SO-1").await;
    assert_eq!((row.status.as_str(), row.code.as_str()), ("skipped", "SKIPPED"));
    assert!(!office.worker.documents.hold(&due, clock::now()).await.expect("held"));
    let there = Outcome::Sent { their_number: "XSDD-1".to_owned() };
    office.worker.documents.note(&due, &there, clock::now()).await.expect("noted");
    assert_eq!(office.row("SO-1").await.status, "sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_books_do_not_know_is_known_whatever_was_compared_lost_or_never_begun() {
    let mut office = Office::start().await;
    let stock = office.stocktaker(Stage::Audited);
    office.ordered("SO-1", "P-001", 9).await;
    office.round().await;
    office.shipped("SO-1", 2).await;
    assert_eq!(office.moved(&stock).await, one("WH-01", "P-001", -2), "it has not begun");
    office.round().await;
    assert_eq!(office.moved(&stock).await, nothing(), "the books have it");
    let again = json!({"type": "ResyncRequested", "since": "2026-01-01T00:00:00Z"});
    office.happened::<Connection>(CONNECTION, again.clone()).await;
    assert_eq!(office.moved(&stock).await, nothing(), "it is looked for, and was there");
    office.round().await;
    office.round().await;

    // The books refuse it, and a comparison does not make it theirs.
    office.ordered("SO-2", "P-404", 9).await;
    office.round().await;
    let order = office.rows("SO-2").await.remove(0);
    let skip = json!({"type": "DocumentSkipped", "number": order.number, "reason": "手工"});
    office.happened::<Connection>(CONNECTION, skip).await;
    office.shipped("SO-2", 3).await;
    office.round().await;
    assert_eq!(office.rows("SO-2").await[1].status, "refused");
    assert_eq!(office.moved(&stock).await, one("WH-01", "P-404", -3));
    office.happened::<Connection>(CONNECTION, again.clone()).await;
    let row = office.rows("SO-2").await.remove(1);
    assert_eq!((row.status.as_str(), row.checking), ("waiting", false));
    assert_eq!(office.moved(&stock).await, one("WH-01", "P-404", -3));
    let skip = json!({"type": "DocumentSkipped", "number": row.number, "reason": "手工"});
    office.happened::<Connection>(CONNECTION, skip).await;

    // Its answer is lost: the goods are gone there already, and do not go twice.
    office.ordered("SO-3", "P-001", 9).await;
    // All that was compared has been looked for by then.
    for _ in 0..4 {
        office.round().await;
    }
    office.shipped("SO-3", 4).await;
    office.faults(LOST_AT_LAST);
    office.round().await;
    let row = office.rows("SO-3").await.remove(1);
    assert_eq!(row.status, "waiting", "{row:?}");
    assert_eq!(office.books.on_hand("WH-01", "P-001"), 1_000_000 - 2 - 4);
    assert_eq!(office.moved(&stock).await, nothing());
    // What the books have lost is not there, also while it waits to be handed over again.
    let lost = "UPDATE connector_documents SET status = 'refused', their_number = 'OLD',
         was_missing = true WHERE number = $1";
    sqlx::query(lost).bind(&row.number).execute(&office.pool).await.expect("it is lost");
    assert_eq!(office.moved(&stock).await, one("WH-01", "P-001", -4));
    office.happened::<Connection>(CONNECTION, again).await;
    let row = office.rows("SO-3").await.remove(1);
    assert_eq!((row.status.as_str(), row.checking, row.was_missing), ("waiting", false, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_that_come_back_are_known_before_their_case_is_settled_and_told_for_nothing() {
    let mut office = Office::start().await;
    let stock = office.stocktaker(Stage::Audited);
    office.ordered("SO-1", "P-001", 9).await;
    office.shipped("SO-1", 9).await;
    office.round().await;
    office.round().await;
    for (id, settlement, worth) in [("AS-1", "replacement", 0), ("AS-2", "credit_note", 300)] {
        let asked = json!({
            "type": "AfterSaleRequested", "after_sale_id": id, "order_id": "SO-1",
            "dealer_id": "C-001", "currency": "CNY", "wish": settlement, "note": "",
            "lines": [{
                "line_no": 1, "product_id": "P-001", "quantity": 3, "cause": "damaged", "note": "",
            }],
            "at_receipt": false, "status": "REQUESTED",
        });
        office.happened::<AfterSale>(id, asked).await;
        let approved = json!({
            "type": "AfterSaleApproved", "after_sale_id": id, "goods_return": true, "remark": "",
            "status": "AWAITING_RETURN",
        });
        office.happened::<AfterSale>(id, approved).await;
        let back = json!({
            "type": "ReturnReceived", "after_sale_id": id, "warehouse_id": "WH-02",
            "lines": [{
                "line_no": 1, "cause": "damaged", "sellable": 2, "scrap": 1, "rejected": 0,
            }],
            "last": true, "status": "TO_SETTLE",
        });
        office.happened::<AfterSale>(id, back).await;
        assert_eq!(office.moved(&stock).await, one("WH-02", "P-001", 2), "{settlement}");
        let settled = json!({
            "type": "AfterSaleSettled", "after_sale_id": id, "order_id": "SO-1",
            "dealer_id": "C-001", "currency": "CNY", "settlement": settlement,
            "lines": [{"line_no": 1, "quantity": 3, "worth_minor": 300}], "amount_minor": worth,
            "payout": {
                "rebate_minor": 0, "prepaid_minor": worth, "debt_minor": 0, "elsewhere_minor": 0,
            },
            "remark": "", "status": "SETTLED",
        });
        office.happened::<AfterSale>(id, settled).await;
        assert_eq!(office.moved(&stock).await, one("WH-02", "P-001", 2), "{settlement}");
        office.round().await;
        let row = office.rows("SO-1").await.pop().expect("a return");
        assert_eq!((row.kind.as_str(), row.status.as_str()), ("return", "sent"), "{row:?}");
        assert_eq!(row.amount_minor, worth);
        assert_eq!(office.moved(&stock).await, nothing(), "{settlement}");
    }
    assert_eq!(office.books.on_hand("WH-02", "P-001"), 1_000_000 + 3 + 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_stock_of_a_product_is_counted_in_its_version() {
    let mut office = Office::start().await;
    let counted = json!({
        "type": "StockCounted", "product_id": "P-001", "warehouse_id": "WH-01", "before": 0,
        "reason": "", "after": {"on_hand": 7, "reserved": 0},
    });
    office.happened::<StockItem>("P-001", counted).await;
    let waits = json!({
        "type": "BackOrderQueued", "product_id": "P-001", "order_id": "SO-1", "quantity": 4,
    });
    office.happened::<StockItem>("P-001", waits).await;
    let expected = json!({
        "type": "StockExpected", "product_id": "P-001", "expected_on": "2026-12-01",
    });
    office.happened::<StockItem>("P-001", expected).await;
    let given_up = json!({
        "type": "BackOrderGivenUp", "product_id": "P-001", "order_id": "SO-1", "quantity": 4,
    });
    office.happened::<StockItem>("P-001", given_up).await;
    assert_eq!(office.stock_of("P-001").await, (4, 1));
    let ended = json!({"type": "StockEnded", "product_id": "P-001", "reason": "停售"});
    office.happened::<StockItem>("P-001", ended).await;
    assert_eq!(office.stock_of("P-001").await, (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_not_compared_where_the_books_only_keep_what_they_are_told() {
    let office = Office::start().await;
    for until in [Stage::Saved, Stage::Submitted] {
        let told = office.stocktaker(until).compare(TENANT).await.expect_err("no comparison");
        let told = told.to_string();
        assert!(told.contains("audited") && told.contains("审核"), "{told}");
    }
    let compared = office.stocktaker(Stage::Audited).compare(TENANT).await.expect("compared");
    assert_eq!((compared.problem.as_str(), compared.stale.len()), ("", 0));
}

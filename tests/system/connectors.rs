//! Documents handed over to books that misbehave: each is there once, whatever happens in between.

use std::time::{Duration, Instant};

use erp::Stage;
use erp_simulator::Fault;
use proto::access::v1::Role;
use proto::connector::v1 as connector;
use proto::connector::v1::handover_service_client::HandoverServiceClient;
use proto::connector::v1::{DocumentKind, ErpSystem, HandoverStatus};
use proto::order::v1 as order;
use proto::order::v1::connection_service_client::ConnectionServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::{CodeKind, SubmitOrderLine};

use cluster_tests::support::books::{Office, settings};
use cluster_tests::support::funds::{cancel, confirm_order, ship};
use cluster_tests::support::shop::{self, PRICE, open_account, order_of, submit};
use cluster_tests::support::system::{System, id};

const SYSTEMS: [erp::System; 2] = [erp::System::Kingdee, erp::System::Yonyou];

/// Everything that can go wrong with a call, and some that go well in between.
const FAULTS: [Fault; 14] = [
    Fault::Lose,
    Fault::Fail,
    Fault::None,
    Fault::Cut,
    Fault::Repeat,
    Fault::Expire,
    Fault::Break,
    Fault::Busy,
    Fault::Late,
    Fault::Slow,
    Fault::Lose,
    Fault::Repeat,
    Fault::Expire,
    Fault::Fail,
];

async fn ordered(office: &Office, order_id: &str, quantity: u32) {
    submit(&office.admin, &order_of(order_id, quantity)).await;
    confirm_order(&office.admin, order_id).await;
}

async fn mapped(office: &Office, deliveries: bool) {
    open_account(&office.admin, "hengtong").await;
    office.set(settings(deliveries)).await;
    office.map(CodeKind::Dealer, "hengtong", "C-001").await;
    office.map(CodeKind::Product, "tea-500", "P-001").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_confirmed_order_is_one_document_whatever_the_books_and_processes_do() {
    const ORDERS: u32 = 12;
    for with in SYSTEMS {
        let mut office = Office::start(with).await;
        mapped(&office, true).await;
        office.faults(FAULTS.into_iter().cycle().take(60));
        for number in 1..=ORDERS {
            ordered(&office, &format!("SO-{number}"), number).await;
        }
        // In the midst of it, twice.
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(900)).await;
            office.system.kill_process();
            office.system.start_process();
            office.system.ready().await;
        }
        for number in 1..=ORDERS {
            ship(&office.admin, &format!("SO-{number}"), number).await.unwrap();
        }
        let all = office.until(2 * ORDERS as usize, HandoverStatus::Sent).await;
        office.books.idle().await;
        let there = office.books.received().documents;
        assert_eq!(there.len(), all.len(), "{with}: {there:#?}");
        for document in &all {
            let held = office.held(&document.number);
            let quantity: i64 = document.of.trim_start_matches("SO-").parse().unwrap();
            assert_eq!(document.their_number, held.number);
            assert_eq!(
                (document.dealer_id.as_str(), held.customer.as_str()),
                ("hengtong", "C-001")
            );
            assert_eq!((held.total.0, document.amount_minor), (quantity * PRICE, quantity * PRICE));
            assert_eq!((held.stage, held.lines[0].quantity), (Stage::Audited, quantity));
        }
        let sold: i64 = (1..=i64::from(ORDERS)).sum();
        assert_eq!(office.books.on_hand("WH-01", "P-001"), 1_000_000 - sold, "each left once");
        println!("{with}: {} documents, each there once", all.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_books_refuse_waits_for_a_person_and_goes_on_when_it_is_mended() {
    for with in SYSTEMS {
        let office = Office::start(with).await;
        mapped(&office, true).await;
        shop::product(&office.admin, "coffee-250", "咖啡 250ml", &["咖啡"]).await;
        shop::set_prices(&office.admin, "base", &[("tea-500", PRICE), ("coffee-250", 500)]).await;
        let mut unknown = order_of("SO-1", 2);
        unknown.lines.push(SubmitOrderLine {
            product_id: "coffee-250".to_owned(),
            quantity: 1,
            unit_price_minor: None,
        });
        submit(&office.admin, &unknown).await;
        confirm_order(&office.admin, "SO-1").await;
        ship(&office.admin, "SO-1", 2).await.unwrap();
        ordered(&office, "SO-2", 1).await;

        let done = |all: &[connector::Handover]| {
            all.iter().any(|it| it.of == "SO-1" && it.status() == HandoverStatus::Refused)
                && all.iter().any(|it| it.of == "SO-2" && it.status() == HandoverStatus::Sent)
        };
        let all = office.until_so(done).await;
        let refused = all.iter().find(|it| it.status() == HandoverStatus::Refused).unwrap();
        assert_eq!(refused.kind(), DocumentKind::SalesOrder);
        assert!(refused.text.contains("物料"), "the books' own words: {refused:?}");
        let delivery = all.iter().find(|it| it.kind() == DocumentKind::Delivery).unwrap();
        assert_eq!(delivery.status(), HandoverStatus::Waiting, "one after the other");
        assert_eq!(delivery.attempts, 0);

        assert_eq!(office.retry(&[]).await, 1, "nothing was mended");
        let again = |it: &connector::Handover| {
            it.number == refused.number
                && (it.attempts, it.status()) == (2, HandoverStatus::Refused)
        };
        office.until_so(|all| all.iter().any(again)).await;
        office.map(CodeKind::Product, "coffee-250", "P-002").await;
        assert_eq!(office.retry(&[&refused.number]).await, 1);
        office.until(3, HandoverStatus::Sent).await;
        let held = office.held(&refused.number);
        assert_eq!((held.total.0, held.lines.len()), (2 * PRICE + 500, 2));
        assert_eq!(office.held(&delivery.number).total.0, 2 * PRICE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_skipped_cancelled_paused_and_compared() {
    let office = Office::start(erp::System::Kingdee).await;
    open_account(&office.admin, "hengtong").await;
    ordered(&office, "SO-0", 1).await;
    mapped(&office, false).await;
    office.map(CodeKind::Dealer, "hengtong", "C-404").await;
    ordered(&office, "SO-1", 1).await;
    let refused = office.until(1, HandoverStatus::Refused).await.remove(0);
    assert_eq!(refused.of, "SO-1", "what was before is not handed over by itself");

    let mut connections = ConnectionServiceClient::new(office.admin.channel.clone());
    let skip = order::SkipDocumentRequest {
        request_id: id(),
        expected_version: None,
        number: refused.number.clone(),
        reason: "已手工录入".to_owned(),
    };
    connections.skip_document(office.admin.says(skip)).await.unwrap();
    let skipped = office.until(1, HandoverStatus::Skipped).await;
    assert_eq!(skipped[0].text, "已手工录入");

    let pause = order::PauseConnectionRequest {
        request_id: id(),
        expected_version: None,
        reason: "月末结账".to_owned(),
    };
    connections.pause_connection(office.admin.says(pause)).await.unwrap();
    office.map(CodeKind::Dealer, "hengtong", "C-001").await;
    ordered(&office, "SO-2", 1).await;
    ordered(&office, "SO-3", 1).await;
    cancel(&office.admin, "SO-3").await.unwrap();
    let status = |all: &[connector::Handover], of: &str| {
        all.iter().find(|it| it.of == of).map(|it| (it.status(), it.attempts))
    };
    office.until_so(|all| status(all, "SO-2") == Some((HandoverStatus::Waiting, 0))).await;
    let resume = order::ResumeConnectionRequest { request_id: id(), expected_version: None };
    connections.resume_connection(office.admin.says(resume)).await.unwrap();
    office.until_so(|all| status(all, "SO-2") == Some((HandoverStatus::Sent, 1))).await;
    // One that had not begun yet is looked for before it is left out.
    let is_left_out = |all: &[connector::Handover]| {
        status(all, "SO-3").is_some_and(|(it, _)| it == HandoverStatus::Skipped)
    };
    office.until_so(is_left_out).await;

    let resync = order::RequestResyncRequest {
        request_id: id(),
        expected_version: None,
        since: "2026-01-01T00:00:00Z".to_owned(),
    };
    connections.request_resync(office.admin.says(resync)).await.unwrap();
    let all = office
        .until_so(|all| {
            status(all, "SO-0") == Some((HandoverStatus::Sent, 1))
                && status(all, "SO-2") == Some((HandoverStatus::Sent, 2))
        })
        .await;
    assert_eq!(status(&all, "SO-1").map(|it| it.0), Some(HandoverStatus::Skipped));
    assert!(all.iter().all(|it| !it.was_missing), "{all:#?}");
    assert_eq!(office.books.received().documents.len(), 2, "SO-0 and SO-2, once each");
    cancel(&office.admin, "SO-2").await.unwrap();
    let marked = |all: &[connector::Handover]| all.iter().any(|it| it.of == "SO-2" && it.cancelled);
    let all = office.until_so(marked).await;
    let number = all.iter().find(|it| it.of == "SO-2").unwrap().number.clone();
    closed_there(&office, number).await;
}

/// A person has closed the order of a document in the books, and says so.
async fn closed_there(office: &Office, number: String) {
    assert_eq!(todo(office).await, (1, vec![number.clone()]));
    let done = order::SkipDocumentRequest {
        request_id: id(),
        expected_version: None,
        number: number.clone(),
        reason: "已在 ERP 关闭".to_owned(),
    };
    let mut connections = ConnectionServiceClient::new(office.admin.channel.clone());
    connections.skip_document(office.admin.says(done)).await.unwrap();
    let is_done = |it: &connector::Handover| it.number == number && !it.cancelled;
    let all = office.until_so(|all| all.iter().any(is_done)).await;
    assert_eq!(all.iter().find(|it| is_done(it)).unwrap().status(), HandoverStatus::Sent);
    assert_eq!(todo(office).await, (0, Vec::new()));
}

/// How many documents a person has to close or change in the books, and what waits for a person.
async fn todo(office: &Office) -> (u64, Vec<String>) {
    let mut client = HandoverServiceClient::new(office.admin.channel.clone());
    let asked = office.admin.says(connector::GetConnectionRequest::default());
    let by_hand = client.get_connection(asked).await.unwrap().into_inner().by_hand;
    let asked = connector::ListHandoversRequest { needs_person: true, ..Default::default() };
    let listed = client.list_handovers(office.admin.says(asked)).await.unwrap().into_inner();
    (by_hand, listed.handovers.into_iter().map(|it| it.number).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_what_the_books_say_and_what_they_do_not_know_yet() {
    let office = Office::start(erp::System::Kingdee).await;
    mapped(&office, true).await;
    office.map(CodeKind::Warehouse, "north", "WH-02").await;
    let with_stock =
        |tax_percent| order::ConnectionSettings { stock: true, tax_percent, ..settings(true) };
    office.set(with_stock(13)).await;
    until_stock(&office, 1_000_000).await;
    // It leaves, and the books say the same a moment later.
    ordered(&office, "SO-1", 5).await;
    ship(&office.admin, "SO-1", 5).await.unwrap();
    office.until(2, HandoverStatus::Sent).await;
    assert_eq!(office.books.on_hand("WH-01", "P-001"), 1_000_000 - 5);
    office.set(with_stock(9)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    until_stock(&office, 1_000_000).await;
}

async fn until_stock(office: &Office, on_hand: i64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut client = StockQueryServiceClient::new(office.admin.channel.clone());
    loop {
        let asked = order::ListStockRequest { search: "tea-500".to_owned(), ..Default::default() };
        let items = client.list_stock(office.admin.says(asked)).await.unwrap().into_inner().items;
        let found = items.first().map(|item| item.on_hand);
        if found == Some(on_hand) {
            return;
        }
        assert!(Instant::now() < deadline, "{found:?}\n{}", office.system.said());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_tried_and_told_by_the_command_line() {
    let office = Office::start(erp::System::Yonyou).await;
    mapped(&office, false).await;
    let mut client = HandoverServiceClient::new(office.admin.channel.clone());
    let asked = || office.admin.says(connector::TryConnectionRequest {});
    let tried = client.try_connection(asked()).await.unwrap().into_inner();
    assert!(tried.works, "{tried:?}");
    assert_eq!(tried.system(), ErpSystem::Yonyou);
    office.faults([Fault::Fail, Fault::Fail, Fault::Fail]);
    let tried = client.try_connection(asked()).await.unwrap().into_inner();
    assert!(!tried.works && !tried.problem.is_empty(), "{tried:?}");
    office.faults([]);
    let asked = connector::ListBooksRequest { kind: CodeKind::Product.into(), page_number: 0 };
    let books = client.list_books(office.admin.says(asked)).await.unwrap().into_inner();
    assert_eq!(books.entries[0].code, "P-001");
    let asked = connector::ListCodesRequest { kind: CodeKind::Dealer.into(), page: None };
    let codes = client.list_codes(office.admin.says(asked)).await.unwrap().into_inner().codes;
    assert_eq!((codes[0].own.as_str(), codes[0].theirs.as_str()), ("hengtong", "C-001"));

    ordered(&office, "SO-1", 2).await;
    office.until(1, HandoverStatus::Sent).await;
    let say = |arguments: &[&str]| {
        let (fine, told) = office.system.qudao(&office.admin, arguments);
        assert!(fine, "{arguments:?}: {told}");
        told
    };
    assert_eq!(say(&["connectors", "list"])[0]["status"], "sent");
    assert_eq!(say(&["connectors", "show"])["sent"], 1);
    assert_eq!(say(&["connectors", "try"])["works"], true);
    say(&["connectors", "map", "product", "coffee=P-002"]);
    assert_eq!(say(&["connectors", "codes", "product"])[0]["theirs"], "P-002");
    assert_eq!(say(&["connectors", "retry"])["count"], 0);
    say(&["connectors", "resync", "2026-01-01T00:00:00Z"]);
    say(&["connectors", "skip", "QD-SO-1", "--reason", "手工"]);
    say(&["connectors", "pause", "--reason", "月末结账"]);
    say(&["connectors", "resume"]);
    let set = ["connectors", "set", "--orders", "shipped", "--unit", "Pcs", "--tax", "9"];
    say(&[&set[..], &["--warehouse", "WH-01"]].concat());
    let shown = say(&["connectors", "show"]);
    assert_eq!(shown["handed_over"]["orders"], "shipped");
    assert_eq!(shown["handed_over"]["deliveries"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_contract_nobody_is_asked_and_dealers_see_nothing_of_it() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let mut client = HandoverServiceClient::new(admin.channel.clone());
    let tried = client.try_connection(admin.says(connector::TryConnectionRequest {})).await;
    assert_eq!(shop::reason(&tried.unwrap_err()), "NO_CONTRACT");
    let told = client.get_connection(admin.says(connector::GetConnectionRequest::default()));
    let told = told.await.unwrap().into_inner();
    assert_eq!((told.system(), told.settings), (ErpSystem::Unspecified, None));
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let asked = owner.says(connector::ListHandoversRequest::default());
    let refused = client.list_handovers(asked).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
    let asked = order::MapCodesRequest {
        request_id: id(),
        kind: CodeKind::Dealer.into(),
        codes: vec![order::MappedCode { own: "hengtong".to_owned(), theirs: "C'1".to_owned() }],
        ..Default::default()
    };
    let mut connections = ConnectionServiceClient::new(admin.channel.clone());
    let refused = connections.map_codes(admin.says(asked)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument, "quotes change questions");
}

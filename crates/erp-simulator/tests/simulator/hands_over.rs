//! Documents that go well, and what is read.

use chrono::DateTime;
use erp::{BizId, Body, Contract, Kind, Line, Stage as Until, System};
use erp_simulator::{Fault, Misbehaviour};
use values::{Minor, Quantity};

use super::stage::{KINDS, SYSTEMS, Stage, accepted, document, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_each_kind_is_handed_over_and_counts() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        for kind in KINDS {
            let document = document(kind, 7);
            let number = accepted(client.hand_over(&document).await);
            assert_eq!(number, document.biz_id.as_str());
            let held = stage.one(&document.biz_id);
            assert_eq!((held.system, held.kind, held.stage), (system, kind, Until::Audited));
            assert_eq!((held.customer.as_str(), held.total), ("C-001", Minor(18_888)));
            assert!(held.day.starts_with("2026-11-27"), "{}", held.day);
            let lines: Vec<_> = held.lines.iter().map(|it| (it.quantity, it.amount.0)).collect();
            let expected: &[_] = match kind {
                Kind::Receipt => &[],
                Kind::SalesOrder | Kind::Delivery | Kind::Return => {
                    &[(24, 8_888), (7, 10_000), (2, 0)]
                }
            };
            assert_eq!(lines, expected, "{kind:?}");
            let left = stage.simulator.on_hand("WH-01", "P-001");
            let expected = if kind == Kind::Delivery { 1_000_000 - 26 } else { 1_000_000 };
            assert_eq!(left, expected, "{kind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_signed_needs_no_session() {
    let stage = Stage::start().await;
    let client = stage.signing_client();
    for kind in KINDS {
        accepted(client.hand_over(&document(kind, 1)).await);
    }
    let calls = stage.simulator.received().calls;
    assert!(calls.iter().all(|call| !call.what.contains("Login")), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_document_again_changes_nothing() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        for kind in KINDS {
            let document = document(kind, 1);
            let first = accepted(client.hand_over(&document).await);
            let before = stage.one(&document.biz_id);
            assert_eq!(accepted(client.hand_over(&document).await), first);
            assert_eq!(stage.one(&document.biz_id), before);
        }
        assert_eq!(stage.simulator.on_hand("WH-01", "P-002"), 1_000_000, "it left and came once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_brought_as_far_as_the_contract_says_and_further_by_another() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        for kind in KINDS {
            let document = document(kind, 1);
            for until in [Until::Saved, Until::Submitted, Until::Audited] {
                let client = stage.client_until(system, until);
                accepted(client.hand_over(&document).await);
                assert_eq!(stage.one(&document.biz_id).stage, until);
                let found = client.look_up(kind, &document.biz_id).await.expect("an answer");
                assert_eq!(found.expect("it is there").stage, until);
            }
            let modest = stage.client_until(system, Until::Saved);
            accepted(modest.hand_over(&document).await);
            assert_eq!(stage.one(&document.biz_id).stage, Until::Audited, "never back");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_has_taken_back_stays_theirs() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        for kind in KINDS {
            let document = document(kind, 1);
            let modest = stage.client_until(system, Until::Submitted);
            let number = accepted(modest.hand_over(&document).await);
            stage.simulator.take_over(&number);
            accepted(stage.client(system).hand_over(&document).await);
            assert_eq!(stage.one(&document.biz_id).stage, Until::TakenOver);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_document_of_the_number_is_not_taken_for_it() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        for kind in [Kind::SalesOrder, Kind::Return, Kind::Receipt] {
            let mut document = document(kind, 1);
            accepted(client.hand_over(&document).await);
            match &mut document.body {
                Body::SalesOrder { lines }
                | Body::Delivery { lines, .. }
                | Body::Return { lines, .. } => lines[0].amount = Minor(8_887),
                Body::Receipt { amount, .. } => *amount = Minor(18_887),
            }
            let (code, _, permanent) = refused(client.hand_over(&document).await);
            assert_eq!((code.as_str(), permanent), ("OTHER_DOCUMENT", true), "{system} {kind:?}");
            assert_eq!(stage.one(&document.biz_id).total, Minor(18_888));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_number_may_stand_in_a_field_of_its_own() {
    let stage = Stage::start().await;
    let mut contract = stage.simulator.contract(System::Kingdee);
    if let Contract::Kingdee(it) = &mut contract {
        it.biz_id_field = "F_QDBizId".to_owned();
    }
    let client = stage.client_of(contract);
    for kind in KINDS {
        let document = document(kind, 1);
        stage.faults([Fault::None, Fault::Repeat].into_iter().cycle().take(4));
        let number = accepted(client.hand_over(&document).await);
        assert_ne!(number, document.biz_id.as_str(), "the books number by themselves");
        assert_eq!(stage.one(&document.biz_id).number, number);
        assert_eq!(accepted(client.hand_over(&document).await), number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_within_others_is_found_among_them() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client_until(system, Until::Saved);
        for kind in KINDS {
            for text in std::iter::once("7".to_owned()).chain((0..12).map(|it| format!("7{it}"))) {
                let biz_id = text.parse().expect("a number");
                let document = erp::Document { biz_id, ..document(kind, 1) };
                accepted(client.hand_over(&document).await);
            }
            let biz_id = "7".parse().expect("a number");
            let found = client.look_up(kind, &biz_id).await.expect("an answer");
            assert_eq!(found.expect("it is there").number, "7", "{system} {kind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_was_forgotten_is_looked_up() {
    let stage = Stage::start().await;
    let client = stage.client(System::Yonyou);
    let document = document(Kind::SalesOrder, 1);
    // Token, list, save.
    let next = [Fault::None, Fault::None, Fault::Repeat].into();
    stage.simulator.misbehave(Misbehaviour { next, is_forgetful: true, ..Default::default() });
    accepted(client.hand_over(&document).await);
    assert_eq!(stage.one(&document.biz_id).stage, Until::Audited);
}

#[tokio::test(flavor = "multi_thread")]
async fn products_and_customers_are_told_with_what_may_be_used() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let products = client.products(1, None).await.expect("products");
        let first = &products.rows[0];
        assert_eq!((first.code.as_str(), first.unit.as_str()), ("P-001", "Pcs"));
        assert_eq!(first.name, "原味气泡水 330ml");
        let usable = products.rows.iter().filter(|it| it.is_usable).count();
        assert_eq!((usable, products.is_last), (4, true), "{system}");
        let customers = client.customers(1, None).await.expect("customers");
        let last = customers.rows.last().expect("a customer");
        assert_eq!((last.code.as_str(), last.is_usable), ("C-009", false));
        assert_eq!(customers.rows[0].name, "杭州远山商贸有限公司");
        let at = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
        for (since, count) in [("2026-11-26T00:00:00Z", 4), ("2026-11-26T00:00:01Z", 0)] {
            let changed = client.customers(1, at(since)).await.expect("customers");
            assert_eq!(changed.rows.len(), count, "{system} since {since}");
            let changed = client.products(1, at(since)).await.expect("products");
            assert_eq!(changed.rows.is_empty(), count == 0, "{system} since {since}");
        }
        assert!(client.products(2, None).await.expect("a page").rows.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_is_told_by_product_with_all_lots_together() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        accepted(client.hand_over(&document(Kind::Delivery, 1)).await);
        // More than are asked about at once, most of them unknown there.
        let mut products: Vec<_> = (0..150).map(|at| format!("X-{at}")).collect();
        products.extend(["P-002".to_owned(), "P-001".to_owned()]);
        let levels = client.stock("WH-01", &products).await.expect("stock");
        let told: Vec<_> = levels.iter().map(|it| (it.product.as_str(), it.on_hand)).collect();
        assert_eq!(told.len(), 152);
        assert_eq!(told[..2], [("X-0", 0), ("X-1", 0)]);
        assert_eq!(told[150..], [("P-002", 1_000_000 - 7), ("P-001", 1_000_000 - 26)]);
        let available = match system {
            System::Kingdee => None,
            System::Yonyou => Some(1_000_000 - 26 - 99_997),
        };
        assert_eq!(levels[151].available, available);
        let elsewhere = client.stock("WH-02", &products[151..]).await.expect("stock");
        assert_eq!(elsewhere[0].on_hand, 1_000_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_come_out_to_the_last_unit_however_they_divide() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let mut wanted = document(Kind::SalesOrder, 1);
        let odd = [(3, 1), (7, 99), (1_000_000, 1_234_567), (9_999_999, 100_000_000_001)];
        let lines = odd.map(|(quantity, amount)| Line {
            product: "P-003".to_owned(),
            unit: "Pcs".to_owned(),
            quantity: Quantity::of(quantity),
            amount: Minor(amount),
            tax_percent: 13,
        });
        wanted.body = Body::SalesOrder { lines: lines.into() };
        accepted(client.hand_over(&wanted).await);
        let held = stage.one(&wanted.biz_id);
        let amounts: Vec<_> = held.lines.iter().map(|line| line.amount.0).collect();
        assert_eq!(amounts, odd.map(|(_, amount)| amount), "{system}");
        let again: BizId = "another-number_1".parse().expect("a number");
        let again = erp::Document { biz_id: again, ..wanted };
        assert_eq!(accepted(client.hand_over(&again).await), "another-number_1");
    }
}

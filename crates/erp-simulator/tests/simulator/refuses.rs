//! What systems refuse, and what of it stays so.

use erp::{Body, Contract, Kind, Stage as Until, System};
use erp_simulator::{Fault, Misbehaviour};
use values::Quantity;

use super::stage::{SYSTEMS, Stage, accepted, document, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_the_code_and_the_words_of_the_system() {
    for (system, code, field) in
        [(System::Kingdee, "MsgCode 11", "FCustId"), (System::Yonyou, "999", "agentId")]
    {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let refused_customer = Some("C-001".to_owned());
        stage.simulator.misbehave(Misbehaviour { refused_customer, ..Default::default() });
        let document = document(Kind::SalesOrder, 1);
        let (found, text, permanent) = refused(client.hand_over(&document).await);
        assert_eq!((found.as_str(), permanent), (code, true));
        assert!(text.contains(field) && text.contains("冻结"), "{text}");
        assert!(stage.held(&document.biz_id).is_empty());
        stage.simulator.misbehave(Misbehaviour::default());
        accepted(client.hand_over(&document).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_the_books_do_not_have_are_refused_for_good() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        for (position, bad) in ["customer", "product", "unit", "warehouse"].into_iter().enumerate()
        {
            let mut document = document(Kind::Delivery, position as u64);
            let Body::Delivery { warehouse, lines, .. } = &mut document.body else { panic!() };
            match bad {
                "customer" => document.customer = "C-009".to_owned(),
                "product" => lines[0].product = "P-009".to_owned(),
                "unit" => lines[0].unit = "Box".to_owned(),
                _ => *warehouse = "WH-99".to_owned(),
            }
            let (code, text, permanent) = refused(client.hand_over(&document).await);
            assert!(permanent && text.contains("不存在"), "{system} {bad}: {code} {text}");
            assert!(stage.held(&document.biz_id).is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_busy_is_asked_again() {
    for (system, code) in [(System::Kingdee, "MsgCode 14"), (System::Yonyou, "310046")] {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let document = document(Kind::Receipt, 1);
        // Who it is, where it is, to save it.
        stage.faults([Fault::None, Fault::None, Fault::Busy]);
        let (found, _, permanent) = refused(client.hand_over(&document).await);
        assert_eq!((found.as_str(), permanent), (code, false));
        accepted(client.hand_over(&document).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_opens_nothing_is_no_documents_fault() {
    for (system, code) in [(System::Kingdee, "LOGIN"), (System::Yonyou, "50000")] {
        let stage = Stage::start().await;
        let mut contract = stage.simulator.contract(system);
        let wrong = || "wrong".to_owned().into();
        match &mut contract {
            Contract::Kingdee(it) => it.app_secret = wrong(),
            Contract::Yonyou(it) => it.app_secret = wrong(),
        }
        let client = stage.client_of(contract);
        let (found, text, permanent) = refused(client.hand_over(&document(Kind::Receipt, 1)).await);
        assert_eq!((found.as_str(), permanent), (code, false), "{text}");
        assert!(!format!("{client:?} {text}").contains("wrong"), "what is secret is not shown");
    }
    let stage = Stage::start().await;
    let mut contract = stage.simulator.contract(System::Kingdee);
    if let Contract::Kingdee(it) = &mut contract {
        it.auth = erp::KingdeeAuth::Signed;
        it.app_secret = "wrong".to_owned().into();
    }
    let answer = stage.client_of(contract).hand_over(&document(Kind::Receipt, 1)).await;
    let (found, _, permanent) = refused(answer);
    assert_eq!((found.as_str(), permanent), ("SESSION", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_waits_for_goods_goes_on_when_they_are_there() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let with = |kind, position, quantity| {
            let mut document = document(kind, position);
            let (Body::Delivery { lines, .. } | Body::Return { lines, .. }) = &mut document.body
            else {
                panic!()
            };
            lines.truncate(1);
            lines[0].quantity = Quantity::of(quantity);
            document
        };
        let delivery = with(Kind::Delivery, 1, 1_000_001);
        let (_, text, permanent) = refused(client.hand_over(&delivery).await);
        assert!(permanent && text.contains("库存不足"), "{system}: {text}");
        assert_eq!(stage.one(&delivery.biz_id).stage, Until::Submitted, "it is there, unfinished");
        accepted(client.hand_over(&with(Kind::Return, 2, 1)).await);
        accepted(client.hand_over(&delivery).await);
        assert_eq!(stage.one(&delivery.biz_id).stage, Until::Audited);
        assert_eq!(stage.simulator.on_hand("WH-01", "P-001"), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_system_would_take_is_not_even_sent() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let mut bad = document(Kind::SalesOrder, 1);
        bad.customer = "C' or '1'='1".to_owned();
        let (code, _, permanent) = refused(client.hand_over(&bad).await);
        assert_eq!((code.as_str(), permanent), ("CODE", true));
        let products = ["P-001') or ('1'='1".to_owned()];
        client.stock("WH-01", &products).await.expect_err("no code");
        assert!(stage.simulator.received().calls.is_empty());

        let mut foreign = document(Kind::SalesOrder, 2);
        foreign.currency = "JPY".parse().expect("a currency");
        let (code, _, permanent) = refused(client.hand_over(&foreign).await);
        assert_eq!((code.as_str(), permanent), ("CURRENCY", true), "{system}");
    }
    let stage = Stage::start().await;
    let mut taxed = document(Kind::SalesOrder, 1);
    let Body::SalesOrder { lines } = &mut taxed.body else { panic!() };
    lines[0].tax_percent = 6;
    let (code, _, _) = refused(stage.client(System::Yonyou).hand_over(&taxed).await);
    assert_eq!(code, "TAX_CODE");
}

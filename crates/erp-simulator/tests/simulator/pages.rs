//! What people and other processes see of the simulator.

use erp::{Contract, Kind, System};
use erp_simulator::{Fault, Misbehaviour};
use http::{Method, Response};
use serde_json::Value;

use super::stage::{SYSTEMS, Stage, accepted, document};

fn text(answer: Response<Vec<u8>>) -> String {
    assert_eq!(answer.status(), 200);
    String::from_utf8(answer.into_body()).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_lists_what_arrived() {
    let stage = Stage::start().await;
    let empty = text(stage.ask(Method::GET, "/", "").await);
    assert_eq!(empty.matches("暂无").count(), 5, "four kinds and the calls");
    for system in SYSTEMS {
        accepted(stage.client(system).hand_over(&document(Kind::Delivery, 7)).await);
    }
    let page = text(stage.ask(Method::GET, "/", "").await);
    for shown in [
        "QD-DN-000000000007",
        "金蝶云星空",
        "用友 YonBIP",
        "¥188.88",
        "已审核",
        "P-001 × 24",
        "Audit",
    ] {
        assert!(page.contains(shown), "{shown} is not on the page");
    }
    let received = text(stage.ask(Method::GET, "/simulator/received", "").await);
    let received: Value = serde_json::from_str(&received).expect("JSON");
    assert_eq!(received["documents"][0]["biz_id"], "QD-DN-000000000007");
    assert_eq!(received["documents"][1]["stage"], "audited");
    assert_eq!(received["documents"][1]["total"], 18_888);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_another_process_is_given_its_contract() {
    let stage = Stage::start().await;
    let told = text(stage.ask(Method::GET, "/simulator/contracts", "").await);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    for system in SYSTEMS {
        let contract = told[system.as_ref()].clone();
        let contract: Contract = serde_json::from_value(contract).expect("a contract");
        assert_eq!(contract.system(), system);
        accepted(stage.client_of(contract).hand_over(&document(Kind::Receipt, 1)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn misbehaviour_is_set_as_a_whole_and_shown() {
    let stage = Stage::start().await;
    let path = "/simulator/misbehave";
    stage.ask(Method::POST, path, r#"{"next": ["lose", "slow"], "while_ms": 5}"#).await;
    let expected = [Fault::Lose, Fault::Slow].into();
    let expected = Misbehaviour { next: expected, while_ms: 5, ..Default::default() };
    assert_eq!(stage.simulator.misbehaviour(), expected);
    let shown = text(stage.ask(Method::GET, path, "").await);
    let shown: Misbehaviour = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown, expected);
    stage.ask(Method::POST, path, "{}").await;
    assert_eq!(stage.simulator.misbehaviour(), Misbehaviour::default());
    let unknown = stage.ask(Method::POST, path, r#"{"nxt": []}"#).await;
    assert_eq!(unknown.status(), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_nothing_is_told_so_in_the_way_of_each_system() {
    let stage = Stage::start().await;
    let service = "/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.Save.common.kdsvc";
    let told = text(stage.ask(Method::POST, service, r#"{"formid":"SAL_SaleOrder"}"#).await);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["Result"]["ResponseStatus"]["MsgCode"], 1);
    let gateway = "/iuap-api-gateway/yonbip/sd/voucherorder/list";
    for (query, code) in [("", "310001"), ("?access_token=x", "310036")] {
        let told = text(stage.ask(Method::POST, &format!("{gateway}{query}"), "{}").await);
        let told: Value = serde_json::from_str(&told).expect("JSON");
        assert_eq!(told["code"], code);
    }
    let nowhere = stage.ask(Method::POST, "/iuap-api-gateway/yonbip/not/there", "{}").await;
    assert_eq!(nowhere.status(), 404);
    assert!(stage.simulator.received().documents.is_empty());
    assert_eq!(System::Yonyou.en(), "Yonyou YonBIP");
}

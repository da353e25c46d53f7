//! What people see, and how the simulator is asked from outside.

use http::Method;
use psp::Provider;
use serde_json::Value;

use super::stage::Stage;

fn text(answer: http::Response<Vec<u8>>) -> String {
    String::from_utf8(answer.into_body()).expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_what_is_paid_and_pays_it() {
    let stage = Stage::start().await;
    let client = stage.client(Provider::WechatPay);
    let mut charge = stage.charge(Provider::WechatPay, "PAY000001");
    charge.subject = "<script>alert(1)</script>".to_owned();
    charge.amount = values::Minor(123_456_789);
    let url = client.present(&charge).await.expect("presented").url;
    let page = text(stage.ask(Method::GET, &url, "").await);
    assert!(page.contains("¥1,234,567.89"), "{page}");
    assert!(page.contains("支付 <small>Pay</small>") && page.contains("渠道演示商户"), "{page}");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains("src=") && !page.contains("http"), "it needs nothing from elsewhere");
    let cancelled = text(stage.ask(Method::POST, &url, "action=cancel").await);
    assert!(cancelled.contains("已取消"), "{cancelled}");
    let paid = text(stage.ask(Method::POST, &url, "action=pay").await);
    assert!(paid.contains("支付成功"), "{paid}");
    let list = text(stage.ask(Method::GET, "/", "").await);
    assert!(list.contains("PAY000001") && list.contains("已支付"), "{list}");
    let missing = format!("{}/pay/none", stage.simulator.base_url());
    assert_eq!(stage.ask(Method::GET, &missing, "").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_all_that_it_did() {
    let stage = Stage::start().await;
    let client = stage.paid(Provider::Alipay).await;
    client.refund(&stage.refund(Provider::Alipay, "REF1", 888)).await.expect("taken on");
    stage.read(&client, 2).await;
    let told = text(stage.ask(Method::GET, "/simulator/transactions", "").await);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["payments"][0]["payment_id"], "PAY000001");
    assert_eq!(told["payments"][0]["state"], "paid");
    assert_eq!(told["refunds"][0]["amount"], 888);
    assert_eq!(told["notices"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_another_process_is_given_its_contract() {
    let stage = Stage::start().await;
    let told = text(stage.ask(Method::GET, "/simulator/merchants", "").await);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    for provider in [Provider::WechatPay, Provider::Alipay] {
        for (whose, standing) in
            [("ours", psp::Standing::Waiting), ("others", psp::Standing::Unknown)]
        {
            let merchant = told[whose][provider.as_ref()].clone();
            let client = stage.client_of(serde_json::from_value(merchant).expect("a merchant"));
            if whose == "ours" {
                let charge = stage.charge(provider, "PAY000001");
                let url = client.present(&charge).await.expect("presented").url;
                stage.ask(Method::GET, &url, "").await;
            }
            assert_eq!(client.look_up("PAY000001").await.expect("an answer"), standing);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn misbehaviour_is_set_as_a_whole_and_shown() {
    let stage = Stage::start().await;
    let path = "/simulator/misbehave";
    stage.ask(Method::POST, path, r#"{"copies": 2, "shuffled": true}"#).await;
    let shown = text(stage.ask(Method::GET, path, "").await);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((&shown["copies"], &shown["shuffled"]), (&2.into(), &true.into()));
    stage.ask(Method::POST, path, "{}").await;
    assert_eq!(stage.simulator.misbehaviour(), psp_simulator::Misbehaviour::default());
    let unknown = stage.ask(Method::POST, path, r#"{"copys": 2}"#).await;
    assert_eq!(unknown.status(), 422);
}

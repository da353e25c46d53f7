//! Events that are sent to where a brand wants them, as its administrators and receivers see it.

use std::process::Command;

use cluster_tests::support::people::places_of;
use cluster_tests::support::receiver::{Answers, Receiver};
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User, executable, id};
use cluster_tests::support::webhooks::{
    anywhere, deliveries, endpoints, get, list, register, registration, sent, until,
};
use kernel::clock;
use proto::access::v1::Role;
use proto::partner::v1 as partner;
use proto::partner::v1::WebhookCause;
use proto::webhook::v1 as pb;
use proto::webhook::v1::DeliveryStatus;
use serde_json::Value;
use tonic::Code;

const SUBMITTED: &str = "order.OrderSubmitted";

#[tokio::test]
async fn an_event_comes_to_the_endpoint_that_wants_it_signed_and_once() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    submit(&admin, &order_of("SO-before", 24)).await;
    let (endpoint, secret) = register(&admin, &receiver.url(), &["order.*"]).await;
    // No wait: what happens after the answer is sent, whatever was followed by then.
    let receipt = submit(&admin, &order_of("SO-000001", 24)).await;
    let came = receiver.has(SUBMITTED, 1).await;
    let message = &came[0];
    assert_eq!(
        (message.path.as_str(), message.header("content-type")),
        ("/hooks", "application/json")
    );
    message.verify(&secret, clock::now()).unwrap();
    let json = message.json();
    assert_eq!(json["data"]["object_id"], "SO-000001");
    assert_eq!(json["data"]["position"], receipt.position);
    assert_eq!(json["data"]["id"], message.id());
    assert_eq!(json["data"]["event"]["type"], "OrderSubmitted");

    let done = until(&admin, &endpoint.object_id, |all| {
        all.iter().all(|it| it.status() == DeliveryStatus::Delivered)
    });
    let done = done.await;
    assert_eq!(done.len(), 1, "what was before, and other contexts, are not sent: {done:?}");
    let told = get(&admin, &done[0].delivery_id).await;
    assert_eq!(told.body, message.body, "byte for byte");
    assert_eq!((told.attempts[0].http_status, told.attempts[0].excerpt.as_str()), (200, "noted"));
    let listed = list(&admin, endpoint.position).await;
    assert_eq!((listed[0].delivered, listed[0].failed, listed[0].pending), (1, 0, 0));
    assert_eq!(receiver.came().len(), 1);
    let of_type = async |event_type: &str| {
        let event_type = event_type.to_owned();
        let request = pb::ListDeliveriesRequest { event_type, ..Default::default() };
        let listed = deliveries(&admin).list_deliveries(admin.says(request)).await.unwrap();
        listed.into_inner().page.unwrap().total
    };
    assert_eq!((of_type(SUBMITTED).await, of_type("order.OrderShipped").await), (1, 0));
    let types = admin.says(pb::ListEventTypesRequest {});
    let types = deliveries(&admin).list_event_types(types).await.unwrap().into_inner().types;
    let submitted = types.iter().find(|it| it.name == SUBMITTED).unwrap();
    assert!(!submitted.description.is_empty() && types.len() > 30, "{types:?}");
    assert_eq!(places_of(&system, &secret).await, [""; 0], "the secret stands nowhere");
}

#[tokio::test]
async fn after_a_change_both_secrets_sign_for_a_day() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let request = registration(&receiver.url(), &["*"]);
    let registered = endpoints(&admin).register_webhook(admin.says(request.clone())).await;
    let registered = registered.unwrap().into_inner();
    let again = endpoints(&admin).register_webhook(admin.says(request)).await.unwrap();
    assert_eq!(again.into_inner(), registered, "a lost answer is given again");
    let endpoint_id = registered.receipt.unwrap().object_id;
    let rotate = || partner::RotateWebhookSecretRequest {
        request_id: id(),
        endpoint_id: endpoint_id.clone(),
        ..Default::default()
    };
    let rotated = endpoints(&admin).rotate_webhook_secret(admin.says(rotate())).await.unwrap();
    let rotated = rotated.into_inner();
    assert_ne!(rotated.secret, registered.secret);
    let no = endpoints(&admin).rotate_webhook_secret(admin.says(rotate())).await.unwrap_err();
    assert_eq!(reason(&no), "ROTATED_RECENTLY");
    let position = rotated.receipt.unwrap().position;
    assert_eq!(list(&admin, position).await[0].previous_secret_until, rotated.previous_until);

    submit(&admin, &order_of("SO-000001", 24)).await;
    let message = receiver.has(SUBMITTED, 1).await.remove(0);
    assert_eq!(message.header("webhook-signature").split(' ').count(), 2);
    for secret in [&registered.secret, &rotated.secret] {
        message.verify(secret, clock::now()).unwrap();
    }
    let reveal = partner::RevealWebhookSecretRequest { endpoint_id, reason: "接入".to_owned() };
    let shown = endpoints(&admin).reveal_webhook_secret(admin.says(reveal.clone())).await.unwrap();
    assert_eq!(shown.into_inner().secret, rotated.secret);
    let auditor = system.user("acme", &[Role::Auditor], None);
    let no = endpoints(&auditor).reveal_webhook_secret(auditor.says(reveal)).await.unwrap_err();
    assert_eq!(reason(&no), "ROLE_MISSING");
    assert_eq!(list(&auditor, position).await.len(), 1, "an auditor looks");
}

async fn enable(admin: &User, endpoint_id: &str) -> u64 {
    let request = partner::EnableWebhookRequest {
        request_id: id(),
        endpoint_id: endpoint_id.to_owned(),
        ..Default::default()
    };
    let done = endpoints(admin).enable_webhook(admin.says(request)).await.unwrap();
    done.into_inner().receipt.unwrap().position
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_until_somebody_enables_it() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = register(&admin, &receiver.url(), &[SUBMITTED]).await;
    receiver.answers(Answers::with(410));
    submit(&admin, &order_of("SO-000001", 24)).await;
    receiver.has(SUBMITTED, 1).await;
    let disabled = loop {
        let listed = list(&admin, endpoint.position).await.remove(0);
        if !listed.enabled {
            break listed;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!((disabled.cause(), disabled.reason.as_str()), (WebhookCause::Gone, "410 Gone"));
    let failed = sent(&admin, &endpoint.object_id).await;
    assert_eq!((failed.len(), failed[0].status()), (1, DeliveryStatus::Failed));
    let resend = pb::ResendDeliveryRequest { delivery_id: failed[0].delivery_id.clone() };
    let no = deliveries(&admin).resend_delivery(admin.says(resend.clone())).await.unwrap_err();
    assert_eq!(reason(&no), "WEBHOOK_DISABLED");

    receiver.answers(Answers::with(200));
    submit(&admin, &order_of("SO-000002", 24)).await;
    let position = enable(&admin, &endpoint.object_id).await;
    list(&admin, position).await;
    submit(&admin, &order_of("SO-000003", 24)).await;
    deliveries(&admin).resend_delivery(admin.says(resend)).await.unwrap();
    receiver.has(SUBMITTED, 3).await;
    let came = receiver.came();
    let of = |order: &str| came.iter().filter(|it| it.json()["data"]["object_id"] == order).count();
    assert_eq!((of("SO-000001"), of("SO-000002"), of("SO-000003")), (2, 0, 1));
    let taken = |it: &pb::Delivery| it.status() == DeliveryStatus::Delivered;
    until(&admin, &endpoint.object_id, |all| all.iter().all(taken)).await;
    let told = list(&admin, position).await.remove(0);
    assert_eq!((told.delivered, told.failed), (2, 0), "what was sent again failed no more");
}

#[tokio::test]
async fn what_failed_is_sent_again_by_hand_and_a_test_says_nothing() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let (endpoint, secret) = register(&admin, &receiver.url(), &[SUBMITTED]).await;
    list(&admin, endpoint.position).await;
    let endpoint_id = endpoint.object_id;
    let header = Some(("location", receiver.url()));
    receiver.answers(Answers { header, ..Answers::with(302) });
    let test = pb::SendTestEventRequest { request_id: id(), endpoint_id: endpoint_id.clone() };
    for _ in 0..2 {
        deliveries(&admin).send_test_event(admin.says(test.clone())).await.unwrap();
    }
    let message = receiver.has("webhook.Test", 1).await.remove(0);
    message.verify(&secret, clock::now()).unwrap();
    assert_eq!(message.id(), test.request_id);
    let waiting = until(&admin, &endpoint_id, |all| all[0].attempts == 1).await;
    assert_eq!((waiting.len(), waiting[0].last_http_status), (1, 302), "asked twice, sent once");
    assert_eq!(waiting[0].status(), DeliveryStatus::Pending);
    receiver.answers(Answers::with(200));
    let resend = pb::ResendDeliveryRequest { delivery_id: waiting[0].delivery_id.clone() };
    deliveries(&admin).resend_delivery(admin.says(resend)).await.unwrap();
    until(&admin, &endpoint_id, |all| all[0].status() == DeliveryStatus::Delivered).await;
    let ids: Vec<_> = receiver.came().iter().map(|it| it.id().to_owned()).collect();
    assert_eq!(ids, [test.request_id.as_str(); 2], "the same id, and no redirect was followed");

    // What was given up comes back by a time.
    let pool = sqlx::PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let gave_up = "UPDATE webhooks.webhook_deliveries SET status = 'failed', next_at = NULL";
    sqlx::query(gave_up).execute(&pool).await.unwrap();
    let failed = |since: &str| pb::ResendFailedRequest {
        endpoint_id: endpoint_id.clone(),
        since: since.to_owned(),
    };
    let later = failed("2100-01-01T00:00:00Z");
    let none = deliveries(&admin).resend_failed(admin.says(later)).await.unwrap();
    assert_eq!(none.into_inner().count, 0);
    let since = failed("2026-01-01T00:00:00Z");
    let all = deliveries(&admin).resend_failed(admin.says(since)).await.unwrap();
    assert_eq!(all.into_inner().count, 1);
    receiver.has("webhook.Test", 3).await;
}

#[tokio::test]
async fn endpoints_are_the_brands_own_and_say_no_in_words() {
    let system = System::start().await;
    let admin = system.found().await;
    for (url, says) in [
        ("http://example.com/", "https://"),
        ("https://localhost/", "public internet"),
        ("https://[::ffff:127.0.0.1]/", "public internet"),
        ("https://example.com:25/", "443"),
    ] {
        let request = admin.says(registration(url, &["*"]));
        let no = endpoints(&admin).register_webhook(request).await.unwrap_err();
        assert_eq!((no.code(), reason(&no).as_str()), (Code::InvalidArgument, "BAD_FIELDS"));
        assert!(no.message().contains(says), "{url}: {}", no.message());
    }
    let (endpoint, _) = register(&admin, "https://hooks.example.invalid/", &["*"]).await;
    let endpoint_id = endpoint.object_id;
    let listed = list(&admin, endpoint.position).await;
    assert_eq!((listed[0].url.as_str(), listed[0].version), ("https://hooks.example.invalid/", 1));

    let other = system.found_tenant("zenith").await;
    assert_eq!(list(&other, endpoint.position).await, []);
    let test = pb::SendTestEventRequest { request_id: id(), endpoint_id: endpoint_id.clone() };
    let no = deliveries(&other).send_test_event(other.says(test)).await.unwrap_err();
    assert_eq!(reason(&no), "UNKNOWN_WEBHOOK");
    let remove = || partner::RemoveWebhookRequest {
        request_id: id(),
        endpoint_id: endpoint_id.clone(),
        reason: "不再使用".to_owned(),
        ..Default::default()
    };
    let no = endpoints(&other).remove_webhook(other.says(remove())).await.unwrap_err();
    assert_eq!(reason(&no), "UNKNOWN_WEBHOOK");
    let change = partner::ChangeWebhookRequest {
        request_id: id(),
        expected_version: Some(1),
        endpoint_id: endpoint_id.clone(),
        url: "https://hooks.example.invalid/v2".to_owned(),
        event_types: vec![SUBMITTED.to_owned(), SUBMITTED.to_owned()],
        ..Default::default()
    };
    let changed = endpoints(&admin).change_webhook(admin.says(change)).await.unwrap();
    let listed = list(&admin, changed.into_inner().receipt.unwrap().position).await;
    assert_eq!(
        (listed[0].event_types.as_slice(), listed[0].version),
        (&[SUBMITTED.to_owned()][..], 2)
    );

    let disable = |cause: WebhookCause| partner::DisableWebhookRequest {
        request_id: id(),
        endpoint_id: endpoint_id.clone(),
        reason: "维护".to_owned(),
        cause: cause.into(),
        ..Default::default()
    };
    let lie = admin.says(disable(WebhookCause::Gone));
    assert_eq!(
        endpoints(&admin).disable_webhook(lie).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let off = admin.says(disable(WebhookCause::Unspecified));
    endpoints(&admin).disable_webhook(off).await.unwrap();
    let removed = endpoints(&admin).remove_webhook(admin.says(remove())).await.unwrap();
    let position = removed.into_inner().receipt.unwrap().position;
    assert_eq!(list(&admin, position).await, []);
    let reveal = partner::RevealWebhookSecretRequest { endpoint_id, reason: "接入".to_owned() };
    let no = endpoints(&admin).reveal_webhook_secret(admin.says(reveal)).await.unwrap_err();
    assert_eq!(reason(&no), "UNKNOWN_WEBHOOK");
}

/// On two threads: the receiver has to answer while a command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_looks_after_webhooks() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let qudao = |arguments: &[&str]| -> Value {
        let done = Command::new(executable())
            .args(arguments)
            .arg("--json")
            .env("QUDAO_SERVER", &system.web)
            .env("QUDAO_USER", "han.meimei")
            .env("QUDAO_TENANT", "acme")
            .env("QUDAO_PASSWORD", "correct horse")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let types = qudao(&["webhooks", "types"]);
    assert!(types.as_array().unwrap().iter().any(|it| it["name"] == SUBMITTED));
    let added = qudao(&["webhooks", "add", &receiver.url(), "order.*", "--description", "ERP"]);
    let (endpoint, secret) =
        (added["endpoint_id"].as_str().unwrap(), added["secret"].as_str().unwrap());
    let known = |version: &Value| while qudao(&["webhooks", "list"])[0]["version"] != *version {};
    known(&added["version"]);
    let shown = qudao(&["webhooks", "secret", endpoint, "--reason", "接入"]);
    assert_eq!(shown["secret"], secret);
    qudao(&["webhooks", "test", endpoint]);
    receiver.has("webhook.Test", 1).await[0].verify(secret, clock::now()).unwrap();
    submit(&admin, &order_of("SO-000001", 24)).await;
    receiver.has(SUBMITTED, 1).await;
    let sent = loop {
        let delivered = ["webhooks", "deliveries", endpoint, "--status", "delivered"];
        // Its account was opened meanwhile, which is an event too.
        let sent = qudao(&[&delivered[..], &["--event", SUBMITTED]].concat());
        if sent.as_array().unwrap().len() == 1 {
            break sent;
        }
    };
    let delivery = sent[0]["delivery_id"].as_str().unwrap();
    let told = qudao(&["webhooks", "delivery", delivery]);
    assert_eq!(told["attempts"][0]["http_status"], 200);
    qudao(&["webhooks", "resend", delivery]);
    receiver.has(SUBMITTED, 2).await;
    let rotated = qudao(&["webhooks", "rotate", endpoint]);
    assert_ne!(rotated["secret"], secret);
    qudao(&["webhooks", "change", endpoint, &receiver.url(), SUBMITTED]);
    // What is under way while an endpoint is disabled counts as failed.
    let pending = || qudao(&["webhooks", "deliveries", endpoint, "--status", "pending"]);
    while !pending().as_array().unwrap().is_empty() {}
    qudao(&["webhooks", "disable", endpoint, "--reason", "维护"]);
    let enabled = qudao(&["webhooks", "enable", endpoint]);
    known(&enabled["version"]);
    let again = qudao(&["webhooks", "resend-failed", endpoint, "--since", "2026-01-01T00:00:00Z"]);
    assert_eq!(again["count"], 0);
    let listed = qudao(&["webhooks", "list"]);
    assert_eq!((&listed[0]["enabled"], &listed[0]["url"]), (&true.into(), &receiver.url().into()));
    qudao(&["webhooks", "remove", endpoint, "--reason", "不再使用"]);
    let gone = loop {
        let listed = qudao(&["webhooks", "list"]);
        if listed.as_array().unwrap().is_empty() {
            break listed;
        }
    };
    assert_eq!(gone, serde_json::json!([]));
}

#[tokio::test]
async fn a_tenant_has_twenty_endpoints_also_when_two_take_the_last_place() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let url = "https://hooks.example.invalid/";
    let (first, _) = register(&admin, url, &[SUBMITTED]).await;
    for _ in 1..19 {
        register(&admin, url, &[SUBMITTED]).await;
    }
    let (mut one, mut other) = (endpoints(&admin), endpoints(&admin));
    let both = tokio::join!(
        one.register_webhook(admin.says(registration(url, &[SUBMITTED]))),
        other.register_webhook(admin.says(registration(url, &[SUBMITTED]))),
    );
    let refused: Vec<_> = [both.0, both.1].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(reason).collect::<Vec<_>>(), ["TOO_MANY_WEBHOOKS"]);
    let pool = sqlx::PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let kept = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM partner_log.secrets");
    assert_eq!(kept.fetch_one(&pool).await.unwrap(), 20, "of the refused one nothing is kept");
    let remove = partner::RemoveWebhookRequest {
        request_id: id(),
        endpoint_id: first.object_id,
        reason: "不再需要".to_owned(),
        ..Default::default()
    };
    endpoints(&admin).remove_webhook(admin.says(remove)).await.unwrap();
    let (newest, _) = register(&admin, url, &[SUBMITTED]).await;
    assert_eq!(list(&admin, newest.position).await.len(), 20);
}

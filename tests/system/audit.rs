//! What auditors ask: the state as it was, who did what, what followed from what.

use std::process::Command;
use std::time::Duration;

use proto::access::v1::Role;
use proto::common::v1::PageRequest;
use proto::history::v1::get_state_at_request::At;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::{
    GetCausationTreeRequest, GetObjectHistoryRequest, GetStateAtRequest, GetStateAtResponse,
    ListEventsRequest, ListEventsResponse,
};
use proto::order::v1 as order;
use proto::order::v1::order_service_client::OrderServiceClient;
use serde_json::Value;
use tonic::Status;
use tonic::transport::Channel;

use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User, executable, id};

fn history(user: &User) -> HistoryServiceClient<Channel> {
    HistoryServiceClient::new(user.channel.clone())
}

/// Submits SO-1, confirms it and calls it off: three events; their positions.
async fn an_order(admin: &User) -> [u64; 3] {
    let submitted = submit(admin, &order_of("SO-1", 4)).await.position;
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let confirm = order::ConfirmOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        ..Default::default()
    };
    let confirmed = orders.confirm_order(admin.says(confirm)).await.unwrap().into_inner();
    let cancel = order::CancelOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        reason: "下错了".to_owned(),
        ..Default::default()
    };
    let cancelled = orders.cancel_order(admin.says(cancel)).await.unwrap().into_inner();
    [submitted, confirmed.receipt.unwrap().position, cancelled.receipt.unwrap().position]
}

async fn state(user: &User, object: &str, at: Option<At>) -> Result<GetStateAtResponse, Status> {
    let request = GetStateAtRequest { object: object.to_owned(), at };
    history(user).get_state_at(user.says(request)).await.map(tonic::Response::into_inner)
}

fn status_of(answer: &GetStateAtResponse) -> String {
    let state: Value = serde_json::from_str(&answer.state_json).unwrap();
    state["commercial"].as_str().unwrap_or_else(|| panic!("no status in {state}")).to_owned()
}

#[tokio::test]
async fn the_state_of_an_object_is_told_as_it_was() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let positions = an_order(&admin).await;
    let mut seen = Vec::new();
    for (number, position) in (1..).zip(positions) {
        let by_version = state(&admin, "SO-1", Some(At::Version(number))).await.unwrap();
        let by_position = state(&admin, "SO-1", Some(At::Position(position))).await.unwrap();
        let time = by_version.recorded_at.clone();
        assert_eq!((by_version.version, by_version.position), (number, position));
        assert_eq!((by_version.newest_version, by_version.context.as_str()), (3, "order"));
        assert_eq!(by_version, by_position);
        let by_time = state(&admin, "order/SO-1", Some(At::Time(time))).await.unwrap();
        assert_eq!(by_time, by_version);
        seen.push(status_of(&by_version));
    }
    let now = state(&admin, "SO-1", None).await.unwrap();
    assert_eq!(status_of(&now), seen[2]);
    seen.dedup();
    assert_eq!(seen.len(), 3, "three events, three statuses: {seen:?}");

    // The account is another kind of object, and was opened before the order came.
    let account = state(&admin, "account/hengtong", Some(At::Position(positions[2]))).await;
    assert_eq!(account.unwrap().version, 1);
    let refused = [
        ("SO-1", Some(At::Version(4)), "NO_SUCH_VERSION"),
        ("SO-1", Some(At::Version(0)), "NOT_YET_THERE"),
        ("SO-1", Some(At::Position(positions[0] - 1)), "NOT_YET_THERE"),
        ("SO-1", Some(At::Position(1_000_000)), "NOT_YET_PROJECTED"),
        ("SO-1", Some(At::Time("2001-01-01T00:00:00Z".to_owned())), "NOT_YET_THERE"),
        ("SO-1", Some(At::Time("yesterday".to_owned())), "BAD_FIELDS"),
        ("SO-1", Some(At::Time(String::new())), "BAD_FIELDS"),
        ("SO-9", None, "NO_SUCH_OBJECT"),
        ("hengtong", None, "AMBIGUOUS_OBJECT"),
    ];
    for (object, at, expected) in refused {
        let status = state(&admin, object, at.clone()).await.unwrap_err();
        assert_eq!(reason(&status), expected, "{object} at {at:?}");
    }
    let stranger = system.user("bolt", &[Role::Auditor], None);
    let status = state(&stranger, "SO-1", None).await.unwrap_err();
    assert_eq!(reason(&status), "NO_SUCH_OBJECT");
    history_comes_in_pages_with_states(&admin).await;
}

async fn history_comes_in_pages_with_states(admin: &User) {
    let mut request = GetObjectHistoryRequest {
        object: "SO-1".to_owned(),
        page: Some(PageRequest { size: 2, ..Default::default() }),
        with_states: true,
        ..Default::default()
    };
    let first = history(admin).get_object_history(admin.says(request.clone())).await;
    let first = first.unwrap().into_inner();
    let page = first.page.unwrap();
    assert_eq!((first.entries.len(), page.total), (2, 3));
    assert_eq!(first.entries[0].before_json, "null");
    assert_eq!(first.entries[0].after_json, first.entries[1].before_json);
    request.page = Some(PageRequest { size: 2, token: page.next_token });
    let second = history(admin).get_object_history(admin.says(request)).await;
    let second = second.unwrap().into_inner();
    assert_eq!(second.entries.len(), 1);
    assert_eq!(second.entries[0].before_json, first.entries[1].after_json);
    assert_eq!(second.page.unwrap().next_token, "");
}

async fn list(user: &User, request: ListEventsRequest) -> ListEventsResponse {
    history(user).list_events(user.says(request)).await.unwrap().into_inner()
}

/// Waits until an order event is in the index.
async fn indexed(user: &User, position: u64) {
    for _ in 0..200 {
        let up_to = list(user, ListEventsRequest::default()).await.indexed;
        if up_to.iter().any(|one| one.context == "order" && one.position >= position) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the index never got to {position}");
}

fn types(answer: &ListEventsResponse) -> Vec<&str> {
    answer.entries.iter().map(|one| one.event.as_ref().unwrap().event_type.as_str()).collect()
}

#[tokio::test]
async fn auditors_find_events_by_object_actor_time_story_and_type() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let positions = an_order(&admin).await;
    indexed(&admin, positions[2]).await;
    let auditor = system.user("acme", &[Role::Auditor], None);
    let any = ListEventsRequest::default;

    let ours = ListEventsRequest { object: "order/SO-1".to_owned(), with_changes: true, ..any() };
    let found = list(&auditor, ours).await;
    assert_eq!(types(&found), ["OrderCancelled", "OrderConfirmed", "OrderSubmitted"]);
    assert!(found.entries.iter().all(|one| !one.changes.is_empty() && !one.sentence_zh.is_empty()));
    assert!(found.entries[0].changes.iter().any(|one| one.path == "/commercial"));
    let submitted = found.entries[2].event.clone().unwrap();

    let policy = ListEventsRequest { actor_id: "policy:open-accounts".to_owned(), ..any() };
    assert_eq!(types(&list(&auditor, policy).await), ["AccountOpened"]);
    let event_types = vec!["DealerRegistered".to_owned(), "OrderConfirmed".to_owned()];
    let typed = ListEventsRequest { event_types, ..any() };
    assert_eq!(types(&list(&auditor, typed).await), ["OrderConfirmed", "DealerRegistered"]);
    let partner = ListEventsRequest { contexts: vec!["partner".to_owned()], ..any() };
    let partner = list(&auditor, partner).await;
    assert!(types(&partner).contains(&"TenantFounded"));
    assert!(!types(&partner).contains(&"OrderSubmitted"));
    let correlation_id = submitted.origin.unwrap().correlation_id;
    let story = ListEventsRequest { correlation_id, ..any() };
    assert_eq!(types(&list(&auditor, story).await), ["OrderSubmitted"]);
    let time = submitted.recorded_at;
    let from = ListEventsRequest { from_time: time.clone(), ..any() };
    assert_eq!(types(&list(&auditor, from).await).len(), 3);
    let before = list(&auditor, ListEventsRequest { to_time: time, ..any() }).await;
    let before = types(&before);
    assert!(before.contains(&"AccountOpened") && !before.contains(&"OrderSubmitted"));

    let whole = list(&auditor, any()).await;
    assert_eq!(paged(&auditor).await, whole.entries);
    let stranger = system.user("bolt", &[Role::Auditor], None);
    assert_eq!(list(&stranger, any()).await.entries.len(), 0);
    // What the contract says is looked at first, then what only the list can know.
    let page = Some(PageRequest { size: 2, token: "made up".to_owned() });
    let token = ListEventsRequest { page: page.clone(), ..any() };
    let time = ListEventsRequest { page, from_time: "?".to_owned(), ..any() };
    for (bad, field) in [(time, "from_time"), (token, "page.token")] {
        let refused = history(&auditor).list_events(auditor.says(bad)).await.unwrap_err();
        assert_eq!(reason(&refused), "BAD_FIELDS");
        assert!(refused.message().contains(field), "{refused:?}");
    }
}

/// All events, three at a time.
async fn paged(user: &User) -> Vec<proto::history::v1::HistoryEntry> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let page = Some(PageRequest { size: 3, token });
        let part = list(user, ListEventsRequest { page, ..Default::default() }).await;
        all.extend(part.entries);
        token = part.next_token;
        if token.is_empty() {
            return all;
        }
    }
}

#[tokio::test]
async fn a_story_is_a_tree_of_causes_through_all_contexts() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let position = submit(&admin, &order_of("SO-1", 1)).await.position;
    indexed(&admin, position).await;
    let asked = ListEventsRequest { object: "dealer/hengtong".to_owned(), ..Default::default() };
    let registered = list(&admin, asked).await.entries[0].event.clone().unwrap();
    let tree = async |id: &str| {
        let request = GetCausationTreeRequest { id: id.to_owned() };
        let answer = history(&admin).get_causation_tree(admin.says(request)).await;
        answer.map(tonic::Response::into_inner)
    };
    let grown = tree(&registered.event_id).await.unwrap();
    let origin = registered.origin.unwrap();
    assert_eq!(grown.correlation_id, origin.correlation_id);
    assert_eq!(tree(&origin.correlation_id).await.unwrap(), grown);
    let told: Vec<_> = grown
        .nodes
        .iter()
        .map(|node| {
            let event = node.event.as_ref();
            let named = event.map_or(("", ""), |one| (&one.context, &one.event_type));
            (node.depth, named.0, named.1)
        })
        .collect();
    let expected = [(0, "", ""), (1, "partner", "DealerRegistered"), (2, "order", "AccountOpened")];
    assert_eq!(told, expected);
    assert_eq!(grown.nodes[1].parent_id, grown.nodes[0].id);
    assert_eq!(grown.nodes[2].parent_id, registered.event_id);
    assert_eq!(reason(&tree(&id()).await.unwrap_err()), "NO_SUCH_STORY");
    assert_eq!(reason(&tree("x").await.unwrap_err()), "BAD_FIELDS");

    let drawn = qudao(&admin, &system, &["history", "tree", &registered.event_id]);
    assert!(drawn.starts_with("request "), "{drawn}");
    assert!(drawn.contains("└─ ") && drawn.contains("AccountOpened"), "{drawn}");
    let shown = qudao(&admin, &system, &["history", "state", "SO-1", "--at", "v1", "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["version"], &shown["position"]), (&1.into(), &position.into()));
    let listed = qudao(&admin, &system, &["history", "events", "--type", "OrderSubmitted"]);
    assert!(listed.contains("OrderSubmitted"), "{listed}");
    let replayed = qudao(&admin, &system, &["replay"]);
    let end: Value = serde_json::from_str(replayed.lines().last().unwrap()).unwrap();
    assert_eq!(end["end"]["last_position"], position);
    assert_eq!(end["end"]["count"], replayed.lines().count() - 1);
    let partner = ["replay", "--all-tenants", "--context", "partner", "--type", "TenantFounded"];
    let founded = qudao(&admin, &system, &partner);
    assert!(founded.lines().next().unwrap().contains(r#""tenant":"acme""#), "{founded}");
}

/// What the command line says.
fn qudao(user: &User, system: &System, arguments: &[&str]) -> String {
    let done = Command::new(executable())
        .args(arguments)
        .env("QUDAO_SERVER", &system.web)
        .env("QUDAO_TOKEN", &user.token)
        .env("QUDAO_SIGNING_KEY", system.key_file())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "qudao {arguments:?}: {told}");
    String::from_utf8(done.stdout).unwrap()
}

//! Replays: whom they tell what, how they end, and what slow clients cost. Replays that are cut
//! short are a row of the fault suite.

use std::time::Duration;

use futures::future::join_all;
use proto::access::v1::Role;
use proto::history::v1::{ReplayEndReason, ReplayEventsRequest};
use proto::operations::v1::GetStreamStatusRequest;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use tokio::time::timeout;

use cluster_tests::support::replay::{EACH, all, events, fill, open, try_open};
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User};

#[tokio::test]
async fn a_follower_gets_signs_of_life_news_and_a_marker_when_the_server_stops() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let first = submit(&admin, &order_of("SO-1", 1)).await.position;
    let from_position = first;
    let request =
        ReplayEventsRequest { from_position, follow: true, batch: 10, ..Default::default() };
    let mut stream = open(&admin, &request).await;
    let wait = Duration::from_secs(10);
    let mut next = async || timeout(wait, stream.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(events(next().await).unwrap()[0].position, first);
    assert_eq!(events(next().await), Ok(Vec::new()), "a sign of life and no event");
    let second = submit(&admin, &order_of("SO-2", 1)).await.position;
    let news = loop {
        let more = events(next().await).unwrap();
        if !more.is_empty() {
            break more;
        }
    };
    assert_eq!(news[0].position, second);
    system.terminate_process();
    let end = loop {
        if let Err(end) = events(next().await) {
            break end;
        }
    };
    assert_eq!(end.reason(), ReplayEndReason::Stopping);
    assert_eq!((end.count, end.last_position), (2, second));
}

#[tokio::test]
async fn replays_are_of_ones_own_tenant_and_can_be_narrowed() {
    let system = System::start().await;
    let ours = fill(&system, "acme", 2).await;
    let last = fill_other(&system).await;
    let analyst = system.user("acme", &[Role::Analyst], None);
    let operator = system.user("", &[Role::Operator], None);
    let count = async |user: &User, request: ReplayEventsRequest| {
        let (events, end) = all(user, ReplayEventsRequest { batch: 1_000, ..request }).await?;
        assert_eq!(end.count, events.len() as u64);
        assert!(events.is_sorted_by_key(|event| event.position));
        Ok::<_, tonic::Status>(events.len())
    };
    let any = ReplayEventsRequest::default;
    let each = EACH;
    assert_eq!(count(&analyst, any()).await.unwrap(), 2 * each);
    assert_eq!(count(&operator, any()).await.unwrap(), 3 * each);
    let named = |tenant: &str| ReplayEventsRequest { tenant: tenant.to_owned(), ..any() };
    assert_eq!(count(&operator, named("bolt")).await.unwrap(), each);
    assert_eq!(count(&analyst, named("acme")).await.unwrap(), 2 * each);
    let refused = count(&analyst, named("bolt")).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YOURS");

    let object = |id: &str| ReplayEventsRequest { object_id: id.to_owned(), ..any() };
    assert_eq!(count(&analyst, object("filler-1")).await.unwrap(), each);
    assert_eq!(count(&analyst, object("filler-9")).await.unwrap(), 0);
    assert_eq!(count(&operator, object("filler-0")).await.unwrap(), 2 * each);
    let typed = |name: &str| ReplayEventsRequest { event_types: vec![name.to_owned()], ..any() };
    assert_eq!(count(&analyst, typed("ProductRenamed")).await.unwrap(), 2 * each);
    assert_eq!(count(&analyst, typed("OrderSubmitted")).await.unwrap(), 0);
    let kind = |name: &str| ReplayEventsRequest { aggregates: vec![name.to_owned()], ..any() };
    assert_eq!(count(&analyst, kind("product")).await.unwrap(), 2 * each);
    assert_eq!(count(&analyst, kind("order")).await.unwrap(), 0);
    let part = ReplayEventsRequest { from_position: 11, to_position: 30, ..any() };
    assert_eq!(count(&analyst, part).await.unwrap(), 20);

    times_bound_a_replay(&analyst, ours).await;
    assert_eq!(last, ours + each as u64);
}

async fn fill_other(system: &System) -> u64 {
    fill(system, "bolt", 1).await
}

/// The events of one append have one time: from it, before it.
async fn times_bound_a_replay(analyst: &User, ours: u64) {
    let (events, _) = all(analyst, ReplayEventsRequest::default()).await.unwrap();
    let first_of_second = &events[EACH];
    let time = first_of_second.recorded_at.clone();
    let from = ReplayEventsRequest { from_time: time.clone(), ..Default::default() };
    let (later, end) = all(analyst, from).await.unwrap();
    assert_eq!((later.len(), later[0].position), (EACH, first_of_second.position));
    assert!(end.last_position >= ours);
    let before = ReplayEventsRequest { to_time: time, ..Default::default() };
    let (earlier, end) = all(analyst, before.clone()).await.unwrap();
    assert_eq!((earlier.len(), end.last_position), (EACH, EACH as u64));
    let both = ReplayEventsRequest { follow: true, ..before };
    assert_eq!(reason(&all(analyst, both).await.unwrap_err()), "BAD_FIELDS");
}

/// The memory of the process once its read models have taken in what is new, which costs some too.
async fn at_rest(system: &System) -> u64 {
    let mut before = system.resident_kib();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = system.resident_kib();
        if now.abs_diff(before) < 1 << 10 {
            return now;
        }
        before = now;
    }
}

#[tokio::test]
async fn clients_that_do_not_read_hurt_nobody() {
    let system = System::start().await;
    let last = fill(&system, "acme", 40).await;
    let analyst = system.user("acme", &[Role::Analyst], None);
    let request = ReplayEventsRequest { batch: 1_000, ..Default::default() };
    all(&analyst, request.clone()).await.unwrap();
    let before = at_rest(&system).await;
    // Each on a connection of its own, as clients on other machines are.
    let idle = (0..12).map(|_| {
        let (user, request) = (system.user("acme", &[Role::Analyst], None), request.clone());
        async move { try_open(&user, &request).await.unwrap() }
    });
    let idle = join_all(idle).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let more = system.resident_kib().saturating_sub(before);
    assert!(more < 96 << 10, "{} idle replays cost {more} KiB", idle.len());

    // Were the windows of the shared connection full, nothing at all would come.
    let wait = Duration::from_secs(60);
    let (events, _) = timeout(wait, all(&analyst, request)).await.unwrap().unwrap();
    assert_eq!(events.len() as u64, last);
    let mut operations = OperationsServiceClient::new(analyst.channel.clone());
    let admin = system.admin();
    operations.get_stream_status(admin.says(GetStreamStatusRequest {})).await.unwrap();
}

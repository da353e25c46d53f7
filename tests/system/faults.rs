//! What breaks, and what must not change because of it.

use std::collections::BTreeSet;

use proto::access::v1::Role;
use proto::bi::v1::QuerySalesRequest;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use proto::operations::v1::{
    ListProjectionsRequest, ProjectionStatus, RebuildOutcome, RebuildProjectionRequest,
    ReconcileStreamRequest, WatchProjectionsRequest,
};
use sqlx::PgPool;

use cluster_tests::support::shop::{self, PRICE, order_of, rows, sales, stream_at, submit};
use cluster_tests::support::system::{System, User};

async fn projected(user: &User, position: u64) {
    let asked = QuerySalesRequest { min_position: position, ..Default::default() };
    sales(user, asked).await;
}

#[tokio::test]
async fn killed_midway_it_goes_on_and_loses_and_doubles_nothing() {
    let mut system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    let mut positions = BTreeSet::new();
    for round in 1..=4_u32 {
        let orders = (0..25_u32).map(|n| {
            let (admin, request) = (admin.clone(), order_of(&format!("SO-{round}-{n}"), 1));
            tokio::spawn(async move { submit(&admin, &request).await.position })
        });
        let orders: Vec<_> = orders.collect();
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(round) * 7)).await;
        system.kill_process();
        system.start_process();
        system.ready().await;
        for order in orders {
            assert!(positions.insert(order.await.unwrap()), "a position was given twice");
        }
    }
    let last = *positions.last().unwrap();
    projected(&admin, last).await;
    let stream = stream_at(&admin, last).await;
    assert_eq!(stream.stream_sequence, stream.log_position);
    assert_eq!(stream.events, stream.log_position);
    let total = sales(&admin, QuerySalesRequest::default()).await.total.unwrap().figures.unwrap();
    assert_eq!((total.orders, total.gross_minor), (101, 101 * PRICE));
}

#[tokio::test]
async fn a_wiped_jetstream_directory_fills_itself_again() {
    let mut system = System::start().await;
    let admin = shop::open(&system).await;
    let mut last = 0;
    for n in 0..30 {
        last = submit(&admin, &order_of(&format!("SO-{n}"), 2)).await.position;
    }
    projected(&admin, last).await;
    let before = rows(&system).await;
    system.servers.wipe_jetstream().await.unwrap();
    let stream = stream_at(&admin, last).await;
    assert_eq!((stream.stream_sequence, stream.events), (last, last));
    assert_eq!(rows(&system).await, before);
    let next = submit(&admin, &order_of("SO-next", 2)).await.position;
    projected(&admin, next).await;
    assert_eq!(stream_at(&admin, next).await.stream_sequence, next);
}

#[tokio::test]
async fn a_stream_of_a_restored_log_is_named_and_put_right_by_the_operator() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let mut last = 0;
    for n in 0..10 {
        last = submit(&admin, &order_of(&format!("SO-{n}"), 1)).await.position;
    }
    stream_at(&admin, last).await;
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    for statement in [
        "DELETE FROM order_log.requests WHERE position > $1",
        "DELETE FROM order_log.events WHERE position > $1",
        "UPDATE order_log.log_head SET (position, hash) =
             (SELECT position, hash FROM order_log.events WHERE position = $1)",
    ] {
        sqlx::query(statement).bind(last.cast_signed() - 3).execute(&pool).await.unwrap();
    }
    let stream = stream_at(&admin, last).await;
    assert_eq!((stream.problem.as_str(), stream.log_position), ("AHEAD_OF_LOG", last - 3));
    assert!(stream.problem_zh.contains("日志"), "{}", stream.problem_zh);

    let mut operations = OperationsServiceClient::new(admin.channel.clone());
    let request = |dry_run| ReconcileStreamRequest { name: "order".to_owned(), dry_run };
    let refused = operations.reconcile_stream(admin.says(request(true))).await.unwrap_err();
    assert_eq!(shop::reason(&refused), "ROLE_MISSING", "a stream holds every brand's events");
    let operator = system.user("", &[Role::Operator], None);
    let look = operations.reconcile_stream(operator.says(request(true))).await.unwrap();
    assert!(!look.get_ref().deleted);
    let done = operations.reconcile_stream(operator.says(request(false))).await.unwrap();
    let done = done.into_inner();
    assert_eq!((done.foreign_from, done.foreign_events, done.deleted), (last - 2, 3, true));
    assert!(done.put_aside.starts_with("ORDER_ASIDE_"), "{}", done.put_aside);
    let stream = stream_at(&admin, last - 3).await;
    assert_eq!((stream.problem.as_str(), stream.events), ("", last - 3));
}

#[tokio::test]
async fn replay_gives_the_same_tables() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let mut last = 0;
    for n in 0..30 {
        last = submit(&admin, &order_of(&format!("SO-{n}"), n + 1)).await.position;
    }
    projected(&admin, last).await;
    let before = rows(&system).await;
    let mut operations = OperationsServiceClient::new(admin.channel.clone());
    let listed = operations.list_projections(admin.says(ListProjectionsRequest {})).await.unwrap();
    let operator = system.user("", &[Role::Operator], None);
    let listed = listed.into_inner().projections;
    for projection in listed.into_iter().filter(|projection| !projection.policy) {
        let request = RebuildProjectionRequest { name: projection.name };
        let refused = operations.rebuild_projection(admin.says(request.clone())).await.unwrap_err();
        assert_eq!(shop::reason(&refused), "ROLE_MISSING", "the rows are not this brand's alone");
        operations.rebuild_projection(operator.says(request)).await.unwrap();
    }
    let watch = operations.watch_projections(admin.says(WatchProjectionsRequest {})).await;
    let mut states = watch.unwrap().into_inner();
    loop {
        let state = states.message().await.unwrap().expect("the watch goes on");
        let models = || state.projections.iter().filter(|p| !p.policy);
        let switched = |p: &ProjectionStatus| {
            p.rebuild.as_ref().is_some_and(|new| new.outcome() == RebuildOutcome::Switched)
        };
        if models().all(|p| switched(p) && p.position == p.log_position) {
            let compared = models().flat_map(|p| p.rebuild.iter().flat_map(|new| &new.tables));
            assert!(compared.clone().count() >= 7);
            for table in compared {
                assert_eq!(table.live_rows, table.next_rows, "{}", table.table);
                assert_eq!(table.live_checksum, table.next_checksum, "{}", table.table);
            }
            assert_eq!(rows(&system).await, before);
            return;
        }
    }
}

#[tokio::test]
async fn commands_are_taken_while_nats_is_away() {
    let mut system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    system.servers.stop_nats().await.unwrap();
    let last = submit(&admin, &order_of("SO-1", 1)).await.position;
    system.servers.start_nats().await.unwrap();
    assert_eq!(stream_at(&admin, last).await.stream_sequence, last);
    projected(&admin, last).await;
}

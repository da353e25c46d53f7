//! What an operator sees of a fact that can not be applied, and does about it.

use kernel::Metadata;
use kernel::log::{Append, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use proto::access::v1::Role;
use proto::operations::v1 as pb;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use sqlx::PgPool;
use tonic::transport::Channel;
use uuid::Uuid;

use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User};

const ORDERS: &str = "orders";

struct Operator {
    user: User,
    rpc: OperationsServiceClient<Channel>,
}

impl Operator {
    async fn state(&mut self, name: &str) -> pb::ProjectionStatus {
        let request = self.user.says(pb::ListProjectionsRequest {});
        let listed = self.rpc.list_projections(request).await.unwrap().into_inner();
        listed.projections.into_iter().find(|one| one.name == name).unwrap()
    }

    async fn until(&mut self, what: &str, so: impl Fn(&pb::ProjectionStatus) -> bool) {
        for _ in 0..400 {
            if so(&self.state(ORDERS).await) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("never {what}: {:?}", self.state(ORDERS).await);
    }

    async fn parked(&mut self) -> Vec<pb::ParkedFact> {
        let request = pb::ListParkedFactsRequest { projection: ORDERS.to_owned(), limit: 0 };
        let listed = self.rpc.list_parked_facts(self.user.says(request)).await.unwrap();
        listed.into_inner().facts
    }
}

/// Appends an event that this program does not know to the log, as a newer one would.
async fn append_unknown(system: &System, order_id: &str) -> u64 {
    let log = Log::open(&system.servers.postgres_url(), "order").await.unwrap();
    let id = Uuid::new_v4();
    let metadata = Metadata {
        tenant: "acme".to_owned(),
        actor_id: "li.lei".to_owned(),
        correlation_id: id,
        causation_id: id,
        request_id: id,
        traceparent: None,
    };
    let event = NewEvent {
        event_id: uuid::Uuid::now_v7(),
        event_type: "OrderGiftWrapped".to_owned(),
        event_version: 1,
        payload: r#"{"type":"OrderGiftWrapped","paper":"红"}"#.to_owned(),
    };
    let stream = StreamVersion {
        aggregate: "order",
        object_id: order_id.to_owned(),
        version: 1,
        after: None,
    };
    let streams = vec![StreamAppend { stream, events: vec![event] }];
    let request = RequestKey { id, digest: [7; 32] };
    let append = Append { metadata, request, guards: Vec::new(), streams };
    log.append(append).await.unwrap().position
}

#[tokio::test]
async fn an_operator_sees_a_parked_fact_and_skips_it_with_a_reason() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 1)).await;
    let position = append_unknown(&system, "SO-1").await;
    let last = submit(&admin, &order_of("SO-2", 1)).await.position;
    let user = system.user("", &[Role::Operator], None);
    let mut operator = Operator { rpc: OperationsServiceClient::new(user.channel.clone()), user };
    operator.until("given up", |state| state.parked == 1 && state.position >= last).await;

    let facts = operator.parked().await;
    let [fact] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((fact.position, fact.state()), (position, pb::ParkedState::Parked));
    assert_eq!((fact.object.as_str(), fact.tries), ("order/SO-1", 5));
    assert!(fact.reason.contains("OrderGiftWrapped"), "{}", fact.reason);
    let (projection, asked) = (ORDERS.to_owned(), position);
    let request = pb::GetParkedFactRequest { projection: projection.clone(), position: asked };
    let refused = operator.rpc.get_parked_fact(admin.says(request.clone())).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING", "facts of all brands are parked here");
    let shown = operator.rpc.get_parked_fact(operator.user.says(request)).await.unwrap();
    assert_eq!(shown.into_inner().payload_json, r#"{"type":"OrderGiftWrapped","paper":"红"}"#);

    let request = pb::RetryParkedFactRequest { projection: projection.clone(), position };
    operator.rpc.retry_parked_fact(operator.user.says(request)).await.unwrap();
    operator.until("tried again", |state| state.retrying == 0 && state.parked == 1).await;

    let mut request = pb::SkipParkedFactRequest { projection, position, reason: " ".to_owned() };
    let refused = operator.rpc.skip_parked_fact(operator.user.says(request.clone())).await;
    assert_eq!(reason(&refused.unwrap_err()), "BAD_FIELDS");
    request.reason = "礼品包装不影响订单".to_owned();
    operator.rpc.skip_parked_fact(operator.user.says(request.clone())).await.unwrap();
    let again = operator.rpc.skip_parked_fact(operator.user.says(request)).await.unwrap_err();
    assert_eq!(reason(&again), "NOTHING_THERE");
    operator.until("gone", |state| state.parked + state.held + state.retrying == 0).await;
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let noted: Vec<(String, String)> =
        sqlx::query_as("SELECT action, reason FROM read_models.interventions ORDER BY id")
            .fetch_all(&pool)
            .await
            .unwrap();
    let expected = [("retry", ""), ("skip", "礼品包装不影响订单")];
    assert_eq!(noted, expected.map(|(action, reason)| (action.to_owned(), reason.to_owned())));
    a_rebuild_does_not_ask_again(&mut operator).await;
}

/// What was skipped fails in a rebuild as well, and was decided.
async fn a_rebuild_does_not_ask_again(operator: &mut Operator) {
    let request = pb::RebuildProjectionRequest { name: ORDERS.to_owned() };
    operator.rpc.rebuild_projection(operator.user.says(request)).await.unwrap();
    operator
        .until("switched", |state| {
            state.rebuild.as_ref().is_some_and(|new| new.outcome() == pb::RebuildOutcome::Switched)
        })
        .await;
    assert_eq!(operator.parked().await, []);
}

#[tokio::test]
async fn an_operator_pauses_compares_and_cancels() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 1)).await;
    let user = system.user("", &[Role::Operator], None);
    let mut operator = Operator { rpc: OperationsServiceClient::new(user.channel.clone()), user };
    let name = ORDERS.to_owned();

    let request = pb::PauseProjectionRequest { name: name.clone() };
    operator.rpc.pause_projection(operator.user.says(request)).await.unwrap();
    let last = submit(&admin, &order_of("SO-2", 1)).await.position;
    let paused = operator.state(ORDERS).await;
    assert!(paused.paused && paused.position < last, "{paused:?}");

    // It waits for the paused one, so there is time to cancel it.
    let request = pb::CompareProjectionRequest { name: name.clone() };
    operator.rpc.compare_projection(operator.user.says(request.clone())).await.unwrap();
    let twice = operator.rpc.compare_projection(operator.user.says(request.clone())).await;
    assert_eq!(reason(&twice.unwrap_err()), "REBUILD_UNDER_WAY");
    let cancel = pb::CancelRebuildRequest { name: name.clone() };
    operator.rpc.cancel_rebuild(operator.user.says(cancel)).await.unwrap();

    let resume = pb::ResumeProjectionRequest { name };
    operator.rpc.resume_projection(operator.user.says(resume)).await.unwrap();
    operator.until("resumed", |state| !state.paused && state.position >= last).await;
    operator.rpc.compare_projection(operator.user.says(request)).await.unwrap();
    let same = |state: &pb::ProjectionStatus| {
        state.rebuild.as_ref().is_some_and(|new| new.outcome() == pb::RebuildOutcome::Same)
    };
    operator.until("compared", same).await;

    let policy = pb::RebuildProjectionRequest { name: "open-accounts".to_owned() };
    let refused = operator.rpc.rebuild_projection(operator.user.says(policy)).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_REBUILT", "commands are not sent again");
    let nobody = pb::RebuildProjectionRequest { name: "nobody".to_owned() };
    let refused = operator.rpc.rebuild_projection(operator.user.says(nobody)).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_SUCH_PROJECTION");
}

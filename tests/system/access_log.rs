//! The access log: who called what, also when it was refused, and who may read it.

use std::time::Duration;

use proto::access::v1::Role;
use proto::common::v1::PageRequest;
use proto::history::v1::access_log_service_client::AccessLogServiceClient;
use proto::history::v1::{Call, CallResult, ListCallsRequest, ListCallsResponse};
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::{GetOrderRequest, ListOrdersRequest};
use tonic::{Code, Request, Status};

use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User};

async fn list(user: &User, request: ListCallsRequest) -> Result<ListCallsResponse, Status> {
    let mut service = AccessLogServiceClient::new(user.channel.clone());
    service.list_calls(user.says(request)).await.map(tonic::Response::into_inner)
}

/// The calls that a filter finds, once there are so many.
async fn found(user: &User, request: &ListCallsRequest, number: usize) -> Vec<Call> {
    for _ in 0..100 {
        let calls = list(user, request.clone()).await.unwrap().calls;
        if calls.len() >= number {
            return calls;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the access log never had {number} calls like {request:?}");
}

fn of_rpc(rpc: &str) -> ListCallsRequest {
    ListCallsRequest { rpc: rpc.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn who_looked_and_who_tried_is_told() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 1)).await;
    let finance = system.user("acme", &[Role::Finance], None);
    let mut orders = OrderQueryServiceClient::new(finance.channel.clone());
    orders.list_orders(finance.says(ListOrdersRequest::default())).await.unwrap();
    let missing = GetOrderRequest { order_id: "SO-404".to_owned(), ..Default::default() };
    orders.get_order(finance.says(missing)).await.unwrap_err();

    let auditor = system.user("acme", &[Role::Auditor], None);
    let looked = found(&auditor, &of_rpc("ListOrders"), 1).await;
    let call = looked.first().unwrap();
    assert_eq!(call.rpc, "qudao.order.v1.OrderQueryService/ListOrders");
    assert_eq!((call.result(), call.code.as_str()), (CallResult::Success, "OK"));
    assert!(call.signed_in && call.micros > 0 && call.address == "127.0.0.1", "{call:?}");

    let refused = found(&auditor, &of_rpc("GetOrder"), 1).await;
    let call = refused.first().unwrap();
    assert_eq!((call.result(), call.code.as_str()), (CallResult::Refused, "NOT_FOUND"));
    assert_eq!(call.named, ["order_id=SO-404"]);

    let by_id = ListCallsRequest { named: "SO-1".to_owned(), ..Default::default() };
    let submitted = found(&auditor, &by_id, 1).await;
    assert_eq!(submitted.first().unwrap().rpc, "qudao.order.v1.OrderService/SubmitOrder");
}

#[tokio::test]
async fn calls_of_nobody_are_the_operators_to_see() {
    let system = System::start().await;
    let admin = system.found().await;
    let mut orders = OrderQueryServiceClient::new(admin.channel.clone());
    let nobody = orders.list_orders(Request::new(ListOrdersRequest::default())).await;
    assert_eq!(nobody.unwrap_err().code(), Code::Unauthenticated);

    let wanted =
        ListCallsRequest { results: vec![CallResult::Refused.into()], ..of_rpc("ListOrders") };
    let operator = system.user("", &[Role::Operator], None);
    let calls = found(&operator, &wanted, 1).await;
    let call = calls.first().unwrap();
    assert_eq!((call.reason.as_str(), call.signed_in), ("NOT_SIGNED_IN", false));
    assert_eq!(list(&admin, wanted).await.unwrap().calls, []);
}

#[tokio::test]
async fn only_those_who_audit_read_it_and_only_their_own_tenant() {
    let system = System::start().await;
    let admin = system.found().await;
    found(&admin, &of_rpc("RegisterUser"), 0).await;
    let rep = system.user("acme", &[Role::SalesRep], None);
    let refused = list(&rep, ListCallsRequest::default()).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");

    // Reading the access log is in it as well.
    let read = found(&admin, &of_rpc("AccessLogService"), 1).await;
    assert!(read.iter().all(|call| call.tenant == "acme"), "{read:?}");
    let stranger = system.user("other-brand", &[Role::Auditor], None);
    let calls = found(&stranger, &ListCallsRequest::default(), 1).await;
    assert!(calls.iter().all(|call| call.tenant == "other-brand"), "{calls:?}");
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let system = System::start().await;
    let admin = system.found().await;
    let mut orders = OrderQueryServiceClient::new(admin.channel.clone());
    for _ in 0..7 {
        orders.list_orders(admin.says(ListOrdersRequest::default())).await.unwrap();
    }
    let all = found(&admin, &of_rpc("ListOrders"), 7).await;
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let page = Some(PageRequest { size: 3, token });
        let answer = list(&admin, ListCallsRequest { page, ..of_rpc("ListOrders") }).await.unwrap();
        paged.extend(answer.calls);
        token = answer.next_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);
    let made_up = Some(PageRequest { size: 3, token: "1.2".to_owned() });
    let refused = list(&admin, ListCallsRequest { page: made_up, ..Default::default() }).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
}

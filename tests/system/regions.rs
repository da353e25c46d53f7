//! Who looks after some regions sees and acts on what counts there; the rest is not there for them.

use proto::bi::v1::QuerySalesRequest;
use proto::history::v1 as history;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::partner_query_service_client::PartnerQueryServiceClient;
use tonic::{Code, Status};

use cluster_tests::support::shop::{self, order_of, reason, sales, submit};
use cluster_tests::support::system::{System, User, id};

/// What somebody sees of the one order, its dealer and its sales.
#[derive(Debug, PartialEq)]
struct Seen {
    orders: usize,
    order: Result<(), String>,
    dealers: usize,
    gross_minor: i64,
    history: Result<(), String>,
    state: Result<(), String>,
}

async fn seen(user: &User, position: u64) -> Seen {
    let mut orders = OrderQueryServiceClient::new(user.channel.clone());
    let list = order::ListOrdersRequest { min_position: position, ..Default::default() };
    let one = order::GetOrderRequest { order_id: "SO-1".to_owned(), min_position: position };
    let mut partners = PartnerQueryServiceClient::new(user.channel.clone());
    let dealers = partners.list_dealers(user.says(partner::ListDealersRequest::default()));
    let cube = QuerySalesRequest { min_position: position, ..Default::default() };
    let total = sales(user, cube).await.total.unwrap().figures.unwrap();
    let mut told = HistoryServiceClient::new(user.channel.clone());
    let object = "order/SO-1".to_owned();
    let asked = history::GetObjectHistoryRequest { object: object.clone(), ..Default::default() };
    let at = Some(history::get_state_at_request::At::Version(1));
    let state = history::GetStateAtRequest { object, at };
    let word = |no: Status| reason(&no);
    Seen {
        orders: orders.list_orders(user.says(list)).await.unwrap().into_inner().orders.len(),
        order: orders.get_order(user.says(one)).await.map(drop).map_err(word),
        dealers: dealers.await.unwrap().into_inner().dealers.len(),
        gross_minor: total.gross_minor,
        history: told.get_object_history(user.says(asked)).await.map(drop).map_err(word),
        state: told.get_state_at(user.says(state)).await.map(drop).map_err(word),
    }
}

#[tokio::test]
async fn managers_see_and_decide_what_counts_in_their_regions() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let position = submit(&admin, &order_of("SO-1", 10)).await.position;
    let everything = Seen {
        orders: 1,
        order: Ok(()),
        dealers: 1,
        gross_minor: 10 * shop::PRICE,
        history: Ok(()),
        state: Ok(()),
    };
    let (east, both) =
        (system.manager("acme", &["east"]), system.manager("acme", &["west", "root"]));
    for user in [&admin, &east, &both] {
        assert_eq!(seen(user, position).await, everything);
    }
    let west = system.manager("acme", &["west"]);
    let nothing = Seen {
        orders: 0,
        order: Err("NO_SUCH_ORDER".to_owned()),
        dealers: 0,
        gross_minor: 0,
        history: Err("NO_SUCH_OBJECT".to_owned()),
        state: Err("NO_SUCH_OBJECT".to_owned()),
    };
    assert_eq!(seen(&west, position).await, nothing);
    changes_nothing_elsewhere(&west).await;
    east_may_go_on(&east).await;
}

/// Another region's order, dealer and region are as unknown as those that are not there.
async fn changes_nothing_elsewhere(west: &User) {
    let mut orders = OrderServiceClient::new(west.channel.clone());
    let confirm = |order_id: &str| order::ConfirmOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        ..Default::default()
    };
    let theirs = orders.confirm_order(west.says(confirm("SO-1"))).await.unwrap_err();
    let unknown = orders.confirm_order(west.says(confirm("SO-9"))).await.unwrap_err();
    assert_eq!((theirs.code(), theirs.message()), (unknown.code(), unknown.message()));
    let foreign = orders.submit_order(west.says(order_of("SO-2", 1))).await.unwrap_err();
    assert_eq!(reason(&foreign), "ACCOUNT_NOT_OPEN", "as of a dealer that is not there");

    let mut dealers = DealerServiceClient::new(west.channel.clone());
    let dealer = partner::RegisterDealerRequest {
        request_id: id(),
        dealer_id: "ronghua".to_owned(),
        name: "荣华".to_owned(),
        region_id: "east".to_owned(),
        city: "上海".to_owned(),
        ..Default::default()
    };
    let no = dealers.register_dealer(west.says(dealer)).await.unwrap_err();
    assert_eq!((no.code(), reason(&no).as_str()), (Code::PermissionDenied, "OTHER_REGION"));
}

async fn east_may_go_on(east: &User) {
    let mut orders = OrderServiceClient::new(east.channel.clone());
    let confirm = order::ConfirmOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        ..Default::default()
    };
    orders.confirm_order(east.says(confirm)).await.unwrap();
    submit(east, &order_of("SO-3", 1)).await;
}

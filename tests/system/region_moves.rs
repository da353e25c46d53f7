//! Regions that move and retire on a day. Nothing happens when a day begins: people whose brand is
//! further east ask on a later day at the same moment, and the same rows and logs answer otherwise.

use chrono::{NaiveDate, TimeDelta};
use kernel::clock;
use proto::access::v1::Role;
use proto::bi::v1::{QuerySalesRequest, SalesDimension};
use proto::history::v1 as history;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::order::v1 as order;
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::invitation_service_client::InvitationServiceClient;
use proto::partner::v1::partner_query_service_client::PartnerQueryServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use tonic::Status;

use cluster_tests::support::shop::{self, order_of, reason, sales, submit};
use cluster_tests::support::system::{System, User, id};

/// Where a day begins last, and where it began 26 hours before: tomorrow in the one is today in the
/// other, or yesterday, whatever the time is.
const WESTMOST: &str = "Etc/GMT+12";
const EASTMOST: &str = "Pacific/Kiritimati";

fn today_in_the_west() -> NaiveDate {
    (clock::now() - TimeDelta::hours(12)).date_naive()
}

/// Tomorrow in the west; it has come in the east.
fn the_day() -> String {
    (today_in_the_west() + TimeDelta::days(1)).to_string()
}

struct People {
    admin: User,
    /// The same one, on the day.
    admin_then: User,
    south: User,
    south_then: User,
    west: User,
    west_then: User,
}

impl People {
    fn of(system: &System) -> Self {
        let admin = |zone| system.on_a_day_of(zone, &[Role::HqAdmin], &[]);
        let manager = |zone, region| system.on_a_day_of(zone, &[Role::RegionManager], &[region]);
        Self {
            admin: admin(WESTMOST),
            admin_then: admin(EASTMOST),
            south: manager(WESTMOST, "south"),
            south_then: manager(EASTMOST, "south"),
            west: manager(WESTMOST, "west"),
            west_then: manager(EASTMOST, "west"),
        }
    }
}

fn regions(user: &User) -> RegionServiceClient<tonic::transport::Channel> {
    RegionServiceClient::new(user.channel.clone())
}

async fn add(admin: &User, region_id: &str, name: &str) {
    let region = partner::AddRegionRequest {
        request_id: id(),
        region_id: region_id.to_owned(),
        name: name.to_owned(),
        parent_id: "root".to_owned(),
        ..Default::default()
    };
    regions(admin).add_region(admin.says(region)).await.unwrap();
}

async fn move_below(
    admin: &User,
    region_id: &str,
    parent_id: &str,
    effective_on: &str,
) -> Result<u64, Status> {
    let request = partner::MoveRegionRequest {
        request_id: id(),
        region_id: region_id.to_owned(),
        parent_id: parent_id.to_owned(),
        effective_on: effective_on.to_owned(),
        ..Default::default()
    };
    let moved = regions(admin).move_region(admin.says(request)).await?;
    Ok(moved.into_inner().receipt.unwrap().position)
}

/// Retires a region; gives the position of the fact.
async fn retire(admin: &User, region_id: &str, effective_on: &str) -> u64 {
    let request = partner::RetireRegionRequest {
        request_id: id(),
        region_id: region_id.to_owned(),
        effective_on: effective_on.to_owned(),
        ..Default::default()
    };
    let retired = regions(admin).retire_region(admin.says(request)).await.unwrap();
    retired.into_inner().receipt.unwrap().position
}

/// The regions that a list of them tells to take nothing new.
async fn told_retired(user: &User, min_position: u64) -> Vec<String> {
    let mut partners = PartnerQueryServiceClient::new(user.channel.clone());
    let request = user.says(partner::ListRegionsRequest { min_position });
    let listed = partners.list_regions(request).await.unwrap().into_inner().regions;
    listed.into_iter().filter(|region| region.retired).map(|region| region.region_id).collect()
}

/// Waits until orders know of so many moves.
async fn orders_know_of(admin: &User, kind: &str, count: usize) {
    let mut told = HistoryServiceClient::new(admin.channel.clone());
    for _ in 0..300 {
        let object = "territory/territory".to_owned();
        let asked = history::GetObjectHistoryRequest { object, ..Default::default() };
        let answer = told.get_object_history(admin.says(asked)).await;
        let entries = answer.map(|answer| answer.into_inner().entries).unwrap_or_default();
        let events = entries.into_iter().filter_map(|entry| entry.event);
        if events.filter(|event| event.event_type == kind).count() >= count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("orders never knew of {kind}");
}

/// What somebody sees of dealers, of orders and of sales.
#[derive(Debug, PartialEq)]
struct Seen {
    dealers: usize,
    orders: usize,
    gross_minor: i64,
    history: Result<(), String>,
}

async fn seen(user: &User, partner_at: u64, order_at: u64) -> Seen {
    let mut partners = PartnerQueryServiceClient::new(user.channel.clone());
    let asked = partner::ListDealersRequest { min_position: partner_at, ..Default::default() };
    let dealers = partners.list_dealers(user.says(asked)).await.unwrap().into_inner().dealers.len();
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let asked = order::ListOrdersRequest { min_position: order_at, ..Default::default() };
    let orders = lists.list_orders(user.says(asked)).await.unwrap().into_inner().orders.len();
    let cube = QuerySalesRequest { min_position: order_at, ..Default::default() };
    let gross_minor = sales(user, cube).await.total.unwrap().figures.unwrap().gross_minor;
    let mut told = HistoryServiceClient::new(user.channel.clone());
    let object = "order/SO-1".to_owned();
    let asked = history::GetObjectHistoryRequest { object, ..Default::default() };
    let told = told.get_object_history(user.says(asked)).await;
    Seen { dealers, orders, gross_minor, history: told.map(drop).map_err(|no| reason(&no)) }
}

fn everything() -> Seen {
    Seen { dealers: 1, orders: 1, gross_minor: 10 * shop::PRICE, history: Ok(()) }
}

fn nothing() -> Seen {
    let history = Err("NO_SUCH_OBJECT".to_owned());
    Seen { dealers: 0, orders: 0, gross_minor: 0, history }
}

/// The shop, opened on the day of the west.
async fn opened(system: &System) -> People {
    system.found().await;
    let people = People::of(system);
    shop::stocked(people.admin.clone()).await;
    people
}

/// The dealer's region is below the south today and below the west from the day on.
async fn moving_east(system: &System) -> (People, u64) {
    let people = opened(system).await;
    let admin = &people.admin;
    add(admin, "south", "华南").await;
    add(admin, "west", "西部").await;
    move_below(admin, "east", "south", &today_in_the_west().to_string()).await.unwrap();
    let position = move_below(admin, "east", "west", &the_day()).await.unwrap();
    orders_know_of(admin, "TerritoryMoved", 2).await;
    (people, position)
}

async fn way_of(user: &User, order_id: &str, position: u64) -> Vec<String> {
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let one = order::GetOrderRequest { order_id: order_id.to_owned(), min_position: position };
    lists.get_order(user.says(one)).await.unwrap().into_inner().region_names
}

#[tokio::test]
async fn a_manager_sees_what_is_in_their_region_on_the_day_they_look() {
    let system = System::start().await;
    let (people, moved_at) = moving_east(&system).await;
    let placed_at = submit(&people.admin, &order_of("SO-1", 10)).await.position;
    for (user, sees) in [
        (&people.south, everything()),
        (&people.west, nothing()),
        (&people.south_then, nothing()),
        (&people.west_then, everything()),
        (&people.admin_then, everything()),
    ] {
        assert_eq!(seen(user, moved_at, placed_at).await, sees);
    }
    assert_eq!(way_of(&people.west_then, "SO-1", placed_at).await, ["全国", "华南", "华东"]);
}

#[tokio::test]
async fn orders_keep_the_regions_of_their_day_and_new_ones_count_in_the_new() {
    let system = System::start().await;
    let (people, _) = moving_east(&system).await;
    submit(&people.south, &order_of("SO-1", 10)).await;
    confirm_is_for_who_looks_after_it(&people).await;
    let mut orders = OrderServiceClient::new(people.south_then.channel.clone());
    let foreign = people.south_then.says(order_of("SO-2", 1));
    let no = orders.submit_order(foreign).await.unwrap_err();
    assert_eq!(reason(&no), "ACCOUNT_NOT_OPEN", "as of a dealer that is not there");
    let position = submit(&people.west_then, &order_of("SO-3", 3)).await.position;
    assert_eq!(way_of(&people.admin, "SO-1", position).await, ["全国", "华南", "华东"]);
    assert_eq!(way_of(&people.admin, "SO-3", position).await, ["全国", "西部", "华东"]);
    let by_region = QuerySalesRequest {
        min_position: position,
        dimensions: vec![SalesDimension::Region.into()],
        ..Default::default()
    };
    let rows = sales(&people.admin_then, by_region).await.rows;
    let sum = |row: &proto::bi::v1::SalesRow| (row.keys[0].name.clone(), row.figures.unwrap());
    let sums =
        rows.iter().map(sum).map(|(name, figures)| (name, figures.gross_minor / shop::PRICE));
    assert_eq!(sums.collect::<Vec<_>>(), [("华南".to_owned(), 10), ("西部".to_owned(), 3)]);
}

async fn confirm_is_for_who_looks_after_it(people: &People) {
    let confirm = || order::ConfirmOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(people.west.channel.clone());
    for other in [&people.west, &people.south_then] {
        let no = orders.confirm_order(other.says(confirm())).await.unwrap_err();
        assert_eq!(reason(&no), "ORDER_NOT_FOUND");
    }
    orders.confirm_order(people.west_then.says(confirm())).await.unwrap();
}

#[tokio::test]
async fn the_tree_of_a_day_is_shown_with_what_is_announced() {
    let system = System::start().await;
    let (people, position) = moving_east(&system).await;
    let admin = &people.admin;
    let tree = |user: &User, as_of: &str, min_position: u64| {
        let asked = partner::GetRegionTreeRequest { as_of: as_of.to_owned(), min_position };
        let asked = user.says(asked);
        let mut partners = PartnerQueryServiceClient::new(user.channel.clone());
        async move { partners.get_region_tree(asked).await.unwrap().into_inner() }
    };
    let above_east = |tree: &partner::GetRegionTreeResponse| {
        let east = tree.regions.iter().find(|region| region.region_id == "east").unwrap();
        (east.parent_id.clone(), east.dealers)
    };
    let now = tree(admin, "", position).await;
    assert_eq!(above_east(&now), ("south".to_owned(), 1));
    assert_eq!((&now.as_of, &now.today), (&now.today, &today_in_the_west().to_string()));
    let later = tree(admin, &the_day(), position).await;
    assert_eq!(above_east(&later), ("west".to_owned(), 1));
    let before = tree(admin, "2020-01-01", position).await;
    let ids: Vec<_> = before.regions.iter().map(|region| region.region_id.as_str()).collect();
    assert_eq!(ids, ["root"], "the others were added since");
    let announced = partner::RegionChange {
        region_id: "east".to_owned(),
        change: partner::RegionChangeKind::Move.into(),
        parent_id: "west".to_owned(),
        effective_on: the_day(),
    };
    assert_eq!(now.announced, [announced]);
    assert!(tree(&people.admin_then, "", position).await.announced.is_empty());

    let cancel = |effective_on: String| partner::CancelRegionChangeRequest {
        request_id: id(),
        region_id: "east".to_owned(),
        change: partner::RegionChangeKind::Move.into(),
        effective_on,
        ..Default::default()
    };
    let asked = people.admin_then.says(cancel(the_day()));
    let no = regions(admin).cancel_region_change(asked).await.unwrap_err();
    assert_eq!(reason(&no), "IN_FORCE");
    let done = regions(admin).cancel_region_change(admin.says(cancel(the_day()))).await.unwrap();
    let position = done.into_inner().receipt.unwrap().position;
    let then = tree(&people.admin_then, "", position).await;
    assert_eq!((above_east(&then).0, then.announced.len()), ("south".to_owned(), 0));
    orders_know_of(admin, "TerritoryMoveCancelled", 1).await;
    let position = submit(&people.south_then, &order_of("SO-9", 1)).await.position;
    assert_eq!(way_of(&people.admin_then, "SO-9", position).await, ["全国", "华南", "华东"]);
}

#[tokio::test]
async fn nothing_new_is_put_into_a_retired_region() {
    let system = System::start().await;
    let people = opened(&system).await;
    let admin = &people.admin;
    add(admin, "old", "旧区").await;
    retire(admin, "old", &the_day()).await;
    let dealer = |dealer_id: &str| partner::RegisterDealerRequest {
        request_id: id(),
        dealer_id: dealer_id.to_owned(),
        name: "荣华".to_owned(),
        region_id: "old".to_owned(),
        city: "合肥".to_owned(),
        ..Default::default()
    };
    let mut dealers = DealerServiceClient::new(admin.channel.clone());
    let no = dealers.register_dealer(people.admin_then.says(dealer("late"))).await.unwrap_err();
    assert_eq!(reason(&no), "REGION_RETIRED");
    dealers.register_dealer(admin.says(dealer("in-time"))).await.unwrap();

    add(admin, "older", "更旧的区").await;
    let position = retire(admin, "older", &today_in_the_west().to_string()).await;
    assert_eq!(told_retired(admin, position).await, ["older"]);
    let invite = |region: &str| partner::InviteUserRequest {
        request_id: id(),
        roles: vec![Role::RegionManager.into()],
        region_ids: vec![region.to_owned()],
        ..Default::default()
    };
    let mut invitations = InvitationServiceClient::new(admin.channel.clone());
    let no = invitations.invite_user(admin.says(invite("older"))).await.unwrap_err();
    assert_eq!(reason(&no), "REGION_RETIRED");
    invitations.invite_user(admin.says(invite("east"))).await.unwrap();
    let below = move_below(admin, "east", "older", &the_day()).await.unwrap_err();
    assert_eq!(reason(&below), "REGION_RETIRED");
}

/// What the policy asks for is not for people to ask.
#[tokio::test]
async fn people_do_not_note_regions_for_orders() {
    let system = System::start().await;
    let admin = system.found().await;
    let mut accounts = AccountServiceClient::new(admin.channel.clone());
    let region = order::NoteRegionRequest {
        request_id: id(),
        region_id: "mine".to_owned(),
        name: "我的".to_owned(),
        parent_id: "root".to_owned(),
        ..Default::default()
    };
    let no = accounts.note_region(admin.says(region)).await.unwrap_err();
    assert_eq!(reason(&no), "ROLE_MISSING");
    let there = order::NoteRegionMoveRequest {
        request_id: id(),
        region_id: "east".to_owned(),
        parent_id: "root".to_owned(),
        effective_on: "2026-12-01".to_owned(),
        ..Default::default()
    };
    let no = accounts.note_region_move(admin.says(there)).await.unwrap_err();
    assert_eq!(reason(&no), "ROLE_MISSING");
}

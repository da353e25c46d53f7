//! The rules of the brand, its regions, its dealers and its people.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]

use std::collections::HashSet;

use kernel::DomainEvent as _;
use kernel::event::Stored;
use kernel::personal::Personal;
use kernel::spec::{given, given_nothing};
use kernel::{Decider, Refusal, RefusalKind};
use partner::dealer::{Dealer, DealerCommand, DealerEvent, DealerRefusal, Profile};
use partner::region_tree::{MAX_REGIONS, RegionCommand, RegionEvent, RegionRefusal, RegionTree};
use partner::role::Role;
use partner::tenant::{Settings, Tenant, TenantCommand, TenantEvent, TenantRefusal};
use partner::user::{Person, User, UserCommand, UserEvent, UserRefusal};
use proptest::prelude::*;
use strum::IntoEnumIterator as _;
use uuid::Uuid;
use values::region::MAX_LEVELS;
use values::{DealerId, RegionId, RegionPath, RegionRef, TenantId};

fn region(id: &str) -> RegionId {
    id.parse().unwrap()
}

fn dealer(id: &str) -> DealerId {
    id.parse().unwrap()
}

// The brand.

fn settings() -> Settings {
    Settings {
        name: "骑行世界".into(),
        currency: "USD".parse().unwrap(),
        time_zone: "Asia/Shanghai".into(),
    }
}

fn tenant_founded() -> TenantEvent {
    let Settings { name, currency, time_zone } = settings();
    TenantEvent::TenantFounded { name, currency, time_zone }
}

#[test]
fn a_brand_is_founded() {
    let tenant =
        given_nothing::<Tenant>().when(TenantCommand::Found(settings())).then([tenant_founded()]);
    assert_eq!(tenant, Tenant::Founded(settings()));
}

#[test]
fn a_brand_is_founded_once() {
    given::<Tenant>([tenant_founded()])
        .when(TenantCommand::Found(settings()))
        .then_refused(TenantRefusal::TenantExists);
}

// The region tree.

fn planted() -> RegionEvent {
    added("root", "全国", None)
}

fn added(id: &str, name: &str, parent: Option<&str>) -> RegionEvent {
    RegionEvent::RegionAdded {
        region_id: region(id),
        name: name.into(),
        parent_id: parent.map(region),
    }
}

fn add(id: &str, name: &str, parent: &str) -> RegionCommand {
    RegionCommand::Add { region_id: region(id), name: name.into(), parent_id: region(parent) }
}

fn rename(id: &str, name: &str) -> RegionCommand {
    RegionCommand::Rename { region_id: region(id), name: name.into() }
}

fn renamed(id: &str, name: &str) -> RegionEvent {
    RegionEvent::RegionRenamed { region_id: region(id), name: name.into() }
}

/// A tree that is a single chain of so many levels: root, r2, r3, …
fn chain(levels: usize) -> Vec<RegionEvent> {
    let id = |level| if level == 1 { "root".to_owned() } else { format!("r{level}") };
    let below = |level| added(&id(level), "下级", Some(&id(level - 1)));
    std::iter::once(planted()).chain((2..=levels).map(below)).collect()
}

#[test]
fn a_tree_is_planted_with_its_root() {
    given_nothing::<RegionTree>()
        .when(RegionCommand::Plant { name: "全国".into() })
        .then([planted()]);
}

#[test]
fn a_tree_has_one_root() {
    given::<RegionTree>([planted()])
        .when(RegionCommand::Plant { name: "海外".into() })
        .then_refused(RegionRefusal::AlreadyPlanted);
}

#[test]
fn a_region_is_added_below_another() {
    let tree = given::<RegionTree>([planted()]).when(add("east", "华东", "root")).then([added(
        "east",
        "华东",
        Some("root"),
    )]);
    let path = tree.path(&region("east")).unwrap();
    let names: Vec<_> = path.iter().map(|region| region.name.as_str()).collect();
    assert_eq!(names, ["全国", "华东"]);
}

#[test]
fn a_region_id_is_used_once() {
    given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(add("east", "东区", "root"))
        .then_refused(RegionRefusal::RegionExists(region("east")));
}

#[test]
fn a_region_needs_a_region_above_it() {
    given::<RegionTree>([planted()])
        .when(add("sh", "上海", "east"))
        .then_refused(RegionRefusal::UnknownRegion(region("east")));
}

#[test]
fn nothing_is_added_to_a_tree_that_is_not_planted() {
    given_nothing::<RegionTree>()
        .when(add("east", "华东", "root"))
        .then_refused(RegionRefusal::UnknownRegion(region("root")));
}

#[test]
fn a_tree_has_at_most_ten_levels() {
    given::<RegionTree>(chain(9)).when(add("r10", "十级", "r9")).then([added(
        "r10",
        "十级",
        Some("r9"),
    )]);
    given::<RegionTree>(chain(10))
        .when(add("r11", "十一级", "r10"))
        .then_refused(RegionRefusal::TooDeep(region("r10")));
}

#[test]
fn two_regions_side_by_side_have_different_names() {
    given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(add("east-2", "华东", "root"))
        .then_refused(RegionRefusal::NameTaken(region("east")));
    given::<RegionTree>([
        planted(),
        added("east", "华东", Some("root")),
        added("north", "华北", Some("root")),
    ])
    .when(rename("north", "华东"))
    .then_refused(RegionRefusal::NameTaken(region("east")));
}

#[test]
fn regions_in_different_places_may_share_a_name() {
    given::<RegionTree>([planted(), added("east", "城区", Some("root"))])
        .when(add("city", "城区", "east"))
        .then([added("city", "城区", Some("east"))]);
}

#[test]
fn a_tree_has_at_most_five_thousand_regions() {
    let below = (1..MAX_REGIONS).map(|n| added(&format!("r{n}"), &n.to_string(), Some("root")));
    given::<RegionTree>(std::iter::once(planted()).chain(below))
        .when(add("one-more", "又一个", "root"))
        .then_refused(RegionRefusal::TooManyRegions);
}

#[test]
fn a_region_gets_another_name() {
    let tree = given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(rename("east", "东部大区"))
        .then([renamed("east", "东部大区")]);
    assert_eq!(tree.path(&region("east")).unwrap().own().unwrap().name, "东部大区");
}

#[test]
fn a_region_that_is_called_so_already_stays() {
    given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(rename("east", "华东"))
        .then_nothing();
}

#[test]
fn a_region_that_is_not_there_can_not_be_renamed() {
    given::<RegionTree>([planted()])
        .when(rename("east", "华东"))
        .then_refused(RegionRefusal::UnknownRegion(region("east")));
}

// A dealer.

fn profile() -> Profile {
    let regions = [("root", "全国"), ("east", "华东")]
        .map(|(id, name)| RegionRef { region_id: region(id), name: name.into() });
    Profile {
        dealer_id: dealer("shanghai-bikes"),
        name: "上海单车行".into(),
        city: "上海".into(),
        region_path: RegionPath::parse(regions.to_vec()).unwrap(),
    }
}

fn dealer_registered() -> DealerEvent {
    let Profile { dealer_id, name, city, region_path } = profile();
    DealerEvent::DealerRegistered { dealer_id, name, city, region_path }
}

#[test]
fn a_company_becomes_a_dealer() {
    let dealer = given_nothing::<Dealer>()
        .when(DealerCommand::Register(profile()))
        .then([dealer_registered()]);
    assert_eq!(dealer, Dealer::Registered(profile()));
}

#[test]
fn a_dealer_is_registered_once() {
    given::<Dealer>([dealer_registered()])
        .when(DealerCommand::Register(profile()))
        .then_refused(DealerRefusal::DealerExists);
}

#[test]
fn a_dealers_region_must_be_in_the_tree() {
    let tree = given::<RegionTree>([planted()]).state();
    let unknown = tree.path(&region("west")).unwrap_err();
    assert_eq!(
        DealerRefusal::from(unknown),
        DealerRefusal::Region(RegionRefusal::UnknownRegion(region("west")))
    );
}

// A person.

/// A name as it comes here: sealed, so that nobody can read it.
fn sealed() -> Personal<String> {
    serde_json::from_str(r#"{"$personal":{"subject":"li.lei","sealed":"q83vEjRW"}}"#).unwrap()
}

fn person(roles: &[Role], of: Option<&str>) -> Person {
    Person {
        name: sealed(),
        roles: roles.to_vec(),
        dealer_id: of.map(dealer),
        credential_id: Uuid::from_u128(0x0198_0f3e),
    }
}

fn user_registered(Person { name, roles, dealer_id, credential_id }: Person) -> UserEvent {
    UserEvent::UserRegisteredV2 { name, roles, dealer_id, credential_id }
}

#[test]
fn a_person_of_the_brand_becomes_a_user() {
    let manager = person(&[Role::RegionManager, Role::Analyst], None);
    let user = given_nothing::<User>()
        .when(UserCommand::Register(manager.clone()))
        .then([user_registered(manager.clone())]);
    assert_eq!(user, User::Registered(manager));
}

#[test]
fn a_person_of_a_dealer_becomes_a_user() {
    let owner = person(&[Role::DealerOwner, Role::DealerStaff], Some("shanghai-bikes"));
    given_nothing::<User>()
        .when(UserCommand::Register(owner.clone()))
        .then([user_registered(owner)]);
}

#[test]
fn a_login_is_used_once() {
    let finance = person(&[Role::Finance], None);
    given::<User>([user_registered(finance.clone())])
        .when(UserCommand::Register(finance))
        .then_refused(UserRefusal::UserExists);
}

fn erase() -> UserCommand {
    UserCommand::Erase { reason: "离职".into() }
}

fn user_erased() -> UserEvent {
    UserEvent::UserErased { reason: "离职".into() }
}

#[test]
fn a_user_is_erased_with_all_but_the_id_of_the_password() {
    let finance = person(&[Role::Finance], None);
    let user =
        given::<User>([user_registered(finance.clone())]).when(erase()).then([user_erased()]);
    assert_eq!(user, User::Erased { credential_id: finance.credential_id });
}

#[test]
fn who_is_erased_stays_so() {
    let finance = person(&[Role::Finance], None);
    given::<User>([user_registered(finance), user_erased()]).when(erase()).then_nothing();
}

#[test]
fn who_is_no_user_can_not_be_erased() {
    given_nothing::<User>().when(erase()).then_refused(UserRefusal::UnknownUser);
}

#[test]
fn the_login_of_an_erased_user_is_not_given_out_again() {
    let finance = person(&[Role::Finance], None);
    given::<User>([user_registered(finance.clone()), user_erased()])
        .when(UserCommand::Register(finance.clone()))
        .then_refused(UserRefusal::LoginErased);
    let nameless = Person { name: Personal::erased("li.lei"), ..finance };
    given_nothing::<User>()
        .when(UserCommand::Register(nameless))
        .then_refused(UserRefusal::LoginErased);
}

#[test]
fn a_registration_of_before_names_somebody_in_plain_text() {
    let stored = r#"{"type":"UserRegistered","name":"李雷","roles":["ROLE_FINANCE"],
        "credential_id":"00000000-0000-0000-0000-000001980f3e"}"#;
    let Stored(event) = serde_json::from_str::<Stored<UserEvent>>(stored).unwrap();
    let name = Personal::unsealed("李雷".to_owned());
    let finance = Person { name, ..person(&[Role::Finance], None) };
    assert_eq!(event, user_registered(finance));
    assert_eq!(event.sentence().zh, "登记用户“李雷”，角色：财务");
    let sealed = user_registered(person(&[Role::Finance], None));
    assert_eq!(sealed.sentence().en, "(encrypted) was registered as a user: finance");
}

#[test]
fn a_user_needs_a_role() {
    for of in [None, Some("shanghai-bikes")] {
        given_nothing::<User>()
            .when(UserCommand::Register(person(&[], of)))
            .then_refused(UserRefusal::NoRole);
    }
}

#[test]
fn a_dealer_role_needs_a_dealer() {
    given_nothing::<User>()
        .when(UserCommand::Register(person(&[Role::DealerStaff], None)))
        .then_refused(UserRefusal::DealerMissing);
}

#[test]
fn nobody_is_of_the_brand_and_of_a_dealer_at_once() {
    for roles in [&[Role::HqAdmin][..], &[Role::DealerOwner, Role::HqAdmin]] {
        given_nothing::<User>()
            .when(UserCommand::Register(person(roles, Some("shanghai-bikes"))))
            .then_refused(UserRefusal::NotADealersRole);
    }
}

#[test]
fn a_role_is_stored_under_its_name_in_the_contract() {
    for role in Role::iter() {
        let stored = serde_json::to_value(role).unwrap();
        assert_eq!(stored, role.contract().as_str_name());
        assert_eq!(Role::of(role.contract()), Some(role));
    }
}

#[test]
fn no_tenant_can_give_the_role_of_the_operator() {
    assert_eq!(Role::of(proto::access::v1::Role::Operator), None);
    assert_eq!(Role::of(proto::access::v1::Role::Unspecified), None);
}

// How a no is told.

#[test]
fn every_refusal_has_a_reason_a_family_and_words_in_both_languages() {
    use RefusalKind::{AlreadyExists, FailedPrecondition, InvalidArgument, NotFound};
    told(TenantRefusal::TenantExists, "TENANT_EXISTS", AlreadyExists);
    told(TenantRefusal::Regions(RegionRefusal::AlreadyPlanted), "ALREADY_PLANTED", AlreadyExists);
    told(RegionRefusal::AlreadyPlanted, "ALREADY_PLANTED", AlreadyExists);
    told(RegionRefusal::RegionExists(region("east")), "REGION_EXISTS", AlreadyExists);
    told(RegionRefusal::UnknownRegion(region("east")), "UNKNOWN_REGION", NotFound);
    told(RegionRefusal::TooDeep(region("east")), "TOO_DEEP", FailedPrecondition);
    told(RegionRefusal::NameTaken(region("east")), "NAME_TAKEN", AlreadyExists);
    told(RegionRefusal::TooManyRegions, "TOO_MANY_REGIONS", FailedPrecondition);
    told(DealerRefusal::DealerExists, "DEALER_EXISTS", AlreadyExists);
    let elsewhere = RegionRefusal::UnknownRegion(region("west"));
    told(DealerRefusal::Region(elsewhere), "UNKNOWN_REGION", NotFound);
    told(UserRefusal::UserExists, "USER_EXISTS", AlreadyExists);
    told(UserRefusal::LoginErased, "LOGIN_ERASED", AlreadyExists);
    told(UserRefusal::UnknownUser, "UNKNOWN_USER", NotFound);
    told(UserRefusal::NoRole, "NO_ROLE", InvalidArgument);
    told(UserRefusal::DealerMissing, "DEALER_MISSING", InvalidArgument);
    told(UserRefusal::NotADealersRole, "NOT_A_DEALERS_ROLE", InvalidArgument);
    told(UserRefusal::UnknownDealer(dealer("nobody")), "UNKNOWN_DEALER", NotFound);
    let tenant: TenantId = "nobody".parse().unwrap();
    told(UserRefusal::UnknownTenant(tenant), "UNKNOWN_TENANT", NotFound);
}

#[track_caller]
fn told(refusal: impl Refusal, reason: &str, kind: RefusalKind) {
    assert_eq!((refusal.reason().as_str(), refusal.kind()), (reason, kind));
    let text = refusal.text();
    assert_eq!(text.en, refusal.to_string());
    assert!(text.zh.chars().any(|sign| sign as u32 > 0x2E7F), "no Chinese words: {}", text.zh);
    assert!(!refusal.retry_soon());
}

// What holds after any sequence of commands.

#[derive(Clone, Debug)]
enum Step {
    Add { id: usize, parent: usize },
    Rename { id: usize, name: u8 },
}

/// Few enough ids that many steps meet, and enough for a tree that is too deep.
const IDS: usize = 16;

fn step() -> impl Strategy<Value = Step> {
    // A parent is most often the id before, so that deep trees are made too.
    let near = (1..IDS).prop_map(|id| Step::Add { id, parent: id - 1 });
    prop_oneof![
        3 => near,
        3 => (0..IDS, 0..IDS).prop_map(|(id, parent)| Step::Add { id, parent }),
        2 => (0..IDS, 0..40_u8).prop_map(|(id, name)| Step::Rename { id, name }),
    ]
}

fn numbered(id: usize) -> String {
    if id == 0 { "root".to_owned() } else { format!("r{id}") }
}

fn command(step: &Step) -> RegionCommand {
    match step {
        Step::Add { id, parent } => add(&numbered(*id), &format!("区域 {id}"), &numbered(*parent)),
        Step::Rename { id, name } => rename(&numbered(*id), &format!("区域 {name}")),
    }
}

/// Whether people can tell regions side by side apart.
fn siblings_differ(tree: &RegionTree, ids: &HashSet<RegionId>) -> bool {
    let places = ids.iter().map(|id| {
        let path = tree.path(id).unwrap();
        let above = path.regions().iter().rev().nth(1).map(|region| region.region_id.clone());
        (above, path.own().unwrap().name.clone())
    });
    places.collect::<HashSet<_>>().len() == ids.len()
}

proptest! {
    #[test]
    fn any_changes_leave_a_tree(steps in prop::collection::vec(step(), 1..60)) {
        let mut tree = given::<RegionTree>([planted()]).state();
        let mut facts = vec![planted()];
        let mut ids = HashSet::from([RegionId::root()]);
        let in_order = (1..IDS).map(|id| Step::Add { id, parent: id - 1 });
        for step in steps.into_iter().chain(in_order) {
            let before = tree.clone();
            let Ok(events) = tree.decide(command(&step)) else {
                prop_assert_eq!(&tree, &before);
                continue;
            };
            for event in events {
                if let RegionEvent::RegionAdded { region_id, parent_id, .. } = &event {
                    prop_assert!(ids.insert(region_id.clone()), "{region_id} was added twice");
                    prop_assert!(parent_id.as_ref().is_some_and(|parent| ids.contains(parent)));
                }
                tree.evolve(event.clone());
                facts.push(event);
            }
            prop_assert!(siblings_differ(&tree, &ids));
            for id in &ids {
                // Had the tree a cycle, this would never end.
                let path = tree.path(id).unwrap();
                let passed: Vec<_> = path.iter().map(|region| &region.region_id).collect();
                prop_assert_eq!(passed[0], &RegionId::root());
                prop_assert_eq!(passed[passed.len() - 1], id);
                prop_assert!(passed.len() <= MAX_LEVELS);
                prop_assert_eq!(passed.iter().collect::<HashSet<_>>().len(), passed.len());
            }
        }
        prop_assert_eq!(given::<RegionTree>(facts).state(), tree);
    }
}

//! The brand and its dealers.

use kernel::spec::{given, given_nothing};
use partner::dealer::{Dealer, DealerCommand, DealerEvent, DealerRefusal, Profile, is_defined};
use partner::dealer_classes::{
    DealerClasses, DealerClassesCommand, DealerClassesEvent, DealerClassesRefusal, MAX_CLASSES,
};
use partner::module::Module;
use partner::region_tree::{RegionRefusal, RegionTree};
use partner::tenant::{
    Change, Locale, Look, Settings, Tenant, TenantCommand, TenantEvent, TenantRefusal,
};
use strum::IntoEnumIterator as _;
use values::{BusinessDate, DealerClass, RegionPath, RegionRef, Timeline};

use crate::world::{dealer, planted, region};

fn settings() -> Settings {
    Settings::founded("骑行世界".into(), "USD".parse().unwrap(), "Asia/Shanghai".into())
}

fn tenant_founded() -> TenantEvent {
    let Settings { name, currency, time_zone, .. } = settings();
    TenantEvent::TenantFounded { name, currency, time_zone }
}

fn change() -> Change {
    let accent = "#0a7f5a".to_owned();
    Change {
        name: "骑行天下".into(),
        look: Look { logo: "file:0198f2b4".into(), accent, accent_dark: String::new() },
        locale: Locale::English,
        time_zone: "Asia/Urumqi".into(),
        fiscal_start_month: 4,
        modules: vec![Module::Order, Module::Bi],
    }
}

fn tenant_changed(change: Change) -> TenantEvent {
    let Change { name, look, locale, time_zone, fiscal_start_month, modules } = change;
    TenantEvent::TenantChanged { name, look, locale, time_zone, fiscal_start_month, modules }
}

#[test]
fn a_brand_begins_with_everything_and_changes_what_it_works_with() {
    let before = given::<Tenant>([tenant_founded()]).state();
    assert_eq!(before, Tenant::Founded(settings()));
    assert_eq!(settings().modules, Module::iter().collect::<Vec<_>>());
    let after = given::<Tenant>([tenant_founded()])
        .when(TenantCommand::Change(change()))
        .then([tenant_changed(change())]);
    let Tenant::Founded(after) = after else { panic!("no brand") };
    assert_eq!((after.currency, after.modules), (settings().currency, change().modules));
    given::<Tenant>([tenant_founded(), tenant_changed(change())])
        .when(TenantCommand::Change(change()))
        .then_nothing();
}

#[test]
fn a_brand_works_with_something_and_is_there() {
    given::<Tenant>([tenant_founded()])
        .when(TenantCommand::Change(Change { modules: Vec::new(), ..change() }))
        .then_refused(TenantRefusal::NoModule);
    given_nothing::<Tenant>()
        .when(TenantCommand::Change(change()))
        .then_refused(TenantRefusal::NoTenant);
}

#[test]
fn a_module_is_stored_under_its_name_in_the_contract() {
    for module in Module::iter() {
        let stored = serde_json::to_value(module).unwrap();
        assert_eq!(stored, module.contract().as_str_name());
        assert_eq!(Module::of(module.contract()), Some(module));
    }
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

fn profile() -> Profile {
    let regions = [("root", "全国"), ("east", "华东")]
        .map(|(id, name)| RegionRef { region_id: region(id), name: name.into() });
    Profile {
        dealer_id: dealer("shanghai-bikes"),
        name: "上海单车行".into(),
        city: "上海".into(),
        region_path: RegionPath::parse(regions.to_vec()).unwrap(),
        classes: Timeline::default(),
    }
}

fn register() -> DealerCommand {
    let Profile { dealer_id, name, city, region_path, .. } = profile();
    DealerCommand::Register { dealer_id, name, city, region_path }
}

fn dealer_registered() -> DealerEvent {
    let Profile { dealer_id, name, city, region_path, .. } = profile();
    DealerEvent::DealerRegistered { dealer_id, name, city, region_path }
}

#[test]
fn a_company_becomes_a_dealer() {
    let dealer = given_nothing::<Dealer>().when(register()).then([dealer_registered()]);
    assert_eq!(dealer, Dealer::Registered(profile()));
}

#[test]
fn a_dealer_is_registered_once() {
    given::<Dealer>([dealer_registered()])
        .when(register())
        .then_refused(DealerRefusal::DealerExists);
}

#[test]
fn a_dealers_region_must_be_in_the_tree() {
    let tree = given::<RegionTree>([planted()]).state();
    let unknown = tree.path(&region("west"), "2026-11-26".parse().unwrap()).unwrap_err();
    assert_eq!(
        DealerRefusal::from(unknown),
        DealerRefusal::Region(RegionRefusal::UnknownRegion(region("west")))
    );
}

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn class(level: &str) -> DealerClass {
    let channel_id = Some("retail".parse().unwrap());
    DealerClass { level_id: Some(level.parse().unwrap()), channel_id }
}

fn classify(level: &str, on: Option<&str>) -> DealerCommand {
    let effective_on = on.map(day);
    DealerCommand::Classify { class: class(level), effective_on, today: day("2026-11-26") }
}

fn classified(level: &str, on: Option<&str>) -> DealerEvent {
    let (dealer_id, class) = (dealer("shanghai-bikes"), class(level));
    DealerEvent::DealerClassified { dealer_id, class, effective_on: on.map(day) }
}

#[test]
fn a_dealer_has_a_level_from_a_day_on() {
    given_nothing::<Dealer>()
        .when(classify("gold", None))
        .then_refused(DealerRefusal::DealerNotFound);
    let new = || vec![dealer_registered()];
    given::<Dealer>(new()).when(classify("gold", None)).then([classified("gold", None)]);
    given::<Dealer>(new())
        .when(classify("gold", Some("2027-01-01")))
        .then([classified("gold", Some("2027-01-01"))]);
    given::<Dealer>(new())
        .when(classify("gold", Some("2026-11-25")))
        .then_refused(DealerRefusal::DayOver { today: day("2026-11-26") });
    let silver = || new().into_iter().chain([classified("silver", Some("2026-07-01"))]);
    given::<Dealer>(silver()).when(classify("silver", None)).then_nothing();
    // What it was on the days before stays.
    let dealer = given::<Dealer>(silver())
        .when(classify("gold", None))
        .then([classified("gold", Some("2026-11-26"))]);
    let Dealer::Registered(profile) = dealer else { panic!("it is registered") };
    assert_eq!(profile.classes.on(day("2026-11-25")), Some(&class("silver")));
    assert_eq!(profile.classes.on(day("2026-06-30")), None);
}

#[test]
fn a_dealer_is_of_levels_and_channels_that_there_are() {
    let named = |level: &str| DealerClassesCommand::Define {
        levels: [(level.parse().unwrap(), "金牌".to_owned())].into(),
        channels: [("retail".parse().unwrap(), "零售".to_owned())].into(),
    };
    let defined = DealerClassesEvent::DealerClassesDefined {
        levels: [("gold".parse().unwrap(), "金牌".to_owned())].into(),
        channels: [("retail".parse().unwrap(), "零售".to_owned())].into(),
    };
    let classes = given_nothing::<DealerClasses>().when(named("gold")).then([defined.clone()]);
    given::<DealerClasses>([defined.clone()]).when(named("gold")).then_nothing();
    let iron = DealerClassesEvent::DealerClassesDefined {
        levels: [("iron".parse().unwrap(), "金牌".to_owned())].into(),
        channels: [].into(),
    };
    given::<DealerClasses>([defined]).when(named("iron")).then([iron]);
    assert_eq!(is_defined(&class("gold"), &classes), Ok(()));
    assert_eq!(is_defined(&DealerClass::default(), &classes), Ok(()));
    let no = DealerRefusal::LevelNotDefined("iron".parse().unwrap());
    assert_eq!(is_defined(&class("iron"), &classes), Err(no));
    let other = DealerClass { channel_id: Some("web".parse().unwrap()), ..class("gold") };
    let no = DealerRefusal::ChannelNotDefined("web".parse().unwrap());
    assert_eq!(is_defined(&other, &classes), Err(no));
    let many = |n: usize| DealerClassesEvent::DealerClassesDefined {
        levels: [(format!("level-{n}").parse().unwrap(), "级".to_owned())].into(),
        channels: [].into(),
    };
    given::<DealerClasses>((0..MAX_CLASSES).map(many))
        .when(named("gold"))
        .then_refused(DealerClassesRefusal::TooManyClasses);
}

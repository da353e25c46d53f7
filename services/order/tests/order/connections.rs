//! What is handed over to the books, and what they call things.

use chrono::{DateTime, Utc};
use kernel::spec::{given, given_nothing};
use kernel::{Decider as _, DomainEvent as _, Refusal as _};
use order::connection::{
    Code, CodeKind, Connection, ConnectionCommand, ConnectionEvent, ConnectionRefusal, OrderMoment,
    Settings,
};

fn settings(orders: OrderMoment) -> Settings {
    Settings {
        orders,
        deliveries: true,
        returns: false,
        receipts: false,
        stock: false,
        unit: "Pcs".to_owned(),
        tax_percent: 13,
        warehouse: "WH-01".to_owned(),
    }
}

fn set() -> ConnectionEvent {
    ConnectionEvent::ConnectionSet(settings(OrderMoment::Confirmed))
}

fn code(own: &str, theirs: Option<&str>) -> Code {
    Code { own: own.to_owned(), theirs: theirs.map(str::to_owned) }
}

fn map(codes: &[(&str, Option<&str>)]) -> ConnectionCommand {
    let codes = codes.iter().map(|(own, theirs)| code(own, *theirs)).collect();
    ConnectionCommand::Map { kind: CodeKind::Product, codes }
}

fn mapped(codes: &[(&str, Option<&str>)]) -> ConnectionEvent {
    let codes = codes.iter().map(|(own, theirs)| code(own, *theirs)).collect();
    ConnectionEvent::CodesMapped { kind: CodeKind::Product, codes }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

#[test]
fn what_is_handed_over_is_said_anew_and_the_same_changes_nothing() {
    let command = || ConnectionCommand::Set(settings(OrderMoment::Confirmed));
    given_nothing::<Connection>().when(command()).then([set()]);
    given::<Connection>([set()]).when(command()).then([]);
    let other = settings(OrderMoment::Shipped);
    given::<Connection>([set()])
        .when(ConnectionCommand::Set(other.clone()))
        .then([ConnectionEvent::ConnectionSet(other)]);
}

#[test]
fn nothing_is_asked_of_a_connection_that_is_none() {
    let since = at("2026-11-01T00:00:00Z");
    for command in [
        ConnectionCommand::Pause { reason: "月末结账".to_owned() },
        ConnectionCommand::Resume,
        map(&[("tea-250", Some("P-001"))]),
        ConnectionCommand::Skip { number: "QD-SO-1".to_owned(), reason: "手工".to_owned() },
        ConnectionCommand::Resync { since, now: since },
    ] {
        given_nothing::<Connection>().when(command).then_refused(ConnectionRefusal::NotConnected);
    }
}

#[test]
fn it_is_paused_and_goes_on() {
    let paused = || ConnectionEvent::ConnectionPaused { reason: "月末结账".to_owned() };
    let pause = || ConnectionCommand::Pause { reason: "月末结账".to_owned() };
    given::<Connection>([set()]).when(pause()).then([paused()]);
    given::<Connection>([set(), paused()]).when(pause()).then([]);
    given::<Connection>([set(), paused()])
        .when(ConnectionCommand::Resume)
        .then([ConnectionEvent::ConnectionResumed {}]);
    given::<Connection>([set()]).when(ConnectionCommand::Resume).then([]);
}

#[test]
fn only_codes_that_change_are_on_record() {
    let known = [("tea-250", Some("P-001")), ("tea-500", Some("P-002"))];
    given::<Connection>([set(), mapped(&known)])
        .when(map(&[("tea-250", Some("P-001")), ("tea-500", None), ("tea-1000", None)]))
        .then([mapped(&[("tea-500", None)])]);
    given::<Connection>([set()])
        .when(map(&[("tea-250", Some("P-001")), ("tea-250", Some("P-002"))]))
        .then_refused(ConnectionRefusal::CodeTwice { own: "tea-250".to_owned() });
}

#[test]
fn two_of_ours_have_one_code_there_only_where_no_stock_is_kept_of_them() {
    let known = [("tea-250", Some("P-001")), ("tea-500", Some("P-002"))];
    let taken = |own: &str| ConnectionRefusal::CodeTaken {
        theirs: "P-001".to_owned(),
        other: "tea-250".to_owned(),
        own: own.to_owned(),
    };
    given::<Connection>([set(), mapped(&known)])
        .when(map(&[("tea-500", Some("P-001"))]))
        .then_refused(taken("tea-500"));
    given::<Connection>([set(), mapped(&known)])
        .when(map(&[("cola", Some("P-001")), ("tea-500", None)]))
        .then_refused(taken("cola"));
    // They change places.
    let places = [("tea-250", Some("P-002")), ("tea-500", Some("P-001"))];
    given::<Connection>([set(), mapped(&known)]).when(map(&places)).then([mapped(&places)]);
    given::<Connection>([set()])
        .when(map(&[("tea-250", Some("P-001")), ("cola", Some("P-001"))]))
        .then_refused(ConnectionRefusal::CodeTaken {
            theirs: "P-001".to_owned(),
            other: "cola".to_owned(),
            own: "tea-250".to_owned(),
        });
    // What was so before does not keep others from getting theirs.
    let before = mapped(&[("tea-250", Some("P-001")), ("tea-500", Some("P-001"))]);
    given::<Connection>([set(), before])
        .when(map(&[("cola", Some("P-003"))]))
        .then([mapped(&[("cola", Some("P-003"))])]);
    let of = |kind| {
        let codes = vec![code("one", Some("C-001")), code("two", Some("C-001"))];
        given::<Connection>([set()]).when(ConnectionCommand::Map { kind, codes: codes.clone() })
    };
    let codes = vec![code("one", Some("C-001")), code("two", Some("C-001"))];
    for kind in [CodeKind::Dealer, CodeKind::Unit] {
        let codes = codes.clone();
        of(kind).then([ConnectionEvent::CodesMapped { kind, codes }]);
    }
    of(CodeKind::Warehouse).then_refused(ConnectionRefusal::CodeTaken {
        theirs: "C-001".to_owned(),
        other: "two".to_owned(),
        own: "one".to_owned(),
    });
}

#[test]
fn what_has_no_code_is_called_the_same_there() {
    let mut connection = Connection::default();
    connection.evolve(set());
    connection.evolve(mapped(&[("tea-250", Some("P-001"))]));
    assert_eq!(connection.code(CodeKind::Product, "tea-250"), "P-001");
    assert_eq!(connection.code(CodeKind::Product, "tea-500"), "tea-500");
    assert_eq!(connection.code(CodeKind::Dealer, "tea-250"), "tea-250", "of its kind only");
    let settings = settings(OrderMoment::Confirmed);
    assert_eq!(connection.unit(&settings, "tea-250"), "Pcs");
    connection.evolve(mapped(&[("tea-250", None)]));
    assert_eq!(connection.given(CodeKind::Product, "tea-250"), None);
}

#[test]
fn there_are_not_more_codes_than_there_can_be() {
    let mut connection = Connection::default();
    connection.evolve(set());
    let codes: Vec<_> = (0..20_000).map(|it| code(&format!("p-{it}"), Some("P"))).collect();
    connection.evolve(ConnectionEvent::CodesMapped { kind: CodeKind::Product, codes });
    let more =
        ConnectionCommand::Map { kind: CodeKind::Dealer, codes: vec![code("d-1", Some("C-001"))] };
    let refusal = connection.decide(more).expect_err("one too many");
    assert_eq!(refusal, ConnectionRefusal::TooManyCodes { most: 20_000 });
    // One that is there can be another one.
    connection.decide(map(&[("p-1", Some("Q"))])).expect("no more than before");
}

#[test]
fn documents_are_skipped_and_the_books_compared_since_a_time_that_has_been() {
    let skip =
        ConnectionCommand::Skip { number: "QD-SO-1".to_owned(), reason: "手工".to_owned() };
    given::<Connection>([set()]).when(skip).then([ConnectionEvent::DocumentSkipped {
        number: "QD-SO-1".to_owned(),
        reason: "手工".to_owned(),
    }]);
    let (since, now) = (at("2026-11-01T00:00:00Z"), at("2026-11-27T00:00:00Z"));
    given::<Connection>([set()])
        .when(ConnectionCommand::Resync { since, now })
        .then([ConnectionEvent::ResyncRequested { since }]);
    given::<Connection>([set()])
        .when(ConnectionCommand::Resync { since: now, now: since })
        .then_refused(ConnectionRefusal::NotYet);
}

#[test]
fn facts_and_refusals_are_told_in_both_languages() {
    let facts = [
        set(),
        ConnectionEvent::ConnectionSet(settings(OrderMoment::Never)),
        ConnectionEvent::ConnectionSet(settings(OrderMoment::Shipped)),
        mapped(&[("tea-250", Some("P-001"))]),
        ConnectionEvent::ConnectionResumed {},
    ];
    for fact in facts {
        let told = fact.sentence();
        assert!(!told.zh.is_empty() && !told.en.is_empty() && told.zh != told.en, "{fact:?}");
    }
    for refusal in [
        ConnectionRefusal::NotConnected,
        ConnectionRefusal::TooManyCodes { most: 1 },
        ConnectionRefusal::CodeTwice { own: "a".to_owned() },
        ConnectionRefusal::CodeTaken {
            theirs: "P-001".to_owned(),
            other: "a".to_owned(),
            own: "b".to_owned(),
        },
        ConnectionRefusal::NotYet,
    ] {
        let told = refusal.text();
        assert_eq!(told.en, refusal.to_string());
        assert!(!told.zh.is_ascii(), "{}", told.zh);
    }
}

//! Endpoints that a brand wants to be told at.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::spec::{given, given_nothing};
use partner::webhook::{
    Cause, EventPattern, MOST, OVERLAP, REMOVED, Webhook, WebhookCommand, WebhookEvent,
    WebhookRefusal, Wish,
};
use uuid::Uuid;

fn wish(url: &str, events: &[&str]) -> Wish {
    let event_types = events.iter().map(|it| it.parse().unwrap()).collect();
    Wish { url: url.into(), description: "ERP".into(), event_types }
}

fn erp() -> Wish {
    wish("https://erp.example.com/hooks", &["order.*"])
}

fn secret(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn registered() -> WebhookEvent {
    let Wish { url, description, event_types } = erp();
    WebhookEvent::WebhookRegistered { url, description, event_types, secret_id: secret(1) }
}

fn noon() -> DateTime<Utc> {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn rotated() -> WebhookEvent {
    let previous_until = noon() + OVERLAP;
    WebhookEvent::WebhookSecretRotated { secret_id: secret(2), previous_until }
}

fn disable(cause: Cause) -> WebhookCommand {
    WebhookCommand::Disable { cause, reason: "410".into() }
}

fn disabled(cause: Cause) -> WebhookEvent {
    WebhookEvent::WebhookDisabled { cause, reason: "410".into() }
}

fn remove() -> WebhookCommand {
    WebhookCommand::Remove { reason: "停用 ERP".into() }
}

fn removed() -> WebhookEvent {
    WebhookEvent::WebhookRemoved { reason: "停用 ERP".into() }
}

#[test]
fn a_tenant_has_so_many_endpoints_and_no_more() {
    let register = |others| WebhookCommand::Register { wish: erp(), secret_id: secret(1), others };
    given_nothing::<Webhook>().when(register(MOST - 1)).then([registered()]);
    let full = WebhookRefusal::TooManyWebhooks { most: MOST };
    given_nothing::<Webhook>().when(register(MOST)).then_refused(full);
    // Of one that is there it is not the question.
    let again = given::<Webhook>([registered()]).when(register(MOST));
    again.then_refused(WebhookRefusal::WebhookExists);
    assert_eq!(removed().as_ref(), REMOVED, "what makes room");
}

#[test]
fn an_endpoint_is_registered_once_and_changed() {
    let register = || WebhookCommand::Register { wish: erp(), secret_id: secret(1), others: 3 };
    given_nothing::<Webhook>().when(register()).then([registered()]);
    given::<Webhook>([registered()]).when(register()).then_refused(WebhookRefusal::WebhookExists);
    let other = wish("https://erp.example.com/v2", &["*"]);
    let Wish { url, description, event_types } = other.clone();
    given::<Webhook>([registered()])
        .when(WebhookCommand::Change(other))
        .then([WebhookEvent::WebhookChanged { url, description, event_types }]);
    given::<Webhook>([registered()]).when(WebhookCommand::Change(erp())).then([]);
}

#[test]
fn what_is_not_there_or_was_removed_can_not_be_changed() {
    let rotate = WebhookCommand::Rotate { secret_id: secret(2), now: noon() };
    for command in [WebhookCommand::Change(erp()), WebhookCommand::Enable, rotate] {
        given_nothing::<Webhook>()
            .when(command.clone())
            .then_refused(WebhookRefusal::UnknownWebhook);
        given::<Webhook>([registered(), removed()])
            .when(command)
            .then_refused(WebhookRefusal::UnknownWebhook);
    }
    given::<Webhook>([registered()]).when(remove()).then([removed()]);
    given::<Webhook>([registered(), removed()]).when(remove()).then([]);
    given::<Webhook>([registered(), removed()]).when(disable(Cause::Gone)).then([]);
    given_nothing::<Webhook>().when(remove()).then_refused(WebhookRefusal::UnknownWebhook);
}

#[test]
fn an_endpoint_is_disabled_once_and_enabled_again() {
    let off = || [registered(), disabled(Cause::Gone)];
    given::<Webhook>([registered()]).when(disable(Cause::Gone)).then([disabled(Cause::Gone)]);
    given::<Webhook>(off()).when(disable(Cause::Asked)).then([]);
    given::<Webhook>(off()).when(WebhookCommand::Enable).then([WebhookEvent::WebhookEnabled {}]);
    given::<Webhook>([registered()]).when(WebhookCommand::Enable).then([]);
}

#[test]
fn a_secret_is_changed_when_the_one_before_the_last_is_over() {
    let rotate = |secret_id, now| WebhookCommand::Rotate { secret_id, now };
    given::<Webhook>([registered()]).when(rotate(secret(2), noon())).then([rotated()]);
    let until = noon() + OVERLAP;
    given::<Webhook>([registered(), rotated()])
        .when(rotate(secret(3), until - TimeDelta::seconds(1)))
        .then_refused(WebhookRefusal::RotatedRecently { until });
    let previous_until = until + OVERLAP;
    given::<Webhook>([registered(), rotated()])
        .when(rotate(secret(3), until))
        .then([WebhookEvent::WebhookSecretRotated { secret_id: secret(3), previous_until }]);
}

#[test]
fn a_pattern_means_all_events_those_of_a_context_or_one() {
    let means = |pattern: &str| {
        let pattern: EventPattern = pattern.parse().unwrap();
        [("order", "OrderSubmitted"), ("order", "OrderShipped"), ("partner", "OrderSubmitted")]
            .map(|(context, event)| pattern.means(context, event))
    };
    assert_eq!(means("*"), [true, true, true]);
    assert_eq!(means("order.*"), [true, true, false]);
    assert_eq!(means("order.OrderSubmitted"), [true, false, false]);
    for bad in ["", "**", "order", "order.", ".*", "order.Order*", "a b.*", "order.x.y"] {
        assert!(bad.parse::<EventPattern>().is_err(), "{bad}");
    }
}

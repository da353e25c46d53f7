//! The part of S4 that no option tells of: page tokens, positions, searches, replays, exports,
//! correlations and headers of another brand.

use prost_reflect::{DynamicMessage, Value};
use proto::access::v1::Role;

use super::requests::{filled, places};
use super::row::Found;
use super::rpcs::{Answer, Rpc, call};
use super::stage::caller;
use super::tenants::{Field, told};
use prost::Message as _;

/// Headers by which other systems let a caller say who they are.
const CLAIMS: &[&str] =
    &["x-tenant-id", "x-tenant", "tenant", "qudao-tenant", "x-forwarded-tenant", "x-org-id"];

/// All of it.
pub(super) async fn attack(field: &Field<'_>, found: &mut Found) {
    pages(field, found).await;
    positions(field, found).await;
    searches(field, found).await;
    streams(field, found).await;
    correlations(field, found).await;
    claims(field, found).await;
}

impl Field<'_> {
    fn rpc(&self, method: &str) -> &Rpc {
        self.rpcs.iter().find(|rpc| rpc.method_name() == method).expect("the rpc is there")
    }

    /// A request of an rpc with some of its fields.
    fn request(&self, rpc: &Rpc, parts: &[(&str, Value)]) -> DynamicMessage {
        let hints = self.hints();
        let mut request = filled(&rpc.method.input(), &hints);
        for (name, value) in parts {
            let places = places(&rpc.method.input());
            let place = places.iter().find(|place| place.name() == *name);
            place.expect("the field is there").put(&mut request, value.clone(), &hints);
        }
        request
    }

    async fn as_admin(&self, tenant: &str, rpc: &Rpc, parts: &[(&str, Value)]) -> Answer {
        let who = caller(tenant, &[Role::HqAdmin, Role::Auditor], None);
        self.ask(rpc, &who, &self.request(rpc, parts)).await
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Tokens of pages that the other brand was given.
async fn pages(field: &Field<'_>, found: &mut Found) {
    for method in ["ListOrders", "ListProducts", "ListDealers", "ListEvents", "GetObjectHistory"] {
        let rpc = field.rpc(method);
        let mut parts = vec![("page.size", Value::U32(1))];
        if method == "GetObjectHistory" {
            parts.push(("object", text(&field.theirs.orders[0][0])));
        }
        let answer = field.as_admin(&field.theirs.tenant, rpc, &parts).await;
        let page = answer.messages.first();
        let page = page.unwrap_or_else(|| panic!("{method} gave no page: {answer:?}"));
        let shown = DynamicMessage::decode(rpc.method.output(), page.as_slice()).unwrap();
        let token = match shown.get_field_by_name("next_token") {
            Some(token) => token.into_owned(),
            None => {
                let page = shown.get_field_by_name("page").unwrap().into_owned();
                let page = page.as_message().unwrap().get_field_by_name("next_token");
                page.unwrap().into_owned()
            }
        };
        assert!(
            method == "GetObjectHistory" || token.as_str().is_some_and(|token| !token.is_empty()),
            "{method} gave no token: {shown:?}"
        );
        parts.push(("page.token", token));
        let answer = field.as_admin(&field.ours.tenant, rpc, &parts).await;
        let said = [field.theirs.orders[0][0].as_str()];
        found.attempt(Some(rpc.name()), field.clean(rpc, &answer, &said));
    }
}

/// Positions of events of the other brand are as good as positions that no log has.
async fn positions(field: &Field<'_>, found: &mut Found) {
    for event in field.theirs.events.iter().step_by(9) {
        let context = ("context", text(&event.context));
        let rpc = field.rpc("GetInclusionProof");
        let mut said = Vec::new();
        for position in [event.position, 1 << 40] {
            let parts = [context.clone(), ("position", Value::U64(position))];
            let answer = field.as_admin(&field.ours.tenant, rpc, &parts).await;
            said.push((field.clean(rpc, &answer, &[]), told(rpc, &answer, &position.to_string())));
        }
        let came = match (&said[0].0, said[0].1 == said[1].1) {
            (Ok(()), true) => Ok(()),
            (Err(leak), _) => Err(leak.clone()),
            _ => Err(format!("position {}: {} and not {}", event.position, said[0].1, said[1].1)),
        };
        found.attempt(Some(rpc.name()), came);
        let rpc = field.rpc("GetStateAt");
        let object = ("object", text(&field.ours.orders[0][0]));
        let parts = [object, ("position", Value::U64(event.position))];
        let answer = field.as_admin(&field.ours.tenant, rpc, &parts).await;
        found.attempt(Some(rpc.name()), field.clean(rpc, &answer, &[]));
    }
}

async fn searches(field: &Field<'_>, found: &mut Found) {
    for method in ["ListOrders", "ListProducts", "ListDealers"] {
        let rpc = field.rpc(method);
        for wanted in [&field.theirs.canary, &field.theirs.dealers[0], "xyz", "%", "_"] {
            let answer = field.as_admin(&field.ours.tenant, rpc, &[("search", text(wanted))]).await;
            found.attempt(Some(rpc.name()), field.clean(rpc, &answer, &[wanted]));
        }
    }
}

/// Whole logs, and what is cut out of them by filters.
async fn streams(field: &Field<'_>, found: &mut Found) {
    let object = field.theirs.orders[0][0].as_str();
    for (method, filter) in [("ReplayEvents", "object_id"), ("ExportHistory", "object")] {
        let rpc = field.rpc(method);
        for context in ["order", "partner"] {
            let whole = vec![("context", text(context))];
            let one = [whole.clone(), vec![(filter, text(object))]].concat();
            for parts in [whole, one] {
                let answer = field.as_admin(&field.ours.tenant, rpc, &parts).await;
                let came = match answer.messages.is_empty() && answer.code() == tonic::Code::Ok {
                    true => Err("an empty answer shows nothing".to_owned()),
                    false => field.clean(rpc, &answer, &[object]),
                };
                found.attempt(Some(rpc.name()), came);
            }
        }
    }
}

/// An integration hands on a correlation of the other brand: neither brand's story has a part of
/// the other's.
async fn correlations(field: &Field<'_>, found: &mut Found) {
    let origin = field.theirs.events[0].origin.clone().unwrap_or_default();
    let correlation = origin.correlation_id.as_str();
    let rename = field.rpc("RenameProduct");
    let mark = format!("{}-renamed", field.ours.canary);
    let parts = [("product_id", text(&field.ours.products[1])), ("name", text(&mark))];
    let who = caller(&field.ours.tenant, &[Role::HqAdmin, Role::Integration], None);
    let token = format!("Bearer {}", field.stage.token(&who));
    let headers = [
        ("authorization", token.as_str()),
        ("qudao-correlation-id", correlation),
        ("qudao-causation-id", field.theirs.events[0].event_id.as_str()),
    ];
    let body = field.request(rename, &parts).encode_to_vec();
    let renamed = call(&field.stage.channel(), rename, body, &headers).await;
    assert_eq!(renamed.code(), tonic::Code::Ok, "{renamed:?}");
    for method in ["GetCausationTree", "ListEvents"] {
        let rpc = field.rpc(method);
        let name = if method == "ListEvents" { "correlation_id" } else { "id" };
        let theirs = field.as_admin(&field.theirs.tenant, rpc, &[(name, text(correlation))]).await;
        let shown = String::from_utf8_lossy(&theirs.bytes()).contains(&field.ours.canary);
        let came = if shown { Err("our event is in their story".to_owned()) } else { Ok(()) };
        found.attempt(Some(rpc.name()), came);
        let ours = field.as_admin(&field.ours.tenant, rpc, &[(name, text(correlation))]).await;
        let said = [correlation, field.theirs.events[0].event_id.as_str()];
        found.attempt(Some(rpc.name()), field.clean(rpc, &ours, &said));
    }
}

/// Headers that say another tenant than the token does.
async fn claims(field: &Field<'_>, found: &mut Found) {
    for rpc in field.rpcs.iter().filter(|rpc| !rpc.is_command()) {
        let who = caller(&field.ours.tenant, &[Role::HqAdmin, Role::Auditor], None);
        let token = format!("Bearer {}", field.stage.token(&who));
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(CLAIMS.iter().map(|name| (*name, field.theirs.tenant.as_str())));
        let body = filled(&rpc.method.input(), &field.hints()).encode_to_vec();
        let answer = call(&field.stage.channel(), rpc, body, &headers).await;
        found.attempt(Some(rpc.name()), field.clean(rpc, &answer, &[]));
    }
}

//! What a field that names something may mean: things that the other brand has, each beside one
//! that looks alike and that nobody has.

use std::collections::HashMap;
use std::sync::Mutex;

use super::requests::Place;
use super::rpcs::Rpc;
use super::seeds::Seeds;

/// Verbs of commands that make a thing under the id that they are given. What was made once is
/// there, so each attempt gets another id.
const MAKING: &[&str] = &[
    "Register",
    "Add",
    "Publish",
    "Create",
    "Submit",
    "Open",
    "Found",
    "NoteRegion",
    "Draft",
    "Report",
];

/// An id that nobody has.
pub(super) fn nobodys(kind: &str) -> String {
    nobodys_like(&format!("xyz-{kind}-000"))
}

/// An id that nobody has and that looks like another one.
pub(super) fn nobodys_like(id: &str) -> String {
    let fresh = uuid::Uuid::new_v4().simple().to_string();
    if let Some(dealer) = id.strip_prefix("dealer:") {
        return format!("dealer:{}", nobodys_like(dealer));
    }
    match id.split_once('/') {
        Some((aggregate, id)) => format!("{aggregate}/{}", nobodys_like(id)),
        None if uuid::Uuid::parse_str(id).is_ok() => uuid::Uuid::new_v4().to_string(),
        None if id == "root" => format!("n{}", &fresh[..3]),
        // As long as the other one, so that answers of the same length say the same.
        None => format!("n{fresh}{fresh}")[..id.len()].to_owned(),
    }
}

/// Pairs of their ids and of such that nobody has, for a field of an rpc.
pub(super) fn meant(theirs: &Seeds, rpc: &Rpc, place: &Place) -> Vec<(String, String)> {
    let making = MAKING.iter().any(|verb| rpc.method_name().starts_with(verb));
    let kind = |kind: &str, all: &[String]| {
        let at = if making { 1 + next(kind) } else { 0 };
        let id = all.get(at).unwrap_or_else(|| panic!("there are too few of {kind} for {at}"));
        vec![id.clone()]
    };
    let event = &theirs.events[0];
    let ids = match place.field().name() {
        "dealer_id" | "of_dealer_id" => kind("dealer", &theirs.dealers),
        "dealer_ids" | "denied_dealer_ids" => vec![theirs.dealers[0].clone()],
        "promotion_id" => kind("promotion", &theirs.promotions),
        "plan_id" => kind("plan", &theirs.plans),
        "product_ids" | "except_product_ids" | "instead_product_ids" => {
            vec![theirs.products[0].clone()]
        }
        "membership_id" => vec![format!("dealer:{}", theirs.dealers[0])],
        "region_id" | "parent_id" | "region_ids" => kind("region", &theirs.regions),
        "session_id" => kind("session", &theirs.sessions),
        "account_id" => kind("account", &theirs.accounts),
        "key_id" => kind("key", &theirs.keys),
        "identity_id" => kind("identity", &theirs.sessions),
        "invitation_id" => kind("invitation", &theirs.invitations),
        "endpoint_id" => kind("webhook", &theirs.webhooks),
        "delivery_id" => kind("delivery", &theirs.deliveries),
        "product_id" | "successor_product_id" => kind("product", &theirs.products),
        "picture_ids" => vec![theirs.file.clone()],
        "rule_id" => kind("rule", &theirs.rules),
        "price_list_id" => kind("list", &theirs.lists),
        "order_id" => kind("order", &theirs.orders[0]),
        "order_ids" => vec![theirs.orders[0][0].clone()],
        "after_sale_id" => kind("after_sale", &theirs.after_sales),
        "cart_id" => kind("cart", &theirs.carts),
        "statement_id" => kind("statement", &theirs.statements),
        "shipment_id" => kind("shipment", &theirs.shipments),
        "remittance_id" => kind("remittance", &theirs.remittances),
        "payment_id" => kind("payment", &theirs.payments),
        "refund_id" => theirs.payments.iter().map(|id| format!("{id}R1")).collect(),
        "line_id" => kind("line", &theirs.lines),
        // Bills are told by what talks to providers alone, so there are none here.
        "bill_id" => vec![format!("WX-{}-20260115", theirs.tenant)],
        "difference_id" => vec![format!("{}-difference", theirs.tenant)],
        "file_id" => vec![theirs.file.clone()],
        "upload_id" => vec![theirs.upload.clone(), theirs.file.clone()],
        "login" | "actor_id" => kind("user", &theirs.users),
        "tenant_id" | "tenant" => vec![theirs.tenant.clone()],
        "event_id" => vec![event.event_id.clone()],
        "correlation_id" => vec![event.origin.clone().unwrap_or_default().correlation_id],
        "id" => {
            let correlation = event.origin.clone().unwrap_or_default().correlation_id;
            vec![correlation, event.event_id.clone()]
        }
        "object" | "object_id" => objects(theirs),
        "ids" => {
            [&theirs.dealers[0], &theirs.regions[0], &theirs.products[0], &theirs.orders[0][0]]
                .into_iter()
                .cloned()
                .chain([format!("类 {}", theirs.canary)])
                .collect()
        }
        other => panic!("{}/{other} names something new: say here what", rpc.path),
    };
    ids.into_iter().map(|id| (id.clone(), nobodys_like_text(&id))).collect()
}

/// The same for texts of other signs than ids have.
fn nobodys_like_text(id: &str) -> String {
    match id.strip_prefix("类 ") {
        Some(_) => format!("类 机密{}", uuid::Uuid::new_v4().simple()),
        None => nobodys_like(id),
    }
}

/// Ids of all kinds of objects, alone and with the name of their aggregate.
fn objects(theirs: &Seeds) -> Vec<String> {
    let alone = [
        &theirs.orders[0][0],
        &theirs.dealers[0],
        &theirs.products[0],
        &theirs.lists[0],
        &theirs.users[0],
        &theirs.tenant,
    ];
    let mut all: Vec<_> = alone.into_iter().cloned().collect();
    let order = &theirs.orders[0][1];
    all.extend([format!("order/{order}"), format!("dealer/{}", theirs.dealers[0])]);
    all
}

/// How many ids of a kind were given out.
fn next(kind: &str) -> usize {
    static GIVEN: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);
    let mut given = GIVEN.lock().unwrap();
    let given = given.get_or_insert_default().entry(kind.to_owned()).or_default();
    *given += 1;
    *given - 1
}

//! S4: people of one brand call with what another brand has, in every field that names something
//! of somebody, and get what they get for things that nobody has.

use std::collections::BTreeSet;

use kernel::access::Who;
use kernel::auth::Caller;
use prost::Message as _;
use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};
use proto::access::v1::{Role, Scope};
use proto::history::v1::ListCallsResponse;
use tonic_types::{ErrorDetail, StatusExt as _};

use super::requests::{Hints, Place, filled, places};
use super::row::{Found, Row, Run};
use super::rpcs::{Answer, Rpc, unhurried, walk};
use super::seeds::{Seeds, company_canary, sow};
use super::stage::{Stage, caller, of_a_dealer, roles};
use super::{lists, names};

pub(super) static S4: Row = Row {
    id: "S4",
    attack: "people of a brand, and of a dealer, call every rpc with what another brand, or dealer, \
             has, in every field that names a thing of somebody; with page tokens, positions and \
             correlations of theirs; with headers that claim their tenant",
    passes: "the same code, reason and words as for what nobody has, and nothing of theirs in any \
             answer",
    control: "`s4_notices_a_tenant_that_is_claimed`, \
              `s4_notices_names_that_are_not_looked_at`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// What stands on both sides.
pub(super) struct Field<'a> {
    pub(super) stage: &'a Stage,
    pub(super) rpcs: Vec<Rpc>,
    pub(super) ours: Seeds,
    pub(super) theirs: Seeds,
}

async fn attack(stage: &Stage, run: Run) -> Found {
    let rpcs = walk(stage.channel()).await;
    let ours = sow(stage, "aaa", 2).await;
    // Commands that make things need one each, for every role that may call them.
    let theirs = sow(stage, "xyz", run.size(12, 60)).await;
    let field = Field { stage, rpcs, ours, theirs };
    let mut found = Found::default();
    // Reads first: while nothing changes, answers can be compared byte by byte.
    // And commands make things under ids that they have, which are ours from then on.
    for rpc in field.rpcs.iter().filter(|rpc| !rpc.is_command()) {
        field.names(rpc, run, &mut found).await;
    }
    lists::attack(&field, &mut found).await;
    for rpc in field.rpcs.iter().filter(|rpc| rpc.is_command()) {
        field.names(rpc, run, &mut found).await;
    }
    companies(&field, &mut found).await;
    let all: BTreeSet<_> = field.rpcs.iter().map(|rpc| rpc.name().to_owned()).collect();
    assert_eq!(found.rpcs, all, "every rpc was attacked");
    found
}

/// Those that may call, of the brand itself: several, or all of them.
pub(super) fn who_may(rpc: &Rpc, run: Run) -> Vec<Role> {
    let may = |role: &Role| match &rpc.access.who {
        Who::Public | Who::SignedIn => true,
        Who::Roles(named) => named.iter().any(|one| one == role.as_str_name()),
    };
    // The operator names whom they want: it is what they are for.
    let all = roles().filter(|role| *role != Role::Operator).filter(may);
    all.take(run.size(2, 12)).collect()
}

impl Field<'_> {
    /// Values of this side that let a request get as far as it can.
    pub(super) fn hints(&self) -> Hints {
        Hints::default()
            .and("region_id", "root")
            .and("parent_id", "root")
            .and("dealer_id", &self.ours.dealers[0])
            .and("product_id", &self.ours.products[0])
            .and("successor_id", &self.ours.products[1])
            // A rule for a day that does not come hides nothing that is asked for later.
            .and("AssortmentTerms.from", "2099-01-01")
            .and("AssortmentTerms.until", "2099-12-31")
            .and("RegisterDealerRequest.dealer_id", &names::nobodys("dealer"))
            .and("AddRegionRequest.region_id", &names::nobodys("region"))
            .and("PublishProductRequest.product_id", &names::nobodys("product"))
            .and("OpenAccountRequest.dealer_id", &names::nobodys("dealer"))
    }

    /// Somebody of this side.
    pub(super) fn somebody(&self, role: Role) -> Caller {
        let dealer = of_a_dealer(role).then_some(self.ours.dealers[0].as_str());
        caller(&self.ours.tenant, &[role], dealer)
    }

    pub(super) async fn ask(&self, rpc: &Rpc, who: &Caller, request: &DynamicMessage) -> Answer {
        let token = format!("Bearer {}", self.stage.token(who));
        let headers = [("authorization", token.as_str())];
        unhurried(&self.stage.channel(), rpc, &request.encode_to_vec(), &headers).await
    }

    /// Every field of an rpc that names something, with each thing of the other brand that it may
    /// mean. An rpc without such fields is called as it is.
    async fn names(&self, rpc: &Rpc, run: Run, found: &mut Found) {
        let mut scoped = 0;
        for place in places(&rpc.method.input()) {
            if place.scope().is_none_or(|scope| scope == Scope::None) {
                continue;
            }
            scoped += 1;
            for role in who_may(rpc, run) {
                self.compare(rpc, &place, role, found).await;
            }
        }
        for role in who_may(rpc, run).into_iter().take(if scoped == 0 { 12 } else { 1 }) {
            let request = filled(&rpc.method.input(), &self.hints());
            let answer = self.ask(rpc, &self.somebody(role), &request).await;
            found.attempt(Some(rpc.name()), self.clean(rpc, &answer, &[]));
        }
        if who_may(rpc, run).is_empty() {
            // Only the operator may call it: everybody of a brand is turned away.
            let request = filled(&rpc.method.input(), &self.hints());
            let answer = self.ask(rpc, &self.somebody(Role::HqAdmin), &request).await;
            let came = match answer.reason().as_str() {
                "ROLE_MISSING" => self.clean(rpc, &answer, &[]),
                other => Err(format!("an administrator of a brand: {other}")),
            };
            found.attempt(Some(rpc.name()), came);
        }
    }

    async fn compare(&self, rpc: &Rpc, place: &Place, role: Role, found: &mut Found) {
        for (theirs, nobodys) in names::meant(&self.theirs, rpc, place) {
            let mut choices = vec![None];
            choices.extend(place.beside().into_iter().map(Some));
            for choice in choices {
                let mut said = Vec::new();
                for id in [&theirs, &nobodys] {
                    let hints = self.hints();
                    let mut request = filled(&rpc.method.input(), &hints);
                    place.put(&mut request, Value::String(id.clone()), &hints);
                    if let Some((beside, value)) = &choice {
                        beside.put(&mut request, value.clone(), &hints);
                    }
                    let answer = self.ask(rpc, &self.somebody(role), &request).await;
                    said.push((self.clean(rpc, &answer, &[id]), told(rpc, &answer, id)));
                }
                let what = format!("{} = {theirs} by {role:?}", place.name());
                let came = match (said[0].0.clone().and(said[1].0.clone()), said[0].1 == said[1].1)
                {
                    (Ok(()), true) => Ok(()),
                    (Err(leak), _) => Err(format!("{what}: {leak}")),
                    (_, false) => Err(format!("{what}: {:?}\nand not {:?}", said[0].1, said[1].1)),
                };
                found.attempt(Some(rpc.name()), came);
            }
        }
    }

    /// Whether nothing of the other brand stands in an answer, but what the caller said.
    pub(super) fn clean(&self, rpc: &Rpc, answer: &Answer, said: &[&str]) -> Result<(), String> {
        let mut bytes = answer.bytes();
        // What people of the brand named, the access log tells them: also what is not theirs.
        if rpc.path.ends_with("/ListCalls")
            && let Ok(mut log) = ListCallsResponse::decode(&*answer.messages.concat())
        {
            log.calls.iter_mut().for_each(|call| call.named.clear());
            bytes = log.encode_to_vec();
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = said.iter().fold(text, |text, said| text.replace(*said, "<id>"));
        for canary in [self.theirs.canary.as_str(), "xyz-"] {
            if let Some(at) = text.find(canary) {
                let around: String = text[at..].chars().take(80).collect();
                return Err(format!("an answer has something of theirs: {around:?}"));
            }
        }
        Ok(())
    }
}

/// What an answer says, with the id left out and without what moves by itself.
pub(super) fn told(rpc: &Rpc, answer: &Answer, id: &str) -> String {
    let mut told = format!("{:?} {} {}", answer.code(), answer.reason(), answer.status.message());
    for detail in answer.status.get_error_details_vec() {
        if let ErrorDetail::LocalizedMessage(words) = detail {
            told.push_str(&format!(" {}", words.message));
        }
    }
    // A receipt has the position of its event, which nobody else's has.
    for message in answer.messages.iter().filter(|_| !rpc.is_command()) {
        let mut message = DynamicMessage::decode(rpc.method.output(), message.as_slice()).unwrap();
        for name in ["freshness", "indexed"] {
            if message.descriptor().get_field_by_name(name).is_some() {
                message.clear_field_by_name(name);
            }
        }
        // What is signed has the time of its signing in it.
        let file = message
            .get_field_by_name("file")
            .map(|file| file.as_str() == Some(proof::export::MANIFEST));
        if file == Some(true) {
            message.clear_field_by_name("content");
        }
        told.push_str(&String::from_utf8_lossy(&message.encode_to_vec()));
    }
    told.replace(id, "<id>")
}

/// People of one dealer against another one of the same brand.
async fn companies(field: &Field<'_>, found: &mut Found) {
    let (own, other) = (&field.ours.dealers[0], &field.ours.dealers[1]);
    let canary = company_canary(&field.ours, 1);
    for rpc in &field.rpcs {
        for role in who_may(rpc, Run { seed: 0, whole: true }) {
            if !of_a_dealer(role) || rpc.access.who == Who::Public {
                continue;
            }
            for place in places(&rpc.method.input()) {
                let theirs = match place.scope() {
                    Some(Scope::Company) => other.clone(),
                    Some(Scope::Owned) => match place.field().name() {
                        "payment_id" | "refund_id" => field.ours.payments[0].clone(),
                        "shipment_id" => field.ours.shipments[0].clone(),
                        "after_sale_id" => field.ours.after_sales[0].clone(),
                        "cart_id" => field.ours.carts[0].clone(),
                        "statement_id" => field.ours.statements[0].clone(),
                        _ => field.ours.orders[1][0].clone(),
                    },
                    _ => continue,
                };
                let nobodys = names::nobodys_like(&theirs);
                let mut said = Vec::new();
                for id in [&theirs, &nobodys] {
                    let hints = field.hints();
                    let mut request = filled(&rpc.method.input(), &hints);
                    place.put(&mut request, Value::String(id.clone()), &hints);
                    let who = caller(&field.ours.tenant, &[role], Some(own));
                    let answer = field.ask(rpc, &who, &request).await;
                    said.push((told(rpc, &answer, id), answer));
                }
                let leak = String::from_utf8_lossy(&said[0].1.bytes()).contains(&canary);
                // A number that is taken can not be given once more: who asks for it learns that.
                let taken = rpc.method_name() == "SubmitOrder" && place.name() == "order_id";
                let what = format!("{} = {theirs} by {role:?} of {own}", place.name());
                // The gate says no to another company, whatever a handler would say to it.
                let reason = said[0].1.reason();
                let by_the_gate = place.scope() != Some(Scope::Company) || reason == "NOT_YOURS";
                found.attempt(
                    Some(rpc.name()),
                    match (leak, said[0].0 == said[1].0 || taken) {
                        (true, _) => Err(format!("{what}: {canary} in the answer")),
                        (_, false) => {
                            Err(format!("{what}: {:?} and not {:?}", said[0].0, said[1].0))
                        }
                        (false, true) if !by_the_gate => Err(format!("{what}: {reason}")),
                        (false, true) => Ok(()),
                    },
                );
            }
            let request = filled(&rpc.method.input(), &field.hints());
            let who = caller(&field.ours.tenant, &[role], Some(own));
            let answer = field.ask(rpc, &who, &request).await;
            let leak = String::from_utf8_lossy(&answer.bytes()).contains(&canary);
            let came =
                if leak { Err(format!("{canary} in the answer to {role:?}")) } else { Ok(()) };
            found.attempt(Some(rpc.name()), came);
        }
    }
}

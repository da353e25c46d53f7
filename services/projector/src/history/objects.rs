//! One object: its whole history, and its state as it was.

use chrono::{DateTime, Utc};
use kernel::catalogue::{AggregateInfo, Told};
use kernel::failure::{Violations, internal, read_failed, status};
use kernel::log::Log;
use kernel::{Decider as _, Recorded, Text, personal};
use order::after_sale::AfterSale;
use order::bank_line::BankLine;
use order::bank_reference::BankReference;
use order::cart::Cart;
use order::credit::CreditAccount;
use order::payment::OnlinePayment;
use order::promotion::PromotionQuota;
use order::provider_bill::ProviderBill;
use order::rebate::RebateSettlement;
use order::remittance::Remittance;
use order::shipment::Shipment;
use order::statement::{Statement, StatementChain};
use order::stock::StockItem;
use order::wallet::Wallet;
use proto::history::v1 as pb;
use proto::history::v1::get_state_at_request::At;
use serde_json::Value;
use tonic::{Code, Status};

use super::changes::changes;
use super::people::{Names, Shown};
use super::wanted::time;
use super::{HistoryApi, moment};
use crate::read::{Page, Scope, failed, not_reached};

/// An object's events, and where they were found.
pub(crate) struct Found {
    pub(crate) kind: AggregateInfo,
    pub(crate) log: Log,
    pub(crate) events: Vec<Recorded>,
}

/// The aggregate and the id in `<aggregate>/<id>`; an id alone may be of any aggregate.
pub(crate) fn split(object: &str) -> (Option<&str>, &str) {
    match object.split_once('/') {
        Some((aggregate, id)) => (Some(aggregate), id),
        None => (None, object),
    }
}

/// Whether an object is in one of these regions, by the last of its events that says where it is.
/// One that is nowhere belongs to the whole brand, and so does everything for who sees all regions.
fn is_in(regions: Option<&Vec<String>>, events: &[Recorded]) -> bool {
    let Some(regions) = regions else { return true };
    let place = events.iter().rev().find_map(place);
    place.is_none_or(|region| regions.contains(&region))
}

/// In which region an event says that its object is.
fn place(event: &Recorded) -> Option<String> {
    let payload: Value = serde_json::from_str(&event.payload).ok()?;
    let own = payload.get("region_path")?.as_array()?.last()?;
    Some(own.get("region_id")?.as_str()?.to_owned())
}

impl HistoryApi {
    /// The events of the one object with this id that the caller sees.
    async fn seen(&self, scope: &Scope, object: &str) -> Result<Found, Status> {
        let found = self.object(&scope.tenant, object).await?;
        let Some(regions) = &scope.regions else { return Ok(found) };
        let is_seen = match found.kind.name {
            // They name dealers and orders of all regions.
            PromotionQuota::AGGREGATE
            | BankReference::AGGREGATE
            | BankLine::AGGREGATE
            | ProviderBill::AGGREGATE
            | StockItem::AGGREGATE => false,
            Wallet::AGGREGATE
            | CreditAccount::AGGREGATE
            | AfterSale::AGGREGATE
            | Cart::AGGREGATE
            | OnlinePayment::AGGREGATE
            | Shipment::AGGREGATE
            | Statement::AGGREGATE
            | StatementChain::AGGREGATE
            | RebateSettlement::AGGREGATE
            | Remittance::AGGREGATE => {
                self.is_dealers(&scope.tenant, regions, &found.events).await?
            }
            _ => is_in(Some(regions), &found.events),
        };
        if is_seen { Ok(found) } else { Err(no_such_object(object)) }
    }

    /// Whether an object is a dealer's who is in one of these regions today.
    async fn is_dealers(
        &self,
        tenant: &str,
        regions: &[String],
        events: &[Recorded],
    ) -> Result<bool, Status> {
        let dealer = events.first().and_then(|event| {
            let payload: Value = serde_json::from_str(&event.payload).ok()?;
            Some(payload.get("dealer_id")?.as_str()?.to_owned())
        });
        let mut db = self.pool.begin(tenant).await.map_err(failed)?;
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM dealers WHERE tenant_id = $1 AND dealer_id = $2
                            AND region_id = ANY($3))",
        )
        .bind(tenant)
        .bind(dealer)
        .bind(regions)
        .fetch_one(&mut *db)
        .await
        .map_err(failed)
    }

    /// The events of the one object with this id.
    pub(crate) async fn object(&self, tenant: &str, object: &str) -> Result<Found, Status> {
        let (aggregate, id) = split(object);
        let mut found = Vec::new();
        for source in &self.sources {
            let events = source.log.read_object(tenant, aggregate, id).await;
            let events = events.map_err(|error| read_failed(&error))?;
            for kind in source.context.aggregates {
                let own = events.iter().filter(|event| event.aggregate == kind.name);
                let own: Vec<_> = own.cloned().collect();
                if !own.is_empty() {
                    found.push(Found { kind: *kind, log: source.log.clone(), events: own });
                }
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                found.push(last);
                Err(ambiguous(object, &found))
            }
            (None, _) => Err(no_such_object(object)),
        }
    }

    /// See [`pb::GetObjectHistoryRequest`].
    pub(crate) async fn history(
        &self,
        scope: &Scope,
        request: pb::GetObjectHistoryRequest,
    ) -> Result<pb::GetObjectHistoryResponse, Status> {
        let page = request.page.map(|page| Page::of(Some(page))).transpose()?;
        let tenant = &scope.tenant;
        let Found { kind, log, events } = self.seen(scope, &request.object).await?;
        // What was acknowledged is in the log, so a position that is not there never was given.
        let head = log.head().await.map_err(|error| read_failed(&error))?;
        if head < request.min_position {
            return Err(not_reached(head, request.min_position));
        }
        let told = self.tell(tenant, kind, &events).await?;
        let total = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let (skip, take) = page.map_or((0, usize::MAX), Page::rows);
        let part: Vec<_> = events.into_iter().zip(told).skip(skip).take(take).collect();
        let names = self.names(tenant, part.iter().map(|(event, _)| event)).await?;
        let part = part.into_iter();
        let entries = part.map(|(event, told)| entry(&names, event, told, request.with_states));
        Ok(pb::GetObjectHistoryResponse {
            entries: entries.collect(),
            page: page.map(|page| page.info(total)),
        })
    }

    /// What each event of an object did, as people read it.
    pub(crate) async fn tell(
        &self,
        tenant: &str,
        kind: AggregateInfo,
        events: &[Recorded],
    ) -> Result<Vec<ToldPlainly>, Status> {
        let revealed = self.revealed(tenant, events).await?;
        let revealed = revealed.into_iter().map(|one| (one.event, one.shown));
        let (revealed, shown): (Vec<_>, Vec<_>) = revealed.unzip();
        let told = (kind.tell)(&revealed).map_err(|error| internal(&error))?;
        let plainly = told.into_iter().zip(shown).map(|(mut told, shown)| {
            personal::plainly(&mut told.before);
            personal::plainly(&mut told.after);
            ToldPlainly { told, shown }
        });
        Ok(plainly.collect())
    }

    /// See [`pb::GetStateAtRequest`].
    pub(crate) async fn state_at(
        &self,
        scope: &Scope,
        request: pb::GetStateAtRequest,
    ) -> Result<pb::GetStateAtResponse, Status> {
        let at = parsed(request.at)?;
        let tenant = &scope.tenant;
        let Found { kind, log, mut events } = self.seen(scope, &request.object).await?;
        if let Moment::Position(position) = at {
            let head = log.head().await.map_err(|error| read_failed(&error))?;
            if head < position {
                return Err(not_reached(head, position));
            }
        }
        let newest_version = events.len() as u64;
        if let Moment::Version(version) = at
            && newest_version < version
        {
            return Err(no_such_version(&request.object, version, newest_version));
        }
        events.retain(|event| at.includes(event));
        let Some(last) = events.last() else { return Err(not_yet(&request.object)) };
        let revealed = self.revealed(tenant, &events).await?;
        let revealed: Vec<_> = revealed.into_iter().map(|one| one.event).collect();
        let mut state = (kind.fold)(&revealed).map_err(|error| internal(&error))?;
        personal::plainly(&mut state);
        Ok(pb::GetStateAtResponse {
            context: last.context.clone(),
            aggregate: last.aggregate.clone(),
            object_id: last.object_id.clone(),
            version: last.version,
            position: last.position,
            recorded_at: moment(last.recorded_at),
            state_json: state.to_string(),
            newest_version,
        })
    }
}

/// An event told, with nothing of people in it that can not be read.
pub(crate) struct ToldPlainly {
    told: Told,
    shown: Shown,
}

/// An event with its words and what it changed.
pub(crate) fn entry(
    names: &Names,
    event: Recorded,
    told: ToldPlainly,
    with_states: bool,
) -> pb::HistoryEntry {
    let ToldPlainly { told, shown } = told;
    let state = |state: &serde_json::Value| {
        if with_states { state.to_string() } else { String::new() }
    };
    pb::HistoryEntry {
        event: Some(names.of(event, &shown)),
        before_json: state(&told.before),
        after_json: state(&told.after),
        changes: changes(&told.before, &told.after),
        sentence_zh: told.sentence.zh,
        sentence_en: told.sentence.en,
        shown_json: shown.json,
    }
}

/// When an object is to be looked at.
#[derive(Clone, Copy)]
enum Moment {
    Now,
    Version(u64),
    Position(u64),
    Time(DateTime<Utc>),
}

impl Moment {
    fn includes(self, event: &Recorded) -> bool {
        match self {
            Self::Now => true,
            Self::Version(version) => event.version <= version,
            Self::Position(position) => event.position <= position,
            Self::Time(time) => event.recorded_at <= time,
        }
    }
}

fn parsed(at: Option<At>) -> Result<Moment, Status> {
    let mut violations = Violations::default();
    let moment = match at {
        None => Some(Moment::Now),
        Some(At::Version(version)) => Some(Moment::Version(version)),
        Some(At::Position(position)) => Some(Moment::Position(position)),
        Some(At::Time(text)) => time(&mut violations, "time", &text).map(Moment::Time),
    };
    if moment.is_none() {
        violations.add("time", Text::new("请填写时间", "say a time"));
    }
    violations.finish(moment)
}

fn no_such_object(object: &str) -> Status {
    status(
        Code::NotFound,
        "NO_SUCH_OBJECT",
        &Text::new(
            format!("没有编号为“{object}”的对象"),
            format!("there is no object {object}; check its id"),
        ),
    )
}

fn no_such_version(object: &str, asked: u64, newest: u64) -> Status {
    status(
        Code::NotFound,
        "NO_SUCH_VERSION",
        &Text::new(
            format!("“{object}”只有 {newest} 个版本，没有第 {asked} 个"),
            format!("{object} is at version {newest}; there is no version {asked} yet"),
        ),
    )
}

fn not_yet(object: &str) -> Status {
    status(
        Code::NotFound,
        "NOT_YET_THERE",
        &Text::new(
            format!("“{object}”在那时还不存在"),
            format!("{object} did not exist then; ask for a later moment"),
        ),
    )
}

fn ambiguous(object: &str, found: &[Found]) -> Status {
    let names: Vec<_> = found.iter().map(|one| format!("{}/{object}", one.kind.name)).collect();
    let names = names.join(", ");
    status(
        Code::InvalidArgument,
        "AMBIGUOUS_OBJECT",
        &Text::new(
            format!("“{object}”不止一个，请选：{names}"),
            format!("more than one object has the id {object}; ask for one of {names}"),
        ),
    )
}

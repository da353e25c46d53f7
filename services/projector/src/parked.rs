//! The rpcs about facts that could not be applied.

use kernel::Text;
use kernel::failure::{Violations, read_failed};
use kernel::projection::{self, ControlError, ParkedFact, ParkedState};
use proto::operations::v1 as pb;
use tonic::Status;

use crate::operations::{OperationsApi, control};
use crate::read::{failed, rfc3339};

/// Facts listed when nobody says how many.
const LIMIT: u32 = 200;
const LIMIT_MAX: u32 = 1_000;
/// Longest reason for skipping a fact, in characters.
const REASON_MAX: usize = 500;

pub(crate) async fn list(
    api: &OperationsApi,
    request: pb::ListParkedFactsRequest,
) -> Result<pb::ListParkedFactsResponse, Status> {
    let limit = match request.limit {
        0 => LIMIT,
        limit => limit.min(LIMIT_MAX),
    };
    let name = Some(request.projection.as_str()).filter(|name| !name.is_empty());
    let mut facts = Vec::new();
    for schema in &api.schemas {
        facts.extend(projection::parked(schema.all(), name, limit).await.map_err(failed)?);
    }
    facts.truncate(limit as usize);
    Ok(pb::ListParkedFactsResponse { facts: facts.into_iter().map(fact).collect() })
}

pub(crate) async fn get(
    api: &OperationsApi,
    pb::GetParkedFactRequest { projection: name, position }: pb::GetParkedFactRequest,
) -> Result<pb::GetParkedFactResponse, Status> {
    let pool = api.schema_of(&name).await?.all();
    let found = projection::parked_at(pool, &name, position).await.map_err(failed)?;
    let found = found.ok_or_else(|| control(&name, ControlError::NotFound))?;
    let all = api.overview().await?;
    let context = all.into_iter().find(|one| one.name == name).map(|one| one.context);
    let log = context.as_deref().and_then(|context| api.log_of(context));
    let events = match log {
        Some(log) => {
            let before = position.saturating_sub(1);
            log.read_after(before, 1).await.map_err(|error| read_failed(&error))?
        }
        None => Vec::new(),
    };
    let event = events.into_iter().find(|event| event.position == position);
    Ok(pb::GetParkedFactResponse {
        fact: Some(fact(found)),
        recorded_at: event.as_ref().map(|event| rfc3339(event.recorded_at)).unwrap_or_default(),
        payload_json: event.map(|event| event.payload).unwrap_or_default(),
    })
}

pub(crate) async fn retry(
    api: &OperationsApi,
    who: &str,
    pb::RetryParkedFactRequest { projection: name, position }: pb::RetryParkedFactRequest,
) -> Result<pb::RetryParkedFactResponse, Status> {
    let done = projection::retry(api.schema_of(&name).await?.all(), &name, position, who).await;
    done.map_err(|error| control(&name, error))?;
    Ok(pb::RetryParkedFactResponse {})
}

pub(crate) async fn skip(
    api: &OperationsApi,
    who: &str,
    request: pb::SkipParkedFactRequest,
) -> Result<pb::SkipParkedFactResponse, Status> {
    let pb::SkipParkedFactRequest { projection: name, position, reason } = request;
    let mut violations = Violations::default();
    let reason = violations.take("reason", said(&reason));
    let reason = violations.finish(reason)?;
    let done =
        projection::skip(api.schema_of(&name).await?.all(), &name, position, who, &reason).await;
    done.map_err(|error| control(&name, error))?;
    Ok(pb::SkipParkedFactResponse {})
}

/// A reason that says something.
fn said(reason: &str) -> Result<String, Text> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => Err(Text::new("请说明原因", "must say why")),
        1..=REASON_MAX => Ok(reason.to_owned()),
        _ => Err(Text::new("最多 500 个字", "must have 500 characters at most")),
    }
}

fn fact(from: ParkedFact) -> pb::ParkedFact {
    let state = match from.state {
        ParkedState::Retrying => pb::ParkedState::Retrying,
        ParkedState::Parked => pb::ParkedState::Parked,
        ParkedState::Held => pb::ParkedState::Held,
    };
    pb::ParkedFact {
        projection: from.projection,
        position: from.position,
        tenant_id: from.tenant,
        object: from.object,
        event_type: from.event_type,
        state: state.into(),
        tries: from.tries,
        reason: from.reason,
        since: rfc3339(from.since),
        rebuild: from.next,
    }
}

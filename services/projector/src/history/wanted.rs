//! What a request for a replay asks for.

use chrono::{DateTime, Utc};
use kernel::Text;
use kernel::auth::Caller;
use kernel::failure::{Violations, read_failed, status};
use kernel::log::{Filter, Log};
use proto::access::v1::Role;
use proto::history::v1::ReplayEventsRequest;
use tonic::{Code, Status};

use super::replay::Wanted;

/// Parses a request; positions are asked of the log for its times.
pub(crate) async fn wanted(
    log: &Log,
    caller: &Caller,
    request: ReplayEventsRequest,
) -> Result<Wanted, Status> {
    let tenant = tenant(caller, &request.tenant)?;
    let (from_time, to_time) = times(&request)?;
    let mut after = request.from_position.saturating_sub(1);
    if let Some(time) = from_time {
        after = after.max(before(log, time).await?);
    }
    let until = if request.follow {
        None
    } else {
        let head = log.head().await.map_err(|error| read_failed(&error))?;
        let mut until = if request.to_position == 0 { head } else { request.to_position.min(head) };
        if let Some(time) = to_time {
            until = until.min(before(log, time).await?);
        }
        Some(until)
    };
    let filter = Filter {
        tenant,
        aggregates: request.aggregates,
        event_types: request.event_types,
        object_id: Some(request.object_id).filter(|id| !id.is_empty()),
    };
    Ok(Wanted { filter, after, until, batch: request.batch as usize })
}

async fn before(log: &Log, time: DateTime<Utc>) -> Result<u64, Status> {
    log.position_before(time).await.map_err(|error| read_failed(&error))
}

/// Whose events: one's own, but for the operator, who may ask for anybody's or everybody's.
pub(crate) fn tenant(caller: &Caller, asked: &str) -> Result<Option<String>, Status> {
    if caller.has(Role::Operator) {
        return Ok(Some(asked.to_owned()).filter(|tenant| !tenant.is_empty()));
    }
    if asked.is_empty() || asked == caller.tenant {
        return Ok(Some(caller.tenant.clone()));
    }
    Err(status(
        Code::PermissionDenied,
        "OTHER_TENANT",
        &Text::new("只能查看本品牌的事件", "you can see events of your own tenant only"),
    ))
}

type Times = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn times(request: &ReplayEventsRequest) -> Result<Times, Status> {
    let mut violations = Violations::default();
    for (field, bounded) in
        [("to_position", request.to_position != 0), ("to_time", !request.to_time.is_empty())]
    {
        if request.follow && bounded {
            let text = Text::new("不能与 follow 同时使用", "can not be used together with follow");
            violations.add(field, text);
        }
    }
    let from = time(&mut violations, "from_time", &request.from_time);
    let to = time(&mut violations, "to_time", &request.to_time);
    violations.finish(Some((from, to)))
}

/// A moment of a request; empty means open.
pub(crate) fn time(violations: &mut Violations, field: &str, text: &str) -> Option<DateTime<Utc>> {
    if text.is_empty() {
        return None;
    }
    let parsed = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    violations.take(
        field,
        parsed.map_err(|_| {
            Text::new("必须是 RFC 3339 时间", "must be a time like 2026-11-23T14:05:00Z")
        }),
    )
}

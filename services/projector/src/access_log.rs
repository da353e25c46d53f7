//! The access log, for auditors. It is written by the gate of every role.

use chrono::{DateTime, Utc};
use kernel::Text;
use kernel::auth::Caller;
use kernel::calls::Outcome;
use kernel::failure::Violations;
use kernel::rpc::{self, Reply};
use kernel::wall::Schema;
use proto::access::v1::Role;
use proto::history::v1 as pb;
use proto::history::v1::access_log_service_server::AccessLogService;
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row as _};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::history::HistoryApi;
use crate::history::wanted::time;
use crate::read::{Page, failed, pattern, rfc3339};

/// Answers from the table of calls; `history` knows the people.
#[derive(Clone)]
pub(crate) struct AccessLogApi {
    pub(crate) calls: Schema,
    pub(crate) history: HistoryApi,
}

#[tonic::async_trait]
impl AccessLogService for AccessLogApi {
    async fn list_calls(
        &self,
        request: Request<pb::ListCallsRequest>,
    ) -> Reply<pb::ListCallsResponse> {
        let caller = rpc::caller(&request)?.clone();
        let search = Search::of(request.into_inner())?;
        let mut rows = self.rows(&caller, &search).await.map_err(failed)?;
        let more = rows.len() > search.limit as usize;
        rows.truncate(search.limit as usize);
        let next = rows.last().filter(|_| more).map(token).transpose().map_err(failed)?;
        let calls = rows.iter().map(call).collect::<sqlx::Result<Vec<_>>>().map_err(failed)?;
        let calls = self.named(&caller, calls).await?;
        Ok(Response::new(pb::ListCallsResponse { calls, next_token: next.unwrap_or_default() }))
    }
}

impl AccessLogApi {
    async fn rows(&self, caller: &Caller, search: &Search) -> sqlx::Result<Vec<PgRow>> {
        let mut query = search.query(caller);
        // The operator belongs to no tenant, and calls of nobody are for nobody else.
        if caller.has(Role::Operator) {
            return query.build().fetch_all(self.calls.all()).await;
        }
        let mut tx = self.calls.tenant().begin(&caller.tenant).await?;
        query.build().fetch_all(&mut *tx).await
    }

    /// The same calls with the names of those who called, as they are known now.
    async fn named(
        &self,
        caller: &Caller,
        mut calls: Vec<pb::Call>,
    ) -> Result<Vec<pb::Call>, Status> {
        // The operator sees all tenants, and no people's names of any.
        if !caller.tenant.is_empty() {
            let ids: Vec<_> = calls.iter().map(|call| call.actor_id.as_str()).collect();
            let names = self.history.names_of(&caller.tenant, &ids).await?;
            for call in &mut calls {
                call.actor_name = names.known(&call.actor_id).unwrap_or_default().to_owned();
            }
        }
        Ok(calls)
    }
}

/// A request, parsed.
struct Search {
    request: pb::ListCallsRequest,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    /// The last call of the page before.
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
}

impl Search {
    fn of(request: pb::ListCallsRequest) -> Result<Self, Status> {
        let mut violations = Violations::default();
        let from = time(&mut violations, "from_time", &request.from_time);
        let to = time(&mut violations, "to_time", &request.to_time);
        let mut page = request.page.clone().unwrap_or_default();
        let token = std::mem::take(&mut page.token);
        let after = Some(&token).filter(|token| !token.is_empty()).and_then(|token| {
            let bad = || Text::new("不是上一页给出的", "is not one that a page before gave");
            violations.take("page.token", parse_token(token).ok_or_else(bad))
        });
        violations.finish(Some(()))?;
        let limit = Page::of(Some(page))?.limit;
        Ok(Self { request, from, to, after, limit })
    }

    /// One row more than the page, to know whether there is a next one.
    fn query(&self, caller: &Caller) -> QueryBuilder<'_, Postgres> {
        let mut query = QueryBuilder::new("SELECT * FROM calls WHERE true");
        if !caller.has(Role::Operator) {
            query.push(" AND tenant_id = ").push_bind(caller.tenant.clone());
        }
        let request = &self.request;
        if !request.actor_id.is_empty() {
            query.push(" AND actor_id = ").push_bind(&request.actor_id);
        }
        if let Some(rpc) = pattern(&request.rpc) {
            query.push(" AND rpc ILIKE ").push_bind(rpc);
        }
        if !request.results.is_empty() {
            let results: Vec<_> = request.results().filter_map(outcome).collect();
            query.push(" AND result = ANY(").push_bind(results).push(")");
        }
        if !request.address.is_empty() {
            query.push(" AND address = ").push_bind(&request.address);
        }
        if !request.named.is_empty() {
            query.push(" AND EXISTS (SELECT FROM unnest(named) AS one WHERE ");
            query.push("split_part(one, '=', 2) = ").push_bind(&request.named).push(")");
        }
        if let Some(from) = self.from {
            query.push(" AND at >= ").push_bind(from);
        }
        if let Some(to) = self.to {
            query.push(" AND at < ").push_bind(to);
        }
        if let Some((at, id)) = self.after {
            query.push(" AND (at, call_id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY at DESC, call_id DESC LIMIT ").push_bind(self.limit + 1);
        query
    }
}

/// As the table has it; none for the value that nobody asks for.
fn outcome(result: pb::CallResult) -> Option<String> {
    let outcome = match result {
        pb::CallResult::Unspecified => return None,
        pb::CallResult::Success => Outcome::Success,
        pb::CallResult::Refused => Outcome::Refused,
        pb::CallResult::Error => Outcome::Error,
        pb::CallResult::Unknown => Outcome::Unknown,
    };
    Some(outcome.to_string())
}

fn result(text: &str) -> pb::CallResult {
    match text.parse() {
        Ok(Outcome::Success) => pb::CallResult::Success,
        Ok(Outcome::Refused) => pb::CallResult::Refused,
        Ok(Outcome::Error) => pb::CallResult::Error,
        Ok(Outcome::Unknown) | Err(_) => pb::CallResult::Unknown,
    }
}

fn call(row: &PgRow) -> sqlx::Result<pb::Call> {
    let code: Option<i16> = row.try_get("code")?;
    let micros: i64 = row.try_get("micros")?;
    Ok(pb::Call {
        call_id: row.try_get::<Uuid, _>("call_id")?.to_string(),
        at: rfc3339(row.try_get("at")?),
        actor_id: row.try_get("actor_id")?,
        actor_name: String::new(),
        rpc: row.try_get("rpc")?,
        named: row.try_get("named")?,
        signed_in: row.try_get::<String, _>("credential")? != "none",
        address: row.try_get("address")?,
        user_agent: row.try_get("user_agent")?,
        result: result(&row.try_get::<String, _>("result")?).into(),
        code: code.map(code_name).unwrap_or_default(),
        reason: row.try_get("reason")?,
        micros: micros.cast_unsigned(),
        trace_id: row.try_get("trace_id")?,
        tenant: row.try_get("tenant_id")?,
    })
}

/// As gRPC writes it: `PERMISSION_DENIED`.
fn code_name(code: i16) -> String {
    let name = format!("{:?}", Code::from(i32::from(code)));
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

fn token(row: &PgRow) -> sqlx::Result<String> {
    let (at, id): (DateTime<Utc>, Uuid) = (row.try_get("at")?, row.try_get("call_id")?);
    Ok(format!("{}.{id}", at.timestamp_micros()))
}

fn parse_token(text: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let (at, id) = text.split_once('.')?;
    Some((DateTime::from_timestamp_micros(at.parse().ok()?)?, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_names_that_grpc_gives_them() {
        assert_eq!(code_name(7), "PERMISSION_DENIED");
        assert_eq!(code_name(0), "OK");
    }

    #[test]
    fn a_token_that_no_page_gave_is_none() {
        assert!(parse_token("1700000000000000.018f3b1e-7c00-7000-8000-0123456789ab").is_some());
        assert!(parse_token("1700000000000000").is_none());
        assert!(parse_token("x.018f3b1e-7c00-7000-8000-0123456789ab").is_none());
    }
}

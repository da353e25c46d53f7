//! Whether the demonstration is loaded already, found out with a few cheap questions.

use anyhow::Context as _;
use proto::common::v1::PageRequest;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::{ListOrdersRequest, OrderStatus};
use tonic::{Code, Status};

use super::people::Person;
use crate::client::Session;
use crate::import::mapping::{Mapping, Reached};
use crate::import::plan::Plan;
use crate::query::date;

/// Whether loading would change nothing. A wrong "no" only costs the time of loading again.
pub(super) async fn all_there(
    session: &Session,
    people: &[Person],
    admin: &Person,
    mapping: &Mapping,
    plan: &Plan,
) -> anyhow::Result<bool> {
    let Some(session) = signed_in(session, people, admin).await? else { return Ok(false) };
    let all = count(&session, ListOrdersRequest::default()).await?;
    if all < plan.orders.len() as u64 {
        return Ok(false);
    }
    for (step, last_day) in mapping.due() {
        let statuses = short_of(step).iter().map(|&status| status.into()).collect();
        let to_date = date(Some(last_day));
        let late = ListOrdersRequest { statuses, to_date, ..Default::default() };
        if count(&session, late).await? > 0 {
            return Ok(false);
        }
    }
    super::money::is_there(&session).await
}

/// A session of the administrator, when everybody is registered: people of dealers are registered
/// last, in the order of the file.
pub(super) async fn signed_in(
    session: &Session,
    people: &[Person],
    admin: &Person,
) -> anyhow::Result<Option<Session>> {
    let of_dealers = people.iter().rfind(|person| person.dealer_id.is_some());
    let last = of_dealers.or(people.last()).unwrap_or(admin);
    let mut found = None;
    // One after the other, the administrator last.
    for person in [last, admin] {
        found = match session.clone().sign_in(&person.account()).await {
            Ok(session) => Some(session),
            Err(error) if is_unknown(&error) => return Ok(None),
            Err(error) => return Err(error.context("signing in")),
        };
    }
    Ok(found)
}

/// Nobody of that name or tenant, or another password; which of them is not told.
fn is_unknown(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<Status>().map(Status::code);
    matches!(code, Some(Code::Unauthenticated | Code::NotFound | Code::PermissionDenied))
}

/// Statuses of orders that have not taken a step, though they could.
fn short_of(step: Reached) -> &'static [OrderStatus] {
    const EARLIER: &[OrderStatus] = &[
        OrderStatus::Submitted,
        OrderStatus::Confirmed,
        OrderStatus::PartlyShipped,
        OrderStatus::Shipped,
        OrderStatus::PartlyReceived,
    ];
    let count = match step {
        Reached::Submitted => 0,
        Reached::Confirmed => 1,
        Reached::Shipped => 3,
        Reached::Received => 5,
    };
    EARLIER.get(..count).unwrap_or_default()
}

async fn count(session: &Session, filter: ListOrdersRequest) -> anyhow::Result<u64> {
    let page = Some(PageRequest { size: 1, token: String::new() });
    let answer = OrderQueryServiceClient::new(session.wire())
        .list_orders(ListOrdersRequest { page, ..filter })
        .await
        .context("counting orders")?;
    Ok(answer.into_inner().page.unwrap_or_default().total)
}

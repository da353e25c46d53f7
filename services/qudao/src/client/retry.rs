//! Trying again when trying again can help. Commands carry a request id, so a repeat of one that
//! did get through is answered and not done twice.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::failure;

/// How long one call is tried before giving up.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Calls until there is an answer that repeating would not change, or patience runs out.
/// `also` names refusals that go away by themselves.
pub(crate) async fn until_answered<T, F>(also: &[&str], call: F) -> Result<T, Status>
where
    F: AsyncFnMut() -> Result<T, Status>,
{
    within(PATIENCE, also, call).await
}

async fn within<T, F>(patience: Duration, also: &[&str], mut call: F) -> Result<T, Status>
where
    F: AsyncFnMut() -> Result<T, Status>,
{
    let give_up = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    loop {
        let status = match call().await {
            Ok(answer) => return Ok(answer),
            Err(status) => status,
        };
        let wait = wished_pause(&status).unwrap_or_else(|| jittered(pause));
        if !worth_repeating(&status, also) || give_up < Instant::now() + wait {
            return Err(status);
        }
        sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn worth_repeating(status: &Status, also: &[&str]) -> bool {
    let refused = status.code() == Code::FailedPrecondition;
    is_passing(status) || refused && also.contains(&failure::reason(status).as_str())
}

/// Whether the trouble lies on the way or in the load, not in what was asked.
pub(crate) fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::Aborted | Code::ResourceExhausted | Code::DeadlineExceeded => {
            true
        }
        // A connection that broke in the middle of a call; a server's own words have no source.
        Code::Unknown | Code::Internal | Code::Cancelled => {
            std::error::Error::source(status).is_some()
        }
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}

/// Whether what was answered to one command would be answered to all others, so that there is no use in
/// going on.
pub(crate) fn ends_all(status: &Status) -> bool {
    let code = status.code();
    is_passing(status)
        || matches!(code, Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented)
}

fn wished_pause(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay.filter(|delay| !delay.is_zero())
}

/// Half to all of the pause, so that many who were refused together do not come back together.
fn jittered(pause: Duration) -> Duration {
    let spread = uuid::Uuid::new_v4().as_bytes()[0];
    pause / 2 + pause / 2 * u32::from(spread) / 255
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::*;

    fn refusal(reason: &str) -> Status {
        let details = ErrorDetails::with_error_info(reason, "order", HashMap::new());
        Status::with_error_details(Code::FailedPrecondition, "no", details)
    }

    #[tokio::test]
    async fn a_busy_server_is_asked_again() {
        let mut asked = 0;

        let answer = until_answered(&[], async || {
            asked += 1;
            if asked < 4 { Err(Status::unavailable("busy")) } else { Ok(asked) }
        })
        .await;

        assert_eq!(answer.unwrap(), 4);
    }

    #[tokio::test]
    async fn the_pause_that_the_server_wishes_is_kept() {
        let start = Instant::now();
        let mut asked = 0;

        until_answered(&[], async || {
            asked += 1;
            let details = ErrorDetails::with_retry_info(Some(Duration::from_millis(150)));
            let busy = Status::with_error_details(Code::ResourceExhausted, "wait", details);
            if asked == 1 { Err(busy) } else { Ok(()) }
        })
        .await
        .unwrap();

        assert!(start.elapsed() >= Duration::from_millis(150));
    }

    #[tokio::test]
    async fn patience_ends() {
        let start = Instant::now();
        let patience = Duration::from_millis(200);

        let answer = within(patience, &["ACCOUNT_NOT_OPEN"], async || {
            Err::<(), _>(refusal("ACCOUNT_NOT_OPEN"))
        })
        .await;

        assert_eq!(failure::reason(&answer.unwrap_err()), "ACCOUNT_NOT_OPEN");
        assert!(start.elapsed() > patience / 4);
    }

    #[tokio::test]
    async fn a_refusal_is_final() {
        let mut asked = 0;

        let answer = until_answered(&["ACCOUNT_NOT_OPEN"], async || {
            asked += 1;
            Err::<(), _>(refusal("PRICE_CHANGED"))
        })
        .await;

        assert!(answer.is_err());
        assert_eq!(asked, 1);
    }
}

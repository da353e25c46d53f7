//! The one place where the wall clock is read.

use chrono::{DateTime, Utc};

/// Now, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the clock that all others must use")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

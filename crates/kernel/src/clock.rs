//! The one place where the wall clock is read, and where time passes for what is simulated.

use chrono::{DateTime, Utc};

#[cfg(feature = "simulation")]
pub(crate) use crate::simulation::clock::{instant, sleep, timeout};
#[cfg(not(feature = "simulation"))]
pub(crate) use real::{instant, sleep, timeout};

use std::time::{Duration, Instant};

/// Now, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the clock that all others must use")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The time since an [`instant`].
pub(crate) fn since(started: Instant) -> Duration {
    instant().saturating_duration_since(started)
}

#[cfg(not(feature = "simulation"))]
mod real {
    use std::time::Instant;

    pub(crate) use tokio::time::{sleep, timeout};

    pub(crate) fn instant() -> Instant {
        Instant::now()
    }
}

//! Time for code that runs in programs and in simulations.

use std::future::Future;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::executor;

/// Where the time of all simulations begins.
static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(crate) fn instant() -> Instant {
    if executor::is_running() { *BEGIN + executor::now() } else { Instant::now() }
}

pub(crate) async fn sleep(duration: Duration) {
    if executor::is_running() {
        executor::sleep(duration).await;
    } else {
        tokio::time::sleep(duration).await;
    }
}

/// It took too long.
#[derive(Debug)]
pub(crate) struct Elapsed;

pub(crate) async fn timeout<T>(
    limit: Duration,
    future: impl Future<Output = T>,
) -> Result<T, Elapsed> {
    if executor::is_running() {
        executor::timeout(limit, future).await.ok_or(Elapsed)
    } else {
        tokio::time::timeout(limit, future).await.map_err(|_| Elapsed)
    }
}

//! Tasks that end with the one who started them, and panics that end nothing but their own work.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use tokio::task::AbortHandle;

/// A task; dropped, it is ended where it stands.
pub(crate) enum Task {
    Spawned(AbortHandle),
    #[cfg(feature = "simulation")]
    Simulated(crate::simulation::executor::Id),
}

/// Starts a task.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Task {
    #[cfg(feature = "simulation")]
    if crate::simulation::executor::is_running() {
        use crate::simulation::executor;
        return Task::Simulated(executor::spawn(executor::group(), future));
    }
    Task::Spawned(tokio::spawn(future).abort_handle())
}

/// Work panicked; this is what it said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it panicked: {0}")]
pub(crate) struct Panicked(pub(crate) String);

/// The work, whose panic is a failure like others. What it was changing has to be thrown away.
///
/// # Errors
/// When it panicked.
pub(crate) async fn contained<F: Future>(work: F) -> Result<F::Output, Panicked> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| Panicked(said(panic.as_ref())))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

impl Drop for Task {
    fn drop(&mut self) {
        match self {
            Self::Spawned(task) => task.abort(),
            #[cfg(feature = "simulation")]
            Self::Simulated(task) => crate::simulation::executor::end(*task),
        }
    }
}

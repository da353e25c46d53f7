//! Tasks that end with the one who started them.

use std::future::Future;

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

impl Drop for Task {
    fn drop(&mut self) {
        match self {
            Self::Spawned(task) => task.abort(),
            #[cfg(feature = "simulation")]
            Self::Simulated(task) => crate::simulation::executor::end(*task),
        }
    }
}

//! Deletes uploads that nobody went on with.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Failure, Upload, Uploads};

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(10);

/// Deletes uploads that are over, and gives back the room that they took.
pub struct Sweeper(Uploads);

impl Sweeper {
    pub(crate) fn of(uploads: Uploads) -> Self {
        Self(uploads)
    }

    /// Runs until it is told to stop. Several processes may do so at once.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(error = %kernel::failure::chain(&error), "uploads are not swept");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    async fn sweep(&self) -> Result<(), Failure> {
        for (tenant, id) in Upload::over(self.0.schema.all()).await? {
            self.0.forget(&tenant, id).await?;
        }
        Ok(())
    }
}

//! Which process publishes: the one that holds the log's advisory lock. The lock lives as long as
//! its connection, which is watched, and on which news of other processes come in.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::LOOK;
use crate::log::Log;
use crate::task::{self, Task};

/// The shortest time between two notices of a standby. Each takes a lock that all notices of the
/// database share, and the leader reads whatever has been committed by then.
const NOTICE_GAP: Duration = Duration::from_millis(1);
/// A leader whose database does not answer for this long steps down.
const SILENCE: Duration = Duration::from_secs(5);

/// Held while this process leads; dropped, another may.
pub(super) struct Leadership {
    news: Arc<Notify>,
    lost: CancellationToken,
    /// The task owns the connection, and the connection the lock.
    _guard: Task,
}

impl Leadership {
    /// Waits for the lock. Until then this process only passes on that it has committed events.
    /// `another` is called when somebody else has it, who may have been quicker after a failure.
    pub(super) async fn take(log: &Log, another: impl Fn()) -> Result<Self, sqlx::Error> {
        let channel = channel(log);
        let mut listener = connect(log).await?;
        let mut committed = log.committed();
        committed.mark_unchanged();
        let mut attempts = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = attempts.tick() => {
                    let leads: bool =
                        sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
                            .bind(&channel)
                            .fetch_one(&mut listener)
                            .await?;
                    if leads {
                        listener.listen(&channel).await?;
                        return Ok(Self::hold(listener));
                    }
                    another();
                }
                Ok(()) = committed.changed() => {
                    sqlx::query("SELECT pg_notify($1, '')")
                        .bind(&channel)
                        .execute(&mut listener)
                        .await?;
                    tokio::time::sleep(NOTICE_GAP).await;
                }
            }
        }
    }

    fn hold(listener: PgListener) -> Self {
        let (news, lost) = (Arc::new(Notify::new()), CancellationToken::new());
        let guard = task::spawn(watch(listener, news.clone(), lost.clone().drop_guard()));
        Self { news, lost, _guard: guard }
    }

    /// Rings when another process has committed events.
    pub(super) fn news(&self) -> Arc<Notify> {
        self.news.clone()
    }

    /// Returns when the lock may be somebody else's.
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

/// Ends when the connection does, or when the server behind it no longer answers.
async fn watch(mut listener: PgListener, news: Arc<Notify>, _lost: tokio_util::sync::DropGuard) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            notice = listener.try_recv() => match notice {
                Ok(Some(_)) => news.notify_one(),
                Ok(None) | Err(_) => return,
            },
            _ = look.tick() => {
                let asked = sqlx::query("SELECT 1").execute(&mut listener);
                if !matches!(tokio::time::timeout(SILENCE, asked).await, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

/// The name of the lock and of the channel, the same in every process of the log.
fn channel(log: &Log) -> String {
    format!("qudao relay {}", log.context())
}

/// A connection outside of the log's pool: it goes, and the lock with it, when its owner does.
async fn connect(log: &Log) -> Result<PgListener, sqlx::Error> {
    let options = PgConnectOptions::clone(&log.pool().connect_options())
        .application_name(&channel(log))
        // A leader whose machine is gone must not keep the lock until TCP gives up, in hours. A
        // notice stores nothing, so nobody has to wait for a disk.
        .options([
            ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
            ("synchronous_commit", "off"),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(SILENCE)
        .connect_with(options)
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    Ok(listener)
}

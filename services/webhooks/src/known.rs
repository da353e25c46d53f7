//! Endpoints in memory, as new as a fact needs them.
//!
//! Endpoints are facts of the partner context. Before a fact of another context is looked at, the
//! partner log has been followed to where it ended after that fact was recorded: no clock is asked,
//! and whoever was told that an endpoint is registered gets what happens from then on. Both logs are
//! looked at once for all the facts that are there, not once for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kernel::Recorded;
use kernel::failure::read_failed;
use kernel::log::{Log, ReadError};
use kernel::projection::{Db, Progress, ProjectError};
use kernel::query::not_reached;

use crate::endpoints::{self, Enabled};

/// Longest wait for the partner log to be followed; then it is tried again.
const WAIT: Duration = Duration::from_secs(5);

/// What the facts of one context are compared with.
pub(crate) struct Known {
    /// The log of the facts.
    facts: Log,
    partner: Log,
    followed: Progress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Facts up to here were recorded before the partner log was looked at.
    covered: u64,
    /// How far the partner log had been followed when the endpoints below were read.
    read_at: u64,
    by_tenant: HashMap<String, Arc<[Enabled]>>,
}

impl Known {
    pub(crate) fn new(facts: Log, partner: Log, followed: Progress) -> Self {
        Self { facts, partner, followed, state: Mutex::default() }
    }

    /// The endpoints that want a fact.
    pub(crate) async fn who_want(
        &self,
        db: &mut Db<'_>,
        fact: &Recorded,
    ) -> Result<Vec<String>, ProjectError> {
        self.cover(fact.position).await?;
        let enabled = match self.in_memory(&fact.tenant) {
            Ok(enabled) => enabled,
            Err(read_at) => {
                let enabled = endpoints::enabled(db.sql().await?, &fact.tenant).await?;
                self.keep(&fact.tenant, enabled, read_at)
            }
        };
        Ok(endpoints::who_want(&enabled, fact))
    }

    /// Returns when all endpoints are known that were registered before a fact was recorded.
    async fn cover(&self, position: u64) -> Result<(), ProjectError> {
        if position <= self.state().covered {
            return Ok(());
        }
        let failed = |error: ReadError| read_failed(&error);
        // In this order: what the first look finds was recorded before the second one.
        let recorded = self.facts.head().await.map_err(failed)?;
        let head = self.partner.head().await.map_err(failed)?;
        let mut followed = self.followed.clone();
        if tokio::time::timeout(WAIT, followed.reached(head)).await.is_err() {
            let status = not_reached(followed.now().position, head);
            // What others refuse for now is tried again.
            return Err(tonic::Status::unavailable(status.message()).into());
        }
        self.state().covered = recorded;
        Ok(())
    }

    /// The endpoints of a tenant, or how far the partner log is followed for those to be read now:
    /// asked before they are read, so that they are at least as new.
    fn in_memory(&self, tenant: &str) -> Result<Arc<[Enabled]>, u64> {
        let followed = self.followed.now().position;
        let mut state = self.state();
        if state.read_at != followed {
            state.by_tenant.clear();
            state.read_at = followed;
        }
        state.by_tenant.get(tenant).cloned().ok_or(followed)
    }

    fn keep(&self, tenant: &str, enabled: Vec<Enabled>, read_at: u64) -> Arc<[Enabled]> {
        let enabled: Arc<[Enabled]> = enabled.into();
        let mut state = self.state();
        if state.read_at == read_at {
            state.by_tenant.insert(tenant.to_owned(), enabled.clone());
        }
        enabled
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

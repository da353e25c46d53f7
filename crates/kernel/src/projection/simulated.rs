//! A read model in a simulation: tables in memory, filled by a process that may end anywhere, with
//! facts that can not be applied or end the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::batch::{Mode, RunError, Tables, fresh};
use super::care::{Care, Found};
use super::parked::Objects;
use super::{Checkpoint, ProjectError};
use crate::event::Recorded;
use crate::fault;
use crate::simulation::executor::{below, chance, sleep};

/// What a fact does to whoever applies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Good,
    /// It is of a type that nobody knows.
    Unknown,
    /// It can be read and not applied.
    Failing,
    /// It ends the process.
    Ending,
}

/// Why a fact is not in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aside {
    /// It could not be applied.
    Parked,
    /// It waits behind another.
    Held,
}

/// What is in the tables: of each object the positions of the facts that were applied, and the
/// facts that were put aside.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) applied: BTreeMap<String, Vec<u64>>,
    pub(crate) aside: BTreeMap<u64, (Recorded, Aside)>,
    pub(crate) position: u64,
}

#[derive(Default)]
struct State {
    rows: Rows,
    running: bool,
    crashes: i32,
    suspect_to: u64,
    attempt_to: u64,
    tries: i32,
    /// Statements that fail, in so many of a hundred cases.
    failing: u64,
    /// How often each fact has ended the process.
    ends: BTreeMap<u64, u64>,
    /// Whether the process has ended itself.
    ended: bool,
}

/// A read model and its facts.
#[derive(Clone)]
pub(crate) struct Model {
    state: Arc<Mutex<State>>,
    facts: Arc<Vec<(Recorded, Nature)>>,
}

/// Whether a statement is carried out, and answered.
struct Fate {
    done: bool,
    answered: bool,
}

async fn travel() {
    sleep(Duration::from_micros(below(2_000))).await;
}

fn broken() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())
}

fn unreadable() -> serde_json::Error {
    serde::de::Error::custom("a fact that can not be applied")
}

impl Model {
    pub(crate) fn new(facts: Vec<(Recorded, Nature)>) -> Self {
        Self { state: Arc::default(), facts: Arc::new(facts) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rows(&self) -> Rows {
        self.state().rows.clone()
    }

    pub(crate) fn position(&self) -> u64 {
        self.state().rows.position
    }

    pub(crate) fn set_failing(&self, percent: u64) {
        self.state().failing = percent;
    }

    /// How often each fact has ended the process.
    pub(crate) fn ends(&self) -> BTreeMap<u64, u64> {
        self.state().ends.clone()
    }

    /// Whether the process has ended itself since it was asked last.
    pub(crate) fn take_ended(&self) -> bool {
        std::mem::take(&mut self.state().ended)
    }

    /// An orderly end.
    pub(crate) fn end(&self) {
        self.state().running = false;
    }

    fn fate(&self) -> Fate {
        let failing = self.state().failing;
        let done = !chance(failing);
        Fate { done, answered: done && !chance(failing) }
    }

    /// What the process does: it fills the tables with what is delivered, for ever.
    pub(crate) async fn fill(self, mut deliver: impl FnMut(u64) -> Vec<Recorded>) {
        let mut care = loop {
            match Care::begin(&self).await {
                Ok(care) => break care,
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        };
        loop {
            let events = deliver(self.position());
            if care.apply(&self, &events).await.is_err() || events.is_empty() {
                sleep(Duration::from_millis(below(100))).await;
            }
        }
    }

    fn nature(&self, event: &Recorded) -> Nature {
        let place = usize::try_from(event.position - 1).unwrap_or(usize::MAX);
        self.facts.get(place).map_or(Nature::Good, |(_, nature)| *nature)
    }

    /// One fact in a transaction.
    async fn one(&self, event: &Recorded) -> Result<(), ProjectError> {
        travel().await;
        match self.nature(event) {
            Nature::Good => Ok(()),
            Nature::Unknown => Err(ProjectError::Unknown(unreadable())),
            Nature::Failing => Err(ProjectError::Unreadable(unreadable())),
            Nature::Ending => {
                {
                    let mut state = self.state();
                    state.ended = true;
                    *state.ends.entry(event.position).or_default() += 1;
                }
                std::future::pending().await
            }
        }
    }

    async fn change(
        &self,
        rows: &mut Rows,
        events: &[Recorded],
        mode: Mode<'_>,
    ) -> Result<(), RunError> {
        let mut objects = Objects::default();
        rows.aside.values().for_each(|(event, _)| objects.add(event));
        for event in events {
            let aside = match mode {
                Mode::Park(_) => Some(Aside::Parked),
                _ if objects.contain(event) => Some(Aside::Held),
                Mode::Together | Mode::Apart => match self.one(event).await {
                    Ok(()) => None,
                    Err(source @ ProjectError::Unreadable(_)) if matches!(mode, Mode::Together) => {
                        let (position, object_id) = (event.position, event.object_id.clone());
                        return Err(RunError::Fact { position, object_id, source });
                    }
                    Err(_) => Some(Aside::Parked),
                },
            };
            if let Some(aside) = aside {
                objects.add(event);
                rows.aside.insert(event.position, (event.clone(), aside));
            } else {
                rows.applied.entry(event.object_id.clone()).or_default().push(event.position);
            }
        }
        Ok(())
    }

    /// Ends a transaction.
    async fn commit(&self, rows: Rows) -> Result<(), sqlx::Error> {
        let fate = self.fate();
        travel().await;
        if !fate.done {
            return Err(broken());
        }
        if fault::planted("checkpoint.apart") {
            self.state().rows.position = rows.position;
            travel().await;
        }
        self.state().rows = rows;
        travel().await;
        if fate.answered { Ok(()) } else { Err(broken()) }
    }
}

impl Tables for Model {
    async fn begin(&self) -> Result<Option<Found>, sqlx::Error> {
        let fate = self.fate();
        travel().await;
        if !fate.done {
            return Err(broken());
        }
        let found = {
            let mut state = self.state();
            match state.running {
                true => {
                    state.crashes += 1;
                    state.suspect_to = state.suspect_to.max(state.attempt_to);
                }
                false => (state.crashes, state.suspect_to, state.tries) = (0, 0, 0),
            }
            state.running = true;
            let State { crashes, suspect_to, attempt_to, tries, .. } = *state;
            Found { position: state.rows.position, crashes, suspect_to, attempt_to, tries }
        };
        travel().await;
        if fate.answered { Ok(Some(found)) } else { Err(broken()) }
    }

    async fn put_on_record(&self, to: u64, tries: i32) -> Result<bool, sqlx::Error> {
        let fate = self.fate();
        travel().await;
        if !fate.done {
            return Err(broken());
        }
        let done = {
            let mut state = self.state();
            let next = state.rows.position + 1;
            let done = to >= next && (tries == 0 || to == next);
            if done && !fault::planted("care.unrecorded") {
                (state.attempt_to, state.tries) = (to, tries);
            }
            done
        };
        travel().await;
        if fate.answered { Ok(done) } else { Err(broken()) }
    }

    async fn calm(&self) -> Result<(), sqlx::Error> {
        let fate = self.fate();
        travel().await;
        if !fate.done {
            return Err(broken());
        }
        self.state().crashes = 0;
        if fate.answered { Ok(()) } else { Err(broken()) }
    }

    async fn attempt(&self, events: &[Recorded], mode: Mode<'_>) -> Result<Checkpoint, RunError> {
        let fate = self.fate();
        travel().await;
        if !fate.done {
            return Err(broken().into());
        }
        let mut rows = self.rows();
        let fresh = fresh(events, rows.position)?;
        self.change(&mut rows, fresh, mode).await?;
        if let Some(last) = fresh.last() {
            rows.position = last.position;
            self.commit(rows.clone()).await?;
        }
        Ok(Checkpoint { position: rows.position, ..Checkpoint::default() })
    }
}

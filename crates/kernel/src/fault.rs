//! Places at which the fault suite ends a process, as a crash or a power cut would.
//!
//! They exist only in programs built with the feature `failpoints`; in all others they are nothing.
//! `FAILPOINTS="log.stored=20*off->return"` ends the process when it comes there for the 21st
//! time; the language is that of the crate `fail`.

/// All places there are. A test compares them with the calls of [`at`], and the fault suite ends
/// the process at each of them.
pub const PLACES: &[&str] = &[
    // The log's writer: a batch was taken from the queue; it is stored, and nobody was told.
    "log.taken",
    "log.stored",
    // An object's state is about to be written down, or was.
    "snapshot.taken",
    "snapshot.written",
    // The relay, event by event: before one is sent, and when the server has it.
    "relay.one",
    "relay.one_acknowledged",
    // The relay, in atomic batches: all but the last message is sent; the server has the batch.
    "relay.batch",
    "relay.batch_acknowledged",
    // A stream's foreign events were put aside, and it is not yet deleted.
    "reconcile.aside",
    // A read model or a policy: its rows are written and not committed; they are committed.
    "projection.applied",
    "projection.committed",
    // A policy's command was answered, and its checkpoint has not moved.
    "policy.asked",
    // Tables filled anew: full; in the place of the old ones but not committed; committed.
    "rebuild.filled",
    "rebuild.exchanged",
    "rebuild.switched",
    // A checkpoint of the log: signed but not committed; committed.
    "proof.signed",
    "proof.committed",
];

/// Whether this program has the places.
pub const fn exist() -> bool {
    fail::has_failpoints()
}

/// Keeps the places switched on that the environment names, until it is dropped.
#[must_use]
pub struct Armed(#[expect(dead_code, reason = "it only has to live")] fail::FailScenario<'static>);

/// Reads from the environment where the process is to end.
pub fn arm() -> Armed {
    Armed(fail::FailScenario::setup())
}

/// A place at which the process ends when it is told to.
pub fn at(_place: &'static str) {
    fail::fail_point!(_place, |_| std::process::abort());
}

/// Whether a simulation has planted this defect, to see that its checks find it.
#[cfg(feature = "simulation")]
pub(crate) fn planted(defect: &str) -> bool {
    crate::simulation::planted(defect)
}

/// Defects are planted in simulations only.
#[cfg(not(feature = "simulation"))]
pub(crate) const fn planted(_defect: &str) -> bool {
    false
}

//! Places at which the fault suite ends a process, as a crash or a power cut would.
//!
//! They exist only in programs built with the feature `failpoints`; in all others they are nothing.
//! `FAILPOINTS="log.committed=20*off->return"` ends the process when it comes there for the 21st
//! time; the language is that of the crate `fail`.

/// Keeps the places switched on that the environment names, until it is dropped.
#[must_use]
pub struct Armed(#[expect(dead_code, reason = "it only has to live")] fail::FailScenario<'static>);

/// Reads from the environment where the process is to end.
pub fn arm() -> Armed {
    Armed(fail::FailScenario::setup())
}

/// A place at which the process ends when it is told to.
pub(crate) fn at(_place: &'static str) {
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

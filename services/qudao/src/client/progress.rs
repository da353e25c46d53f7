//! How far something long is.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::output;

/// A bar for people who watch; a line now and then for those who asked for it and do not.
pub(crate) struct Progress {
    bar: ProgressBar,
    lines: bool,
    total: u64,
    done: Cell<u64>,
    told: Cell<Instant>,
}

impl Progress {
    const PAUSE: Duration = Duration::from_secs(1);

    pub(crate) fn new(total: u64, what: &str, asked: bool) -> Self {
        let bar = output::bar(total, what);
        let lines = asked && bar.is_hidden();
        Self { bar, lines, total, done: Cell::new(0), told: Cell::new(Instant::now()) }
    }

    pub(crate) fn one_more(&self) {
        self.bar.inc(1);
        let done = self.done.get() + 1;
        self.done.set(done);
        if self.lines && (self.told.get().elapsed() >= Self::PAUSE || done == self.total) {
            self.told.set(Instant::now());
            eprintln!("{done} of {} steps", self.total);
        }
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

//! How far a run is, on standard error for people who watch.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that knows how many turns there are to come.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar when a person watches, else nothing.
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        let style = ProgressStyle::with_template("{wide_msg} {bar:24} {pos}/{len} {elapsed}");
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Nothing to be seen.
    pub fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// That many turns more are to come.
    pub fn expect(&self, turns: u64) {
        self.0.inc_length(turns);
    }

    /// What is being prepared or measured now.
    pub fn say(&self, text: impl Into<String>) {
        self.0.set_message(text.into());
    }

    /// A turn of this side begins.
    pub(crate) fn turn(&self, side: &str) {
        self.0.set_message(side.to_owned());
    }

    /// A turn has ended.
    pub(crate) fn turned(&self) {
        self.0.inc(1);
    }

    /// A line that stays.
    pub fn tell(&self, line: &str) {
        self.0.suspend(|| eprintln!("{line}"));
    }

    /// Clears the bar.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

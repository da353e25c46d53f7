//! What `up` tells people: a line for each step done, and a spinner for the one under way when
//! somebody watches.

use std::fmt::Display;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};

use super::up::User;

/// The steps of one command.
pub(crate) struct Steps {
    // On a terminal only: elsewhere a spinner is noise. It is drawn without colours.
    spinner: Option<ProgressBar>,
    began: Instant,
    step: Instant,
}

impl Steps {
    pub(crate) fn new() -> Self {
        let spinner = std::io::stdout().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { spinner, began: Instant::now(), step: Instant::now() }
    }

    /// What is under way now.
    pub(crate) fn begin(&mut self, what: &str) {
        self.step = Instant::now();
        if let Some(spinner) = &self.spinner {
            spinner.set_message(what.to_owned());
            spinner.reset_elapsed();
        }
    }

    /// What was done, and how long it took.
    pub(crate) fn done(&self, what: impl Display) {
        self.say(&format!("{what}  ({})", seconds(self.step.elapsed())));
    }

    /// A line of its own.
    pub(crate) fn say(&self, line: &str) {
        match &self.spinner {
            // The spinner stands on the line that is written to.
            Some(spinner) => spinner.suspend(|| println!("{line}")),
            None => println!("{line}"),
        }
    }

    /// Makes room for others who write to the terminal.
    pub(crate) fn pause(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }

    /// Ends the steps and gives the time they took together.
    pub(crate) fn end(self) -> String {
        self.pause();
        seconds(self.began.elapsed())
    }
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

/// The demonstration users, to sign in with; each brand is named once.
pub(crate) fn users(users: &[User]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(["tenant", "login", "password", "who"]);
    for brand in users.chunk_by(|one, next| one.tenant == next.tenant) {
        for (place, user) in brand.iter().enumerate() {
            let tenant = if place == 0 { user.tenant.as_str() } else { "" };
            let who = format!("{} {}", user.title, user.name);
            table.add_row([tenant, &user.login, &user.password, &who]);
        }
    }
    table
}

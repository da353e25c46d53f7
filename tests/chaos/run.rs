//! Runs a row and catches what it finds.

use std::sync::{Arc, Mutex, Once};
use std::time::Instant;

use tokio::runtime::Handle;

use super::report::Entry;
use super::row::{Outcome, Row, Run};

/// Runs a row once. A panic anywhere in it is a violation.
pub async fn once(row: &'static Row, run: Run) -> Entry {
    let heard = listen();
    let started = Instant::now();
    let here = Handle::current();
    let outcome = match tokio::task::spawn_blocking(move || here.block_on((row.run)(run))).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let said = std::mem::take(&mut *heard.lock().unwrap());
            Outcome::Failed { violation: said.join("; ") }
        }
    };
    Entry::of(row, run, started.elapsed(), outcome)
}

/// What panics say, since a failed task does not tell where it failed.
fn listen() -> Arc<Mutex<Vec<String>>> {
    static HEARD: Mutex<Option<Arc<Mutex<Vec<String>>>>> = Mutex::new(None);
    static ONCE: Once = Once::new();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    *HEARD.lock().unwrap() = Some(heard.clone());
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            eprintln!("{panic}");
            if let Some(heard) = HEARD.lock().ok().and_then(|heard| heard.clone()) {
                heard.lock().unwrap().push(panic.to_string().replace('\n', " "));
            }
        }));
    });
    heard
}

//! What a dealer waits for: a page of products, the price of a basket, an order, and an order that
//! is settled here. A whole process of qudao answers, with 100 promotions that count and four levels
//! of price lists.

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::{Series, Side};
use crate::sides::mall::Mall;
use crate::sides::process::Process;
use crate::sides::rpc;

/// Dealers that ask at the same time.
const CALLERS: [usize; 3] = [1, 32, 128];

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    run.progress.say("opening the mall");
    let process = Process::start(run.qudao.as_deref()).await?;
    let served = rpc::elsewhere(process.port(), &process.key())?;
    let mall = Mall::open(&served, &process.key()).await?;
    // Orders come last: the read models that follow them take their share of the processors.
    let kinds = [
        ("browse", "ListProducts of a dealer, 20 a page", mall.browse()),
        ("quote", "QuoteOrder, 50 lines", mall.quote()),
        ("submit", "SubmitOrder, 50 lines", mall.submit()),
        // All of them take of the same goods, so they wait for each other.
        ("settled", "SubmitOrder, 50 lines: goods, credit, hand-over", mall.submit()),
    ];
    let mut all = Outcome::default();
    for (name, what, operation) in kinds {
        if name == "settled" {
            mall.settle(&served).await?;
        }
        for callers in CALLERS {
            let series = run.compare(callers, &[Side::new(what, operation.clone())]).await?;
            let findings = series.iter().flat_map(|series| times(callers, (name, series)));
            let found = outcome("quote_p50_ms_1", callers, &series, findings)?;
            all.findings.extend(found.findings);
            all.sides.extend(found.sides);
            all.peers.extend(found.peers);
        }
    }
    Ok(all)
}

/// What half of the calls took at most, and what 99 of a hundred did.
fn times(callers: usize, (name, series): (&str, &Series)) -> [Option<Finding>; 2] {
    let figure = |quantile: &str, at: f64| {
        let what = format!("{}; {callers} at a time, {quantile}", series.name);
        let figures = series.each(|sample| sample.quantile_ms(at));
        Finding::alone(&format!("{name}_{quantile}_ms_{callers}"), &what, "ms", &figures)
    };
    [figure("p50", 0.5), figure("p99", 0.99)]
}

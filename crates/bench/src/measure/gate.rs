//! What the gate costs: a real command by gRPC, behind all of it and behind a check of the token
//! alone.

use kernel::command::Commands;
use kernel::log::Log;

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::{rpc, shop};
use crate::statistics::Target;

const CALLERS: usize = 64;

pub(super) async fn overhead(run: &Run<'_>) -> anyhow::Result<Outcome> {
    run.progress.say("opening the shop");
    let log = Log::open(run.database.url(), order::CONTEXT.name).await?;
    let commands = Commands::new(log);
    let gated = rpc::qudao(commands.clone(), run.metrics.clone()).await?;
    shop::open(&gated).await?;
    let bare = rpc::behind_tokens(commands).await?;
    let sides = [
        Side::new("SubmitOrder behind the gate", shop::submit(&gated).await?),
        Side::new("SubmitOrder behind a check of the token", shop::submit(&bare).await?),
    ];
    let series = run.compare(CALLERS, &sides).await?;
    let [gated, bare] = series.as_slice() else {
        anyhow::bail!("two sides give two series");
    };
    let what = "SubmitOrder by gRPC, 64 callers, behind roles, limits, rules of fields and rates";
    let note = "against the same handler behind a check of the token";
    let finding = Finding::of_rates("gate_overhead", what, gated, bare);
    let finding = finding.map(|finding| finding.target(Target::AtLeast(0.9)).note(note));
    outcome("gate_overhead", CALLERS, &series, [finding])
}

//! A real command by gRPC on loopback. Callers and servers share this process and its processors:
//! making and reading calls costs all sides the same.

use kernel::command::Commands;
use kernel::log::Log;

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::{cqrs, peer_shop, rpc, shop};
use crate::statistics::Target;

const CALLERS: usize = 64;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    run.progress.say("opening the shops");
    let log = Log::open(run.database.url(), order::CONTEXT.name).await?;
    let ours = rpc::qudao(Commands::new(log), run.metrics.clone()).await?;
    shop::open(&ours).await?;
    let pool = cqrs::pool(&run.database.schema("postgres_es").await?).await?;
    let peer = peer_shop::serve(pool, run.metrics.clone()).await?;
    let echo = rpc::trivial().await?;
    let sides = [
        Side::new("trivial tonic echo", shop::echo(&echo).await?),
        Side::new("SubmitOrder", shop::submit(&ours).await?),
        Side::new(format!("SubmitOrder over {}", cqrs::NAME), shop::submit(&peer).await?),
        Side::new("RenameProduct", shop::rename(&ours).await?),
        Side::new(format!("RenameProduct over {}", cqrs::NAME), shop::rename(&peer).await?),
    ];
    let series = run.compare(CALLERS, &sides).await?;
    let [echo, submit, peer_submit, rename, peer_rename] = series.as_slice() else {
        anyhow::bail!("five sides give five series");
    };
    let submitted = "SubmitOrder by gRPC, 64 callers: four objects read, a fifth written";
    let renamed = "RenameProduct by gRPC, 64 callers: one object of a thousand";
    let over_echo = Target::AtLeast(0.6);
    let over_peer = Target::AtLeast(8.0);
    let note = "token, access rule, spans and metrics as in `qudao serve`; one connection";
    let findings = [
        Finding::of_rates("rpc_over_echo", submitted, submit, echo)
            .map(|finding| finding.target(over_echo).note(note)),
        Finding::of_rates("rpc_vs_postgres_es", submitted, submit, peer_submit)
            .map(|finding| finding.target(over_peer).note("the same guard and rules")),
        Finding::of_rates("rpc_one_object_over_echo", renamed, rename, echo)
            .map(|finding| finding.target(over_echo)),
        Finding::of_rates("rpc_one_object_vs_postgres_es", renamed, rename, peer_rename)
            .map(|finding| finding.target(over_peer)),
    ];
    outcome("rpc_over_echo", CALLERS, &series, findings)
}

//! Where the time of a command goes. Each rung does what the one before it does and one thing
//! more, so the difference of two rungs is what that thing takes.

use std::sync::Arc;

use kernel::command::Commands;
use kernel::log::Log;
use kernel::server::Server;
use proto::order::v1 as api;
use tonic::Response;

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::{Series, Side};
use crate::sides::echo::OneRpc;
use crate::sides::rpc::Orders;
use crate::sides::{insert, ours, rpc, shop};

/// A caller alone shows how long each stage takes, many show what it costs.
const CALLERS: [usize; 2] = [1, 64];

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let log = Log::open(run.database.url(), order::CONTEXT.name).await?;
    let plain = insert::table(run.database.url(), &log).await?;
    let served = rpc::qudao(Commands::new(log.clone()), run.metrics.clone()).await?;
    shop::open(&served).await?;
    let commands = Commands::new(log.clone());
    let guarded = guarded_echo(run).await?;
    let trivial = rpc::trivial().await?;
    let sides = [
        Side::new("one INSERT, autocommit", insert::single(plain)),
        Side::new("append: queue, statement, answer", ours::append(log)),
        Side::new("command: and load, decide", ours::command(commands, ours::cold)),
        Side::new("trivial echo: decode, encode, loopback", shop::echo(&trivial).await?),
        Side::new("guarded echo: and token, rule, span, metrics", shop::submit(&guarded).await?),
        Side::new("RenameProduct: all of it, one object", shop::rename(&served).await?),
        Side::new("SubmitOrder: all of it, five objects", shop::submit(&served).await?),
    ];
    let mut all = Outcome::default();
    for callers in CALLERS {
        let series = run.compare(callers, &sides).await?;
        let findings = steps(callers, &series);
        let measured = outcome("stages", callers, &series, findings)?;
        all.findings.extend(measured.findings);
        all.sides.extend(measured.sides);
    }
    Ok(all)
}

/// What each rung takes more than the one that it stands on.
fn steps(callers: usize, series: &[Series]) -> Vec<Option<Finding>> {
    let more = |name: &str, what: &str, upper: usize, lower: usize| {
        let (upper, lower) = (costs(callers, &series[upper]), costs(callers, &series[lower]));
        let more: Vec<_> = upper.iter().zip(&lower).map(|(upper, lower)| upper - lower).collect();
        let kind = if callers == 1 { "1 caller, time" } else { "64 callers, processor time" };
        let finding = Finding::alone(
            &format!("stage_{name}_{callers}"),
            &format!("{what}; {kind}"),
            "µs",
            &more,
        );
        finding.map(|finding| finding.note("the difference of two sides of `stages`"))
    };
    vec![
        more("append_over_insert", "versions, request id, chain, queue, over one INSERT", 1, 0),
        more("load_decide", "load the state and decide", 2, 1),
        more("guard", "token, access rule, span and metrics", 4, 3),
        more("rest_of_rename", "RenameProduct besides the guarded echo", 5, 4),
        more("rest_of_submit", "SubmitOrder besides the guarded echo", 6, 4),
    ]
}

/// What a call takes in µs, by round. A caller alone waits, so there it is the time that half of
/// its calls took. Many keep the processors busy, so there it is the processors' time, in this
/// process and in PostgreSQL.
fn costs(callers: usize, series: &Series) -> Vec<f64> {
    if callers == 1 {
        return series.each(|sample| sample.quantile_ms(0.5) * 1e3);
    }
    let rounds = series.samples.iter().zip(&series.server_cpu);
    rounds
        .map(|(sample, server)| {
            let used = sample.cpu.unwrap_or_default() + server.unwrap_or_default();
            used.as_secs_f64() * 1e6 / sample.operations.max(1) as f64
        })
        .collect()
}

/// The guard of every role in front of an rpc that does nothing.
async fn guarded_echo(run: &Run<'_>) -> anyhow::Result<rpc::Served> {
    let mut server = Server::new()?;
    let answer = Arc::new(proto::common::v1::Receipt::default());
    server
        .add(OneRpc::<Orders, api::SubmitOrderRequest, _>::new("SubmitOrder", move |request| {
            let mut receipt = (*answer).clone();
            Box::pin(async move {
                receipt.object_id = request.into_inner().order_id;
                Ok(Response::new(api::SubmitOrderResponse { receipt: Some(receipt) }))
            })
        }))
        .await;
    rpc::guarded(server, run.metrics.clone()).await
}

//! `qudao simulate`: a brand that trades, made from a seed, played through the same rpcs that people use.
//! What there is to be found in it is known beforehand.
//!
//! Read `stage` (who acts, and what was answered), `setup` (the brand before its first day), then `brand` and
//! `stock` (what the brand does in a day), `dealer` (what happens with a dealer) with `ordering`, `online`,
//! `parcels` and `cases`, and `released` (how long that took).

mod brand;
mod cases;
mod dealer;
mod online;
mod ordering;
mod pace;
mod parcels;
mod released;
mod setup;
mod stage;
mod stock;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{FixedOffset, NaiveDate};
use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::clock;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use world::acts::Day;
use world::{Settings, Size, Truth, World, calendar};

use self::pace::{Pace, Speed};
use self::released::Times;
use self::stage::{Stage, Tally};
use crate::client::operator::Operator;
use crate::client::progress::Progress;
use crate::client::{Connection, failure, output};
use crate::demo;

/// Dealers with whom something happens at once.
const IN_FLIGHT: usize = 16;
/// Refusals that are listed; all are counted.
const LISTED: usize = 20;

#[derive(Args)]
#[command(
    after_help = "The world begins on 2026-01-04, the first workday of its year. Every answer is compared with what
has to come; what was refused and should not have been is listed, and the exit code is then 1.
Running it again within a week changes nothing, so what was interrupted is simply run again, and more days go on from
where fewer have ended. docs/world.md tells what there is in a world.

Examples:
  qudao simulate --world s --seed 1 --days 5 --out truth.json
  qudao simulate --world m --seed 1 --days 28
  qudao simulate --world s --seed 2 --days 1 --speed 1440x"
)]
pub(crate) struct Simulate {
    /// How large: s for tests, m for a demonstration
    #[arg(long, default_value = "s", value_name = "s|m")]
    world: Size,
    /// What all chance comes from; each seed is a brand of its own
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Days from the first on, those without work too
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=362))]
    days: u32,
    /// How fast: `max`, or so many times as fast as time
    #[arg(long, default_value = "max", value_name = "max|N×")]
    speed: Speed,
    /// Write down here what there is to be found
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Server, for example http://127.0.0.1:4600 [default: `grpc` of .local/endpoints.json]
    #[arg(long, env = "QUDAO_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Founding a tenant takes the operator
    #[command(flatten)]
    operator: Operator,
    /// Tell about progress also when nobody watches
    #[arg(long)]
    progress: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was done.
#[derive(Serialize)]
struct Played {
    /// Who can sign in, with the password that all people of the brand have.
    login: &'static str,
    password: String,
    /// Whether some dealers paid through providers.
    online: bool,
    /// How long all of it took.
    seconds: u64,
    /// Until covered orders stood in the warehouses' list.
    released: Times,
    /// The same of orders that were paid through providers first.
    released_paid: Times,
    #[serde(flatten)]
    tally: Tally,
    truth: Truth,
}

impl Simulate {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        self.must_be_over()?;
        let tenant = World::id_of(self.world, self.seed);
        let password = self.password(&tenant)?;
        let connection = Connection { server: self.server.clone(), ..Default::default() };
        let session = connection.connect().await?;
        let operator = session.clone().with_token(&self.operator.token()?)?;
        let cast = setup::cast(&session, &operator, &tenant, &password).await?;
        let online = online::providers(&cast).await?;
        let world = World::new(Settings { size: self.world, seed: self.seed, online });
        let progress = Progress::new(steps(&world, self.days), "simulating", self.progress);
        let began = std::time::Instant::now();
        let stage = Stage::open(tenant, cast, &world, progress).await?;
        setup::brand(&stage, &world).await?;
        // Founding may have taken longer than the first token is good for.
        let operator = session.clone().with_token(&self.operator.token()?)?;
        setup::owners(&stage, &world, &operator).await?;
        let truth = self.play(&stage, &world).await?;
        let seconds = began.elapsed().as_secs();
        if let Some(out) = &self.out {
            let text = serde_json::to_vec_pretty(&truth)?;
            std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))?;
        }
        let login = setup::ADMIN;
        let (released, released_paid) = {
            let all = stage.released.borrow();
            (Times::of(&all.at_once), Times::of(&all.paid))
        };
        let tally = stage.end();
        let played =
            Played { login, password, online, seconds, released, released_paid, tally, truth };
        played.tell(self.json)
    }

    /// Orders can not be of a day that has not come.
    fn must_be_over(&self) -> anyhow::Result<()> {
        let hours = FixedOffset::east_opt(8 * 3_600).context("no such time zone")?;
        let today = clock::now().with_timezone(&hours).date_naive();
        let past = (today - calendar::FIRST_DAY).num_days() + 1;
        if i64::from(self.days) > past {
            bail!(
                "the world has only {past} days up to today; ask for at most as many with --days"
            );
        }
        Ok(())
    }

    /// The same every time, and known only to whoever has the server's key.
    fn password(&self, tenant: &str) -> anyhow::Result<String> {
        let file = self.operator.file()?;
        let key =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let digest = Sha256::new().chain_update(key).chain_update(tenant).finalize();
        Ok(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }

    async fn play(&self, stage: &Stage, world: &World) -> anyhow::Result<Truth> {
        let pace = Pace::new(self.speed);
        let mut script = world.script(self.days);
        for (number, day) in (0..).zip(script.by_ref()) {
            one(stage, world, &pace, (number, day)).await?;
        }
        pace.until(self.days, 0, 1).await;
        demo::await_cube(&stage.cast.admin, stage.position()).await?;
        Ok(script.truth().clone())
    }
}

/// A day: the brand first, then all dealers of it, some at a time.
async fn one(
    stage: &Stage,
    world: &World,
    pace: &Pace,
    (number, day): (u32, Day),
) -> anyhow::Result<()> {
    pace.until(number, 0, 1).await;
    let Day { date, brand, dealers } = day;
    for act in &brand {
        brand::act(stage, world, date, act).await?;
        stage.progress.one_more();
    }
    let count = dealers.len();
    let work = async |(at, (dealer, acts)): (usize, (usize, Vec<_>))| {
        pace.until(number, at, count).await;
        dealer::acts(stage, world, (date, dealer), &acts).await
    };
    stream::iter(dealers.into_iter().enumerate().map(work))
        .buffer_unordered(IN_FLIGHT)
        .try_collect::<()>()
        .await
        .with_context(|| format!("the simulation stopped on {date}; run it again to go on"))
}

/// What there is to be done in all.
fn steps(world: &World, days: u32) -> u64 {
    let of_day =
        |day: Day| day.brand.len() + day.dealers.iter().map(|(_, acts)| acts.len()).sum::<usize>();
    setup::steps(world) + world.script(days).map(of_day).sum::<usize>() as u64
}

impl Played {
    fn tell(&self, json: bool) -> anyhow::Result<ExitCode> {
        if json {
            output::json(self)?;
        } else {
            output::text(&self.text())?;
        }
        let code = if self.tally.refused == 0 { 0 } else { failure::REFUSED };
        Ok(ExitCode::from(code))
    }

    fn text(&self) -> String {
        let Self { login, password, online, seconds, released, released_paid, tally, truth } = self;
        let Truth { tenant, orders, receipts, shipments, cases, planted, workdays, .. } = truth;
        let days = |date: Option<NaiveDate>| date.map(|it| it.to_string()).unwrap_or_default();
        let mut text = format!(
            "tenant {tenant}: {workdays} workdays, {} to {}, in {seconds} s\n\
             {} commands done, {} were done before, {} were refused and should not have been\n\
             {} orders with {} lines; {} cancelled, {} confirmed, {} of them by nobody\n\
             {} shipments handed over: {} of orders that were covered, p50 {} ms, p99 {} ms; {} of orders that were \
             paid first, p50 {} ms, p99 {} ms\n\
             {} parcels arrived, {} with differences; {} after-sale cases, {} orders closed short\n\
             {} holds, {} notices told twice, {} payments too late, {} orders of what was not there",
            days(truth.first_date),
            days(truth.last_date),
            tally.done,
            tally.unchanged,
            tally.refused,
            orders.submitted,
            orders.lines,
            orders.cancelled,
            orders.confirmed,
            orders.touch_free,
            shipments.released,
            released.orders,
            released.p50_ms,
            released.p99_ms,
            released_paid.orders,
            released_paid.p50_ms,
            released_paid.p99_ms,
            receipts.parcels,
            receipts.with_differences,
            cases.at_receipt + cases.asked,
            planted.closed_short.len(),
            planted.holds_released.len() + planted.holds_refused.len(),
            planted.duplicate_notices.len(),
            planted.late_payments.len(),
            planted.out_of_stock.len(),
        );
        for refusal in tally.refusals.iter().take(LISTED) {
            text.push_str(&format!("\n  {}: {}", refusal.what, refusal.why));
        }
        if !online {
            text.push_str("\nno provider takes money here: nobody paid online");
        }
        text.push_str(&format!("\nsign in to it as {login} with {password}"));
        text
    }
}

//! `qudao serve`: starts one role, or all of them in one process.

mod args;
mod books;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use ::payments::merchants::Merchants;
use anyhow::Context as _;
use async_nats::jetstream;
use kernel::auth::Keys;
use kernel::calls::{self, Calls};
use kernel::catalogue::Context;
use kernel::command::Commands;
use kernel::gate::Gate;
use kernel::log::Log;
use kernel::outbound::{Outbound, Reach};
use kernel::personal::Vault;
use kernel::proofs::{LogKey, Proofs};
use kernel::relay::{Relay, Settings};
use kernel::server::{Server, bind, serve_by};
use kernel::telemetry::Telemetry;
use kernel::tls::{self, Files};
use kernel::wall::Schema;
use psp::Provider;
use psp_simulator::Simulator;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) use args::Args;

/// Every context there is. A new one adds a line here and in `mount`.
static CONTEXTS: [Context; 3] = [order::CONTEXT, partner::CONTEXT, collab::CONTEXT];

/// How long a process that was told to stop still takes calls, after it has said that it is not
/// ready: for those who look once a second before they send one.
const LEAVING: Duration = Duration::from_secs(1);

/// Names of the contexts.
pub(crate) fn contexts() -> Vec<&'static str> {
    CONTEXTS.iter().map(|context| context.name).collect()
}

/// What a process is started as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Every role in one process
    All,
    /// Commands of the order context, and its relay
    Order,
    /// Commands of the partner context, sign-in, and its relay
    Partner,
    /// Commands of the collab context, which keeps files, and its relay
    Collab,
    /// Commands that follow from facts of other contexts
    Policies,
    /// Read models, queries, history
    Projector,
    /// The web app, gRPC-Web and gRPC for the outside
    Gateway,
    /// Events sent to where brands want them
    Webhooks,
    /// Payment providers asked and heard
    Payments,
    /// Documents handed over to the books of brands, and stock taken from there
    Connectors,
}

impl Role {
    fn runs(self, role: Self) -> bool {
        self == Self::All || self == role
    }

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Order => "order",
            Self::Partner => "partner",
            Self::Collab => "collab",
            Self::Policies => "policies",
            Self::Projector => "projector",
            Self::Gateway => "gateway",
            Self::Webhooks => "webhooks",
            Self::Payments => "payments",
            Self::Connectors => "connectors",
        }
    }
}

/// What the roles of one process share.
struct Process {
    args: Args,
    keys: Keys,
    /// None for the gateway, which has nothing to do there.
    jetstream: Option<jetstream::Context>,
    /// Cancelled when callers are to go elsewhere; all still works.
    leaving: CancellationToken,
    stop: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
    /// Databases of the logs; without them the process is not ready.
    databases: Vec<PgPool>,
}

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let otlp = traces(&args).await?;
    let telemetry = Telemetry::start(args.role.name(), otlp.as_deref())?;
    let done = start(args, &telemetry).await;
    telemetry.stop();
    done
}

/// Where traces go; starts the collector inside this process if a file is asked for.
async fn traces(args: &Args) -> anyhow::Result<Option<String>> {
    let (None, Some(file)) = (&args.otlp_endpoint, &args.otlp_file) else {
        return Ok(args.otlp_endpoint.clone());
    };
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let file = file.clone();
    tokio::spawn(async move {
        if let Err(error) = crate::collector::serve(listener, file).await {
            tracing::warn!(error = format!("{error:#}"), "traces are no longer collected");
        }
    });
    Ok(Some(endpoint))
}

async fn start(args: Args, telemetry: &Telemetry) -> anyhow::Result<()> {
    let role = args.role;
    let jetstream = if role == Role::Gateway {
        None
    } else {
        Some(args.jetstream(role.name(), args.nats_nkey.as_deref()).await?)
    };
    let mut process = Process {
        keys: Keys::open(&args.signing_key)?,
        jetstream,
        leaving: CancellationToken::new(),
        stop: CancellationToken::new(),
        tasks: JoinSet::new(),
        databases: Vec::new(),
        args,
    };
    process.hear_of_ended_sessions();
    // Both addresses are taken first: a taken one is told before anything else happens.
    let web = match role.runs(Role::Gateway) {
        true => Some(process.listen(process.args.web_listen, process.args.web_tls()).await?),
        false => None,
    };
    // The gateway alone has no rpcs, but health and metrics as all others.
    let (listener, tls) = process.listen(process.args.grpc_listen, process.args.tls()).await?;
    let rpcs = process.rpcs().await?;
    let gate = process.gate().await?;
    let router = rpcs.into_router(gate, telemetry.metrics.clone(), process.databases.clone());
    let stop = process.stop.clone();
    process.tasks.spawn(async move { Ok(serve_by(listener, router, stop, tls).await?) });
    if role.runs(Role::Policies) {
        process.policies().await?;
    }
    if let Some((listener, tls)) = web {
        let router = process.gateway()?;
        let stop = process.stop.clone();
        process.tasks.spawn(async move { Ok(serve_by(listener, router, stop, tls).await?) });
    }
    tracing::info!(role = role.name(), "started");
    process.wait().await
}

impl Process {
    /// Takes an address, with what is shown there; a new certificate is taken while it runs.
    async fn listen(
        &mut self,
        address: SocketAddr,
        files: Option<Files>,
    ) -> anyhow::Result<(TcpListener, Option<tls::Listener>)> {
        self.args.check_plain(address, files.as_ref())?;
        let listener = bind(address).await?;
        let Some(files) = files else { return Ok((listener, None)) };
        let tls = tls::Listener::open(files)?;
        self.tasks.spawn(endless(tls.clone().watch(self.stop.clone())));
        Ok((listener, Some(tls)))
    }

    /// The rpcs of the roles in this process.
    async fn rpcs(&mut self) -> anyhow::Result<Server> {
        let role = self.args.role;
        let mut server = Server::new()?;
        server.leave_when(self.leaving.clone());
        if role.runs(Role::Order) {
            let commands = self.commands(order::CONTEXT, &mut server).await?;
            order::mount(&mut server, commands).await;
        }
        if role.runs(Role::Partner) {
            let commands = self.commands(partner::CONTEXT, &mut server).await?;
            let vault = self.vault(commands.log()).await?;
            let keys = self.keys.clone();
            let outbound = self.args.outbound()?;
            let erasures = partner::mount(&mut server, commands, keys, vault, outbound).await?;
            self.tasks.spawn(endless(erasures.run(self.stop.clone())));
        }
        if role.runs(Role::Collab) {
            let commands = self.commands(collab::CONTEXT, &mut server).await?;
            let files = collab::Files::open(&self.args.files())?;
            let quota = self.args.file_quota;
            let address = self.upstream(self.args.upstream_projector.as_deref());
            let products = (address.as_str(), self.args.calling()?);
            let sweeper = collab::mount(&mut server, commands, (files, quota), products).await?;
            self.tasks.spawn(endless(sweeper.run(self.stop.clone())));
        }
        if role.runs(Role::Projector) {
            let mut logs = Vec::with_capacity(CONTEXTS.len());
            for context in CONTEXTS {
                logs.push((context, self.log(context).await?));
            }
            let partner = logs.iter().find(|(listed, _)| listed.name == partner::CONTEXT.name);
            let (_, partner) = partner.context("there is no log of the partner context")?;
            let vault = self.vault(partner).await?;
            let runners = projector::mount(
                &mut server,
                &self.args.logins()?,
                logs,
                [self.jetstream()?, self.operator().await?],
                self.stop.clone(),
                &self.log_key()?,
                vault,
            )
            .await?;
            for runner in runners {
                self.tasks.spawn(endless(runner.run(self.stop.clone())));
            }
        }
        if role.runs(Role::Webhooks) {
            self.webhooks(&mut server).await?;
        }
        if role.runs(Role::Payments) {
            self.payments(&mut server).await?;
        }
        if role.runs(Role::Connectors) {
            self.connectors(&mut server).await?;
        }
        Ok(server)
    }

    /// What is sent to others, and what is told of it.
    async fn webhooks(&mut self, server: &mut Server) -> anyhow::Result<()> {
        let mut logs = Vec::with_capacity(CONTEXTS.len());
        for context in CONTEXTS {
            logs.push(self.log(context).await?);
        }
        let partner = logs.iter().find(|log| log.context() == partner::CONTEXT.name);
        let vault = self.vault(partner.context("there is no log of the partner context")?).await?;
        let address = self.upstream(self.args.upstream_partner.as_deref());
        let basis = webhooks::Basis {
            logins: &self.args.logins()?,
            contexts: &CONTEXTS,
            logs: &logs,
            jetstream: self.jetstream()?,
            vault,
            outbound: self.args.outbound()?,
            partner: (&address, self.args.calling()?),
            keys: self.keys.clone(),
        };
        let webhooks = webhooks::mount(server, basis).await?;
        self.tasks.spawn(endless(webhooks.run(self.stop.clone())));
        Ok(())
    }

    /// What providers are asked, and what they tell.
    async fn payments(&mut self, server: &mut Server) -> anyhow::Result<()> {
        let log = self.log(order::CONTEXT).await?;
        let address = self.upstream(self.args.upstream_order.as_deref());
        let basis = ::payments::Basis {
            logins: &self.args.logins()?,
            log,
            jetstream: self.jetstream()?,
            merchants: self.merchants().await?,
            order: (&address, self.args.calling()?),
            keys: self.keys.clone(),
        };
        let payments = ::payments::mount(server, basis).await?;
        self.tasks.spawn(endless(payments.run(self.stop.clone())));
        Ok(())
    }

    /// Who takes money for brands: those of the file, or a simulator beside this process.
    async fn merchants(&self) -> anyhow::Result<Merchants> {
        let Some(address) = self.args.trial_payments else {
            let outbound = self.args.outbound()?;
            return Ok(Merchants::read(self.args.merchants.as_deref(), &outbound)?);
        };
        tracing::warn!(%address, "payments are simulated: nobody's money moves");
        let simulator = Simulator::start(address, self.stop.clone()).await?;
        let merchants = [Provider::WechatPay, Provider::Alipay].map(|it| simulator.merchant(it));
        let here = format!("http://{}", self.args.web_listen);
        Ok(Merchants::trial(merchants, &here, &Outbound::new(Reach::Private, None)?)?)
    }

    /// What is handed over to the books of brands, and what those say of stock.
    async fn connectors(&mut self, server: &mut Server) -> anyhow::Result<()> {
        let log = self.log(order::CONTEXT).await?;
        let address = self.upstream(self.args.upstream_order.as_deref());
        let basis = ::connectors::Basis {
            logins: &self.args.logins()?,
            log,
            jetstream: self.jetstream()?,
            contracts: books::contracts(&self.args, &self.stop).await?,
            order: (&address, self.args.calling()?),
            keys: self.keys.clone(),
        };
        let connectors = ::connectors::mount(server, basis).await?;
        self.tasks.spawn(endless(connectors.run(self.stop.clone())));
        Ok(())
    }

    /// What all rpcs of this process are behind; it tells the access log of every call.
    async fn gate(&mut self) -> anyhow::Result<Gate> {
        let gate = Gate::new(self.keys.clone())?.limited(self.args.limits());
        // A process that serves nothing but the outside has no rpcs of its own, and no database.
        if self.databases.is_empty() {
            return Ok(gate);
        }
        let keep = Duration::from_secs(86_400 * u64::from(self.args.access_log_days));
        let schema = Schema::open(&self.args.logins()?, calls::SCHEMA, (2, 1)).await?;
        let (calls, writing) = Calls::open(schema, keep).await?;
        self.tasks.spawn(endless(writing.run()));
        Ok(gate.telling(calls))
    }

    /// Every process that checks tokens hears of those that end before their time.
    fn hear_of_ended_sessions(&mut self) {
        // The gateway alone checks none, and has no connection.
        let Some(jetstream) = self.jetstream.clone() else { return };
        let (revocations, stop) = (self.keys.revocations().clone(), self.stop.clone());
        self.tasks.spawn(endless(revocations.follow(jetstream, partner::REVOKING, stop)));
    }

    async fn log(&mut self, context: Context) -> anyhow::Result<Log> {
        let log = Log::open_as(&self.args.logins()?, context.name).await?;
        self.databases.push(log.pool().clone());
        Ok(log)
    }

    fn jetstream(&self) -> anyhow::Result<jetstream::Context> {
        self.jetstream.clone().context("this role has no connection to NATS")
    }

    /// Who puts streams right.
    async fn operator(&self) -> anyhow::Result<jetstream::Context> {
        match &self.args.nats_operator_nkey {
            Some(seed) => self.args.jetstream("operator", Some(seed)).await,
            None => self.jetstream(),
        }
    }

    /// The key that signs the logs; read by the roles that sign, and by no other.
    fn log_key(&self) -> anyhow::Result<LogKey> {
        let beside = || self.args.signing_key.with_file_name("log-key.pem");
        let file = self.args.log_key.clone().unwrap_or_else(beside);
        Ok(LogKey::open(&file, &self.args.installation)?)
    }

    /// The keys of all people's data, whichever context it is in: they lie beside the log of the
    /// people themselves, so that erasing a person is one row.
    async fn vault(&self, partner: &Log) -> anyhow::Result<Vault> {
        let beside = || self.args.signing_key.with_file_name("personal.key");
        let file = self.args.personal_key.clone().unwrap_or_else(beside);
        Ok(Vault::open(partner, &file).await?)
    }

    /// A context's commands; its relay and its signing are started with them.
    async fn commands(
        &mut self,
        context: Context,
        server: &mut Server,
    ) -> anyhow::Result<Commands> {
        let log = self.log(context).await?;
        let settings = Settings { replicas: self.args.stream_replicas, ..Settings::default() };
        let relay = Relay::new(log.clone(), self.jetstream()?, settings);
        server.watch_relay(relay.status());
        self.tasks.spawn(endless(relay.run(self.stop.clone())));
        let proofs = Proofs::of(&log, Some(self.log_key()?.signer(context.name)?));
        self.tasks.spawn(endless(kernel::proofs::run(proofs, self.stop.clone())));
        Ok(Commands::new(log))
    }

    async fn policies(&mut self) -> anyhow::Result<()> {
        let order = self.upstream(self.args.upstream_order.as_deref());
        let mut logs = Vec::with_capacity(CONTEXTS.len());
        for context in CONTEXTS {
            logs.push(self.log(context).await?);
        }
        let (logins, keys, jetstream) = (self.args.logins()?, self.keys.clone(), self.jetstream()?);
        let tls = self.args.calling()?;
        let policies = policies::runners(&logins, &logs, jetstream, (&order, tls), keys).await?;
        for runner in policies.runners {
            self.tasks.spawn(endless(runner.run(self.stop.clone())));
        }
        self.tasks.spawn(endless(policies.expiring.run(self.stop.clone())));
        Ok(())
    }

    fn gateway(&self) -> anyhow::Result<axum::Router> {
        let args = &self.args;
        let (order, partner) = (&args.upstream_order, &args.upstream_partner);
        let roles = [
            order,
            partner,
            &args.upstream_collab,
            &args.upstream_projector,
            &args.upstream_webhooks,
            &args.upstream_payments,
            &args.upstream_connectors,
        ];
        let roles = roles.map(|given| self.upstream(given.as_deref()));
        let upstreams = gateway::Upstreams::new(
            roles.each_ref().map(String::as_str),
            args.calling()?.as_ref(),
        )?;
        let web = args.web_dir.clone();
        Ok(gateway::router(gateway::Settings {
            upstreams,
            web,
            leaving: self.leaving.clone(),
            proxies: args.proxies,
        })?)
    }

    /// Where a role is: where it was said to be, else in this process.
    fn upstream(&self, given: Option<&str>) -> String {
        let here = || {
            let scheme = if self.args.tls_cert.is_some() { "https" } else { "http" };
            let mut address = self.args.grpc_listen;
            if address.ip().is_unspecified() {
                address.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            format!("{scheme}://{address}")
        };
        given.map_or_else(here, str::to_owned)
    }

    /// Runs until told to stop or until a part fails; then all parts end in good order.
    async fn wait(mut self) -> anyhow::Result<()> {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let ended = tokio::select! {
            _ = terminate.recv() => None,
            _ = tokio::signal::ctrl_c() => None,
            ended = self.tasks.join_next() => ended,
        };
        tracing::info!("stopping");
        self.leaving.cancel();
        if ended.is_none() {
            tokio::time::sleep(LEAVING).await;
        }
        self.stop.cancel();
        let rest = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(15), rest).await.is_err() {
            tracing::warn!("some calls did not end in time");
        }
        match ended {
            Some(ended) => ended?,
            None => Ok(()),
        }
    }
}

async fn endless(task: impl Future<Output = ()>) -> anyhow::Result<()> {
    task.await;
    Ok(())
}

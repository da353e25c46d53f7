//! `qudao serve`: starts one role, or all of them in one process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use async_nats::jetstream;
use kernel::auth::Keys;
use kernel::calls::{self, Calls};
use kernel::catalogue::Context;
use kernel::command::Commands;
use kernel::gate::{Gate, Limits};
use kernel::log::Log;
use kernel::personal::Vault;
use kernel::proofs::{LogKey, Proofs};
use kernel::relay::{Relay, Settings};
use kernel::server::{Server, bind, serve_by};
use kernel::stream::Identity;
use kernel::telemetry::Telemetry;
use kernel::tls::{self, Files};
use kernel::wall::{Logins, Schema};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::ClientTlsConfig;

/// Every context there is. A new one adds a line here and in `mount`.
const CONTEXTS: [Context; 2] = [order::CONTEXT, partner::CONTEXT];

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
    /// Commands that follow from facts of other contexts
    Policies,
    /// Read models, queries, history
    Projector,
    /// The web app, gRPC-Web and gRPC for the outside
    Gateway,
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
            Self::Policies => "policies",
            Self::Projector => "projector",
            Self::Gateway => "gateway",
        }
    }
}

/// Settings of a role; each can come from the environment.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to start
    role: Role,
    /// PostgreSQL with the logs and read models
    #[arg(long, env = "QUDAO_DATABASE_URL", hide_env_values = true, default_value = "")]
    database_url: String,
    /// The same by a login that is a member of qudao_all; without it the first one takes on that role
    #[arg(long, env = "QUDAO_DATABASE_URL_ALL", hide_env_values = true)]
    database_url_all: Option<String>,
    /// The same by a login that is a member of qudao_tenant; without it the first one takes on that role
    #[arg(long, env = "QUDAO_DATABASE_URL_TENANT", hide_env_values = true)]
    database_url_tenant: Option<String>,
    /// nats-server with JetStream; all servers of a cluster, separated by commas
    #[arg(long, env = "QUDAO_NATS_URL", default_value = "nats://127.0.0.1:4222")]
    nats_url: String,
    /// File with the nkey seed of this role, where the server of NATS asks who connects
    #[arg(long, env = "QUDAO_NATS_NKEY")]
    nats_nkey: Option<PathBuf>,
    /// File with the nkey seed of the operator, for the projector to put streams right with; its own without it
    #[arg(long, env = "QUDAO_NATS_OPERATOR_NKEY")]
    nats_operator_nkey: Option<PathBuf>,
    /// Address of the rpcs of the roles in this process, of health and of metrics
    #[arg(long, env = "QUDAO_GRPC_LISTEN", default_value = "127.0.0.1:7070")]
    grpc_listen: SocketAddr,
    /// Address of the gateway: pages, gRPC-Web, gRPC
    #[arg(long, env = "QUDAO_WEB_LISTEN", default_value = "127.0.0.1:8080")]
    web_listen: SocketAddr,
    /// Certificate of the port of the rpcs (PEM), also shown to other roles; `qudao certs` makes one
    #[arg(long, env = "QUDAO_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Key of that certificate (PEM)
    #[arg(long, env = "QUDAO_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Authority (PEM) whose certificates callers of the rpcs need, and that other roles show
    #[arg(long, env = "QUDAO_TLS_CA", requires = "tls_cert")]
    tls_ca: Option<PathBuf>,
    /// Certificate of the gateway's port (PEM); anybody may call it
    #[arg(long, env = "QUDAO_WEB_TLS_CERT", requires = "web_tls_key")]
    web_tls_cert: Option<PathBuf>,
    /// Key of that certificate (PEM)
    #[arg(long, env = "QUDAO_WEB_TLS_KEY", requires = "web_tls_cert")]
    web_tls_key: Option<PathBuf>,
    /// Listen in plain text on more than this machine, where something else keeps it secret
    #[arg(long, env = "QUDAO_PLAIN_TEXT")]
    plain_text: bool,
    /// Folder of the built web app
    #[arg(long, env = "QUDAO_WEB_DIR", default_value = "services/gateway/web/dist")]
    web_dir: PathBuf,
    /// Ed25519 key (PKCS#8 PEM) that signs tokens; made if it is missing
    #[arg(long, env = "QUDAO_SIGNING_KEY", default_value = ".local/signing-key.pem")]
    signing_key: PathBuf,
    /// Ed25519 key (PKCS#8 PEM) that signs the logs; made if it is missing [default: log-key.pem beside the signing key]
    #[arg(long, env = "QUDAO_LOG_KEY")]
    log_key: Option<PathBuf>,
    /// Key (64 hexadecimal digits) that wraps the keys of people's data; made if it is missing [default: personal.key beside the signing key]
    #[arg(long, env = "QUDAO_PERSONAL_KEY")]
    personal_key: Option<PathBuf>,
    /// Name of this installation, part of the names under which its logs are signed
    #[arg(long, env = "QUDAO_INSTALLATION", default_value = "local")]
    installation: String,
    /// Where the order role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_ORDER")]
    upstream_order: Option<String>,
    /// Where the partner role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_PARTNER")]
    upstream_partner: Option<String>,
    /// Where the projector role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_PROJECTOR")]
    upstream_projector: Option<String>,
    /// Calls a second that one person may make; integrations and the operator are not counted, 0: no limit
    #[arg(long, env = "QUDAO_CALLS_OF_PERSON", default_value_t = Limits::default().person)]
    calls_of_person: u32,
    /// Calls a second that all people of a tenant may make together, 0: no limit
    #[arg(long, env = "QUDAO_CALLS_OF_TENANT", default_value_t = Limits::default().tenant)]
    calls_of_tenant: u32,
    /// Attempts a second to sign in from one address, 0: no limit
    #[arg(long, env = "QUDAO_SIGN_INS_OF_ADDRESS", default_value_t = Limits::default().sign_in)]
    sign_ins_of_address: u32,
    /// Proxies in front of the gateway that add the address they were asked from to x-forwarded-for
    #[arg(long, env = "QUDAO_PROXIES", default_value_t = 0)]
    proxies: usize,
    /// Servers of the NATS cluster that hold each stream: 1, 3 or 5
    #[arg(long, env = "QUDAO_STREAM_REPLICAS", default_value_t = 1)]
    stream_replicas: usize,
    /// Days that the access log is kept
    #[arg(long, env = "QUDAO_ACCESS_LOG_DAYS", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    access_log_days: u32,
    /// OTLP collector that traces are sent to; none without it
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    otlp_endpoint: Option<String>,
    /// File that traces are written to by a collector inside this process
    #[arg(long, env = "QUDAO_OTLP_FILE")]
    otlp_file: Option<PathBuf>,
}

impl Args {
    fn limits(&self) -> Limits {
        Limits {
            person: self.calls_of_person,
            tenant: self.calls_of_tenant,
            sign_in: self.sign_ins_of_address,
        }
    }

    /// A connection to NATS as one of its users.
    async fn jetstream(
        &self,
        user: &str,
        seed: Option<&Path>,
    ) -> anyhow::Result<jetstream::Context> {
        let identity = seed.map(|file| Identity::read(user, file)).transpose()?;
        let name = format!("qudao-{user}");
        Ok(kernel::stream::connect_as(&self.nats_url, &name, identity.as_ref()).await?)
    }

    /// What the port of the rpcs shows, and what this process shows when it calls other roles.
    fn tls(&self) -> Option<Files> {
        let (certificate, key) = (self.tls_cert.clone()?, self.tls_key.clone()?);
        Some(Files { certificate, key, authority: self.tls_ca.clone() })
    }

    fn web_tls(&self) -> Option<Files> {
        let (certificate, key) = (self.web_tls_cert.clone()?, self.web_tls_key.clone()?);
        Some(Files { certificate, key, authority: None })
    }

    /// How other roles are called.
    fn calling(&self) -> anyhow::Result<Option<ClientTlsConfig>> {
        Ok(self.tls().map(|files| tls::caller(&files)).transpose()?)
    }

    /// Plain text does not leave this machine, unless somebody says that it may.
    fn check_plain(&self, address: SocketAddr, tls: Option<&Files>) -> anyhow::Result<()> {
        anyhow::ensure!(
            tls.is_some() || self.plain_text || address.ip().is_loopback(),
            "{address} can be reached from other machines, and there is no certificate: give one \
             (QUDAO_TLS_CERT, QUDAO_WEB_TLS_CERT; `qudao certs` makes them), or say that plain text \
             is meant (QUDAO_PLAIN_TEXT=true)"
        );
        Ok(())
    }

    /// Who signs in to the database.
    fn logins(&self) -> anyhow::Result<Logins> {
        let (all, tenant) = (&self.database_url_all, &self.database_url_tenant);
        Ok(Logins::new(&self.database_url, all.as_deref(), tenant.as_deref())?)
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
            let erasures = partner::mount(&mut server, commands, keys, vault).await?;
            self.tasks.spawn(endless(erasures.run(self.stop.clone())));
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
        Ok(server)
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
        for runner in policies::runners(&logins, &logs, jetstream, (&order, tls), keys).await? {
            self.tasks.spawn(endless(runner.run(self.stop.clone())));
        }
        Ok(())
    }

    fn gateway(&self) -> anyhow::Result<axum::Router> {
        let args = &self.args;
        let (order, partner) = (&args.upstream_order, &args.upstream_partner);
        let roles = [order, partner, &args.upstream_projector];
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

//! Settings of a role, and what follows from them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use async_nats::jetstream;
use kernel::gate::Limits;
use kernel::outbound::{Outbound, Reach};
use kernel::stream::Identity;
use kernel::tls::{self, Files};
use kernel::wall::Logins;
use tonic::transport::ClientTlsConfig;

use super::Role;

/// Settings of a role; each can come from the environment.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to start
    pub(super) role: Role,
    /// PostgreSQL with the logs and read models
    #[arg(long, env = "QUDAO_DATABASE_URL", hide_env_values = true, default_value = "")]
    pub(super) database_url: String,
    /// The same by a login that is a member of qudao_all; without it the first one takes on that role
    #[arg(long, env = "QUDAO_DATABASE_URL_ALL", hide_env_values = true)]
    pub(super) database_url_all: Option<String>,
    /// The same by a login that is a member of qudao_tenant; without it the first one takes on that role
    #[arg(long, env = "QUDAO_DATABASE_URL_TENANT", hide_env_values = true)]
    pub(super) database_url_tenant: Option<String>,
    /// nats-server with JetStream; all servers of a cluster, separated by commas
    #[arg(long, env = "QUDAO_NATS_URL", default_value = "nats://127.0.0.1:4222")]
    pub(super) nats_url: String,
    /// File with the nkey seed of this role, where the server of NATS asks who connects
    #[arg(long, env = "QUDAO_NATS_NKEY")]
    pub(super) nats_nkey: Option<PathBuf>,
    /// File with the nkey seed of the operator, for the projector to put streams right with; its own without it
    #[arg(long, env = "QUDAO_NATS_OPERATOR_NKEY")]
    pub(super) nats_operator_nkey: Option<PathBuf>,
    /// Address of the rpcs of the roles in this process, of health and of metrics
    #[arg(long, env = "QUDAO_GRPC_LISTEN", default_value = "127.0.0.1:7070")]
    pub(super) grpc_listen: SocketAddr,
    /// Address of the gateway: pages, gRPC-Web, gRPC
    #[arg(long, env = "QUDAO_WEB_LISTEN", default_value = "127.0.0.1:8080")]
    pub(super) web_listen: SocketAddr,
    /// Certificate of the port of the rpcs (PEM), also shown to other roles; `qudao certs` makes one
    #[arg(long, env = "QUDAO_TLS_CERT", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Key of that certificate (PEM)
    #[arg(long, env = "QUDAO_TLS_KEY", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Authority (PEM) whose certificates callers of the rpcs need, and that other roles show
    #[arg(long, env = "QUDAO_TLS_CA", requires = "tls_cert")]
    pub(super) tls_ca: Option<PathBuf>,
    /// Certificate of the gateway's port (PEM); anybody may call it
    #[arg(long, env = "QUDAO_WEB_TLS_CERT", requires = "web_tls_key")]
    pub(super) web_tls_cert: Option<PathBuf>,
    /// Key of that certificate (PEM)
    #[arg(long, env = "QUDAO_WEB_TLS_KEY", requires = "web_tls_cert")]
    pub(super) web_tls_key: Option<PathBuf>,
    /// Listen in plain text on more than this machine, where something else keeps it secret
    #[arg(long, env = "QUDAO_PLAIN_TEXT")]
    pub(super) plain_text: bool,
    /// Folder of the built web app
    #[arg(long, env = "QUDAO_WEB_DIR", default_value = "services/gateway/web/dist")]
    pub(super) web_dir: PathBuf,
    /// Ed25519 key (PKCS#8 PEM) that signs tokens; made if it is missing
    #[arg(long, env = "QUDAO_SIGNING_KEY", default_value = ".local/signing-key.pem")]
    pub(super) signing_key: PathBuf,
    /// Ed25519 key (PKCS#8 PEM) that signs the logs; made if it is missing [default: log-key.pem beside the signing key]
    #[arg(long, env = "QUDAO_LOG_KEY")]
    pub(super) log_key: Option<PathBuf>,
    /// Key (64 hexadecimal digits) that wraps the keys of people's data; made if it is missing [default: personal.key beside the signing key]
    #[arg(long, env = "QUDAO_PERSONAL_KEY")]
    pub(super) personal_key: Option<PathBuf>,
    /// Where bytes of files lie: a folder, or s3://<bucket>/<prefix> with AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY [default: the folder files beside the signing key]
    #[arg(long, env = "QUDAO_FILES")]
    pub(super) files: Option<String>,
    /// Bytes of files that a tenant may keep
    #[arg(long, env = "QUDAO_FILE_QUOTA", default_value_t = collab::DEFAULT_QUOTA)]
    pub(super) file_quota: u64,
    /// Name of this installation, part of the names under which its logs are signed
    #[arg(long, env = "QUDAO_INSTALLATION", default_value = "local")]
    pub(super) installation: String,
    /// Where the order role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_ORDER")]
    pub(super) upstream_order: Option<String>,
    /// Where the partner role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_PARTNER")]
    pub(super) upstream_partner: Option<String>,
    /// Where the collab role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_COLLAB")]
    pub(super) upstream_collab: Option<String>,
    /// Where the projector role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_PROJECTOR")]
    pub(super) upstream_projector: Option<String>,
    /// Where the webhooks role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_WEBHOOKS")]
    pub(super) upstream_webhooks: Option<String>,
    /// Where the payments role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_PAYMENTS")]
    pub(super) upstream_payments: Option<String>,
    /// Where the connectors role listens; this process without it
    #[arg(long, env = "QUDAO_UPSTREAM_CONNECTORS")]
    pub(super) upstream_connectors: Option<String>,
    /// File (TOML) with the contracts that brands have with WeChat Pay and Alipay, see docs/operating.md; nobody pays online without it
    #[arg(long, env = "QUDAO_MERCHANTS")]
    pub(super) merchants: Option<PathBuf>,
    /// Simulate WeChat Pay and Alipay at this address, for trials: every tenant pays there, and nobody's money moves
    #[arg(long, env = "QUDAO_TRIAL_PAYMENTS", conflicts_with = "merchants")]
    pub(super) trial_payments: Option<SocketAddr>,
    /// File (TOML) with the contracts that brands have with 金蝶云星空 and 用友 YonBIP, see docs/operating.md; nothing is handed over without it
    #[arg(long, env = "QUDAO_ERP_CONTRACTS")]
    pub(super) erp_contracts: Option<PathBuf>,
    /// Simulate 金蝶云星空 at this address, for trials: documents of every tenant go there, and nobody's books are told
    #[arg(long, env = "QUDAO_TRIAL_ERP", conflicts_with = "erp_contracts")]
    pub(super) trial_erp: Option<SocketAddr>,
    /// Let webhooks and identity providers be on private networks, and without TLS on this machine
    #[arg(long, env = "QUDAO_OUTBOUND_PRIVATE")]
    pub(super) outbound_private: bool,
    /// Authorities (PEM) that webhooks and identity providers may show besides those of the web
    #[arg(long, env = "QUDAO_OUTBOUND_CA")]
    pub(super) outbound_ca: Option<PathBuf>,
    /// Calls a second that one person may make; integrations and the operator are not counted, 0: no limit
    #[arg(long, env = "QUDAO_CALLS_OF_PERSON", default_value_t = Limits::default().person)]
    pub(super) calls_of_person: u32,
    /// Calls a second that all people of a tenant may make together, 0: no limit
    #[arg(long, env = "QUDAO_CALLS_OF_TENANT", default_value_t = Limits::default().tenant)]
    pub(super) calls_of_tenant: u32,
    /// Attempts a second to sign in from one address, 0: no limit
    #[arg(long, env = "QUDAO_SIGN_INS_OF_ADDRESS", default_value_t = Limits::default().sign_in)]
    pub(super) sign_ins_of_address: u32,
    /// Proxies in front of the gateway that add the address they were asked from to x-forwarded-for
    #[arg(long, env = "QUDAO_PROXIES", default_value_t = 0)]
    pub(super) proxies: usize,
    /// Servers of the NATS cluster that hold each stream: 1, 3 or 5
    #[arg(long, env = "QUDAO_STREAM_REPLICAS", default_value_t = 1)]
    pub(super) stream_replicas: usize,
    /// Days that the access log is kept
    #[arg(long, env = "QUDAO_ACCESS_LOG_DAYS", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(super) access_log_days: u32,
    /// OTLP collector that traces are sent to; none without it
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub(super) otlp_endpoint: Option<String>,
    /// File that traces are written to by a collector inside this process
    #[arg(long, env = "QUDAO_OTLP_FILE")]
    pub(super) otlp_file: Option<PathBuf>,
}

impl Args {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            person: self.calls_of_person,
            tenant: self.calls_of_tenant,
            sign_in: self.sign_ins_of_address,
        }
    }

    /// What calls addresses that others have named.
    pub(super) fn outbound(&self) -> anyhow::Result<Outbound> {
        let reach = if self.outbound_private { Reach::Private } else { Reach::Public };
        let authorities = self.outbound_ca.as_ref().map(|file| {
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
        });
        Ok(Outbound::new(reach, authorities.transpose()?.as_deref())?)
    }

    /// Where bytes of files lie.
    pub(super) fn files(&self) -> String {
        let beside = || self.signing_key.with_file_name("files").to_string_lossy().into_owned();
        self.files.clone().unwrap_or_else(beside)
    }

    /// A connection to NATS as one of its users.
    pub(super) async fn jetstream(
        &self,
        user: &str,
        seed: Option<&Path>,
    ) -> anyhow::Result<jetstream::Context> {
        let identity = seed.map(|file| Identity::read(user, file)).transpose()?;
        let name = format!("qudao-{user}");
        Ok(kernel::stream::connect_as(&self.nats_url, &name, identity.as_ref()).await?)
    }

    /// What the port of the rpcs shows, and what this process shows when it calls other roles.
    pub(super) fn tls(&self) -> Option<Files> {
        let (certificate, key) = (self.tls_cert.clone()?, self.tls_key.clone()?);
        Some(Files { certificate, key, authority: self.tls_ca.clone() })
    }

    pub(super) fn web_tls(&self) -> Option<Files> {
        let (certificate, key) = (self.web_tls_cert.clone()?, self.web_tls_key.clone()?);
        Some(Files { certificate, key, authority: None })
    }

    /// How other roles are called.
    pub(super) fn calling(&self) -> anyhow::Result<Option<ClientTlsConfig>> {
        Ok(self.tls().map(|files| tls::caller(&files)).transpose()?)
    }

    /// Plain text does not leave this machine, unless somebody says that it may.
    pub(super) fn check_plain(
        &self,
        address: SocketAddr,
        tls: Option<&Files>,
    ) -> anyhow::Result<()> {
        anyhow::ensure!(
            tls.is_some() || self.plain_text || address.ip().is_loopback(),
            "{address} can be reached from other machines, and there is no certificate: give one \
             (QUDAO_TLS_CERT, QUDAO_WEB_TLS_CERT; `qudao certs` makes them), or say that plain text \
             is meant (QUDAO_PLAIN_TEXT=true)"
        );
        Ok(())
    }

    /// Who signs in to the database.
    pub(super) fn logins(&self) -> anyhow::Result<Logins> {
        let (all, tenant) = (&self.database_url_all, &self.database_url_tenant);
        Ok(Logins::new(&self.database_url, all.as_deref(), tenant.as_deref())?)
    }
}

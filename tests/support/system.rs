//! A whole system of one's own: real servers and the real executable, on free ports.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kernel::auth::{Caller, Keys};
use kernel::clock;
use local::TestServers;
use proto::access::v1::Role;
use proto::partner::v1 as partner;
use serde_json::Value;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

/// Running servers and the process that holds all roles.
pub struct System {
    pub servers: TestServers,
    pub web: String,
    /// How the process is started the next time.
    pub launch: Launch,
    addresses: Addresses,
    process: Option<Child>,
}

/// How a process is started.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: PathBuf,
    /// Variables besides those that every process has.
    pub environment: Vec<(&'static str, String)>,
}

impl Default for Launch {
    fn default() -> Self {
        Self { program: executable(), environment: Vec::new() }
    }
}

/// Where a process listens.
#[derive(Clone, Copy, Debug)]
struct Addresses {
    grpc: u16,
    web: u16,
}

impl Addresses {
    fn free() -> Self {
        Self { grpc: free_port(), web: free_port() }
    }
}

/// A process besides the system's own, on the same servers.
pub struct Another {
    process: Child,
    addresses: Addresses,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct User {
    pub channel: Channel,
    pub token: String,
}

/// How long a user stays signed in.
const SIGNED_IN: chrono::TimeDelta = chrono::TimeDelta::hours(2);

impl System {
    pub async fn start() -> Self {
        Self::start_as(Launch::default()).await
    }

    /// The same with another program, or with another environment.
    pub async fn start_as(launch: Launch) -> Self {
        let servers = TestServers::start().await.unwrap();
        Self::start_on(servers, launch).await
    }

    /// The same on servers of one's own choice.
    pub async fn start_on(servers: TestServers, launch: Launch) -> Self {
        let addresses = Addresses::free();
        let mut system = Self { servers, web: String::new(), launch, addresses, process: None };
        for _ in 0..3 {
            system.addresses = Addresses::free();
            system.web = format!("http://127.0.0.1:{}", system.addresses.web);
            system.start_process();
            if system.found_its_ports().await {
                return system;
            }
        }
        panic!("no port stays free:\n{}", system.said());
    }

    /// Waits until all roles serve, or until the process has ended since somebody else has taken
    /// one of its ports.
    async fn found_its_ports(&mut self) -> bool {
        for _ in 0..1_500 {
            if self.is_ready().await {
                return true;
            }
            if !self.lives() {
                let said = self.said();
                assert!(said.contains("Address already in use"), "the process ended:\n{said}");
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the system never got ready:\n{}", self.said());
    }

    pub fn start_process(&mut self) {
        self.process = Some(self.spawn(&self.launch, self.addresses, "qudao.log"));
    }

    /// Starts one more process with all roles, on ports of its own.
    pub async fn another(&self, launch: &Launch) -> Another {
        let addresses = Addresses::free();
        let process = self.spawn(launch, addresses, &format!("qudao-{}.log", addresses.web));
        let mut another = Another { process, addresses };
        for _ in 0..300 {
            if self.is_ready_on(addresses.web).await {
                return another;
            }
            assert!(another.process.try_wait().unwrap().is_none(), "the other process ended");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the other process never got ready");
    }

    fn spawn(&self, launch: &Launch, addresses: Addresses, log: &str) -> Child {
        let dir = self.servers.dir().to_owned();
        let log = File::options().create(true).append(true).open(dir.join(log)).unwrap();
        Command::new(&launch.program)
            .args(["serve", "all"])
            .env("QUDAO_DATABASE_URL", self.servers.postgres_url())
            .env("QUDAO_NATS_URL", self.servers.nats_url())
            .env("QUDAO_GRPC_LISTEN", format!("127.0.0.1:{}", addresses.grpc))
            .env("QUDAO_WEB_LISTEN", format!("127.0.0.1:{}", addresses.web))
            .env("QUDAO_WEB_DIR", dir.join("no-pages"))
            .env("QUDAO_SIGNING_KEY", self.key_file())
            .env("QUDAO_OTLP_FILE", self.traces())
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    /// Kills the process as a crash would.
    pub fn kill_process(&mut self) {
        let mut process = self.process.take().expect("the process runs");
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Kills the process; its end is still to be asked for.
    pub fn kill_process_later(&mut self) {
        self.process.as_mut().expect("the process runs").kill().unwrap();
    }

    /// Asks the process to stop, as an operator does.
    pub fn terminate_process(&self) {
        let id = self.process_id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success(), "the process could not be asked to stop");
    }

    /// How the process ended, when it does so in time.
    pub async fn ended(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let process = self.process.as_mut().expect("the process was started");
            if let Some(status) = process.try_wait().unwrap() {
                self.process = None;
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        None
    }

    /// The port of the roles.
    pub fn grpc_port(&self) -> u16 {
        self.addresses.grpc
    }

    /// The port of the gateway.
    pub fn web_port(&self) -> u16 {
        self.addresses.web
    }

    /// Whether the process is still there.
    pub fn lives(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("the process runs").id()
    }

    /// Memory that the process holds, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let id = self.process_id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Waits until all roles serve.
    pub async fn ready(&self) {
        for _ in 0..1_500 {
            if self.is_ready().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the system never got ready:\n{}", self.said());
    }

    /// Whether all roles serve.
    pub async fn is_ready(&self) -> bool {
        self.is_ready_on(self.addresses.web).await
    }

    /// Whether the roles' own readiness, which also asks the databases, says yes.
    pub async fn roles_are_ready(&self) -> bool {
        self.is_ready_on(self.addresses.grpc).await
    }

    /// A metric of the process that has no labels; none before it was told.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let (_, text) = local::http::get(self.addresses.grpc, "/metrics").await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")))?;
        Some(value.parse().unwrap())
    }

    async fn is_ready_on(&self, port: u16) -> bool {
        matches!(local::http::get(port, "/readyz").await, Ok((200, _)))
    }

    /// What the process said, for whoever reads about a failure.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.servers.dir().join("qudao.log")).unwrap_or_default()
    }

    pub fn traces(&self) -> PathBuf {
        self.servers.dir().join("traces.jsonl")
    }

    pub fn key_file(&self) -> PathBuf {
        self.servers.dir().join("signing-key.pem")
    }

    fn channel(&self) -> Channel {
        Endpoint::from_shared(self.web.clone()).unwrap().connect_lazy()
    }

    /// A user with a token that says so: whom the identity service would have let in.
    pub fn user(&self, tenant: &str, roles: &[Role], dealer_id: Option<&str>) -> User {
        let now = clock::now();
        self.user_until(tenant, roles, dealer_id, (now, now + SIGNED_IN))
    }

    /// The same with a token for a time of one's own choice.
    pub fn user_until(
        &self,
        tenant: &str,
        roles: &[Role],
        dealer_id: Option<&str>,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> User {
        let caller = caller(tenant, roles, dealer_id);
        let keys = Keys::open(&self.key_file()).unwrap();
        let token = keys.issue(&caller, from, until - from).unwrap();
        User { channel: self.channel(), token }
    }

    /// What a command says to a person who is signed in, as JSON, and whether it went well.
    pub fn qudao(&self, user: &User, arguments: &[&str]) -> (bool, Value) {
        let output = Command::new(executable())
            .args(arguments)
            .arg("--json")
            .current_dir(self.servers.dir())
            .env("QUDAO_SERVER", &self.web)
            .env("QUDAO_TOKEN", &user.token)
            .output()
            .unwrap();
        let [text, errors] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
        let json = serde_json::from_str(if text.is_empty() { &errors } else { &text });
        (output.status.success(), json.unwrap_or_else(|_| panic!("{arguments:?}: {text}{errors}")))
    }

    /// A region manager of some regions.
    pub fn manager(&self, tenant: &str, regions: &[&str]) -> User {
        let mut caller = caller(tenant, &[Role::RegionManager], None);
        caller.regions = regions.iter().map(|&region| region.to_owned()).collect();
        self.signed_in(&caller)
    }

    /// Somebody of `acme` whose token says that the brand is in another time zone: they ask on
    /// another day than others at the same moment.
    pub fn on_a_day_of(&self, zone: &str, roles: &[Role], regions: &[&str]) -> User {
        let mut caller = caller("acme", roles, None);
        zone.clone_into(&mut caller.time_zone);
        caller.regions = regions.iter().map(|&region| region.to_owned()).collect();
        self.signed_in(&caller)
    }

    /// A sales director of `acme`, who is somebody else than its administrator.
    pub fn director(&self) -> User {
        self.somebody("li.lei", Role::SalesDirector)
    }

    /// Somebody of `acme` with a login of their own.
    pub fn somebody(&self, login: &str, role: Role) -> User {
        let mut caller = caller("acme", &[role], None);
        login.clone_into(&mut caller.user_id);
        self.signed_in(&caller)
    }

    fn signed_in(&self, caller: &Caller) -> User {
        let keys = Keys::open(&self.key_file()).unwrap();
        let token = keys.issue(caller, clock::now(), SIGNED_IN).unwrap();
        User { channel: self.channel(), token }
    }

    pub fn admin(&self) -> User {
        self.user("acme", &[Role::HqAdmin], None)
    }

    /// Founds the tenant `acme` and registers its administrator.
    pub async fn found(&self) -> User {
        self.found_tenant("acme").await
    }

    /// The same with another tenant.
    pub async fn found_tenant(&self, tenant: &str) -> User {
        let operator = self.user("", &[Role::Operator], None);
        let found = partner::FoundTenantRequest {
            request_id: id(),
            tenant_id: tenant.to_owned(),
            name: "顶好饮料".to_owned(),
            currency_code: "CNY".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            root_region_name: "全国".to_owned(),
            ..Default::default()
        };
        let channel = operator.channel.clone();
        let mut tenants = partner::tenant_service_client::TenantServiceClient::new(channel.clone());
        tenants.found_tenant(operator.says(found)).await.unwrap();
        let register = partner::RegisterUserRequest {
            request_id: id(),
            tenant_id: tenant.to_owned(),
            login: "han.meimei".to_owned(),
            name: "韩梅梅".to_owned(),
            roles: vec![Role::HqAdmin.into()],
            password: "correct horse".to_owned(),
            keep_password: true,
            ..Default::default()
        };
        let mut people = partner::identity_service_client::IdentityServiceClient::new(channel);
        people.register_user(operator.says(register)).await.unwrap();
        self.user(tenant, &[Role::HqAdmin], None)
    }
}

fn caller(tenant: &str, roles: &[Role], dealer_id: Option<&str>) -> Caller {
    Caller {
        user_id: "han.meimei".to_owned(),
        name: "韩梅梅".to_owned(),
        tenant: tenant.to_owned(),
        roles: roles.iter().map(|role| role.as_str_name().to_owned()).collect(),
        dealer_id: dealer_id.map(str::to_owned),
        time_zone: "Asia/Shanghai".to_owned(),
        ..Caller::default()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Another {
    /// The same user, asking this process.
    pub fn asked_by(&self, user: &User) -> User {
        let web = format!("http://127.0.0.1:{}", self.addresses.web);
        let channel = Endpoint::from_shared(web).unwrap().connect_lazy();
        User { channel, token: user.token.clone() }
    }
}

impl Drop for Another {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl User {
    /// A request with the user's token.
    pub fn says<T>(&self, body: T) -> Request<T> {
        let mut request = Request::new(body);
        request.set_timeout(Duration::from_secs(20));
        let token = format!("Bearer {}", self.token).parse().unwrap();
        request.metadata_mut().insert("authorization", token);
        request
    }
}

/// A fresh request id.
pub fn id() -> String {
    Uuid::new_v4().to_string()
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The executable stands beside this program, or above it when this is a test.
pub fn executable() -> PathBuf {
    built("qudao").expect("build it first: cargo build --package qudao")
}

/// The executable built with fail points: `make test` puts one beside the other, `make chaos`
/// builds no other.
pub fn executable_with_places() -> Option<PathBuf> {
    let has_places = |file: &PathBuf| {
        let said = Command::new(file).arg("--version").output().unwrap().stdout;
        String::from_utf8_lossy(&said).contains("fail points")
    };
    ["qudao", "qudao-failpoints"].into_iter().filter_map(built).find(has_places)
}

fn built(name: &str) -> Option<PathBuf> {
    let me = std::env::current_exe().unwrap();
    let folders = me.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(name)).find(|file| file.exists())
}

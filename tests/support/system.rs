//! A whole system of one's own: real servers and the real executable, on free ports.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kernel::auth::{Caller, Keys};
use kernel::clock;
use local::TestServers;
use proto::access::v1::Role;
use proto::partner::v1 as partner;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

/// Running servers and the process that holds all roles.
pub struct System {
    pub servers: TestServers,
    pub web: String,
    grpc_port: u16,
    web_port: u16,
    process: Option<Child>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct User {
    pub channel: Channel,
    pub token: String,
}

impl System {
    pub async fn start() -> Self {
        let servers = TestServers::start().await.unwrap();
        let (grpc_port, web_port) = (free_port(), free_port());
        let web = format!("http://127.0.0.1:{web_port}");
        let mut system = Self { servers, web, grpc_port, web_port, process: None };
        system.start_process();
        system.ready().await;
        system
    }

    pub fn start_process(&mut self) {
        let dir = self.servers.dir().to_owned();
        let log = std::fs::File::create(dir.join("qudao.log")).unwrap();
        let process = Command::new(executable())
            .args(["serve", "all"])
            .env("QUDAO_DATABASE_URL", self.servers.postgres_url())
            .env("QUDAO_NATS_URL", self.servers.nats_url())
            .env("QUDAO_GRPC_LISTEN", format!("127.0.0.1:{}", self.grpc_port))
            .env("QUDAO_WEB_LISTEN", format!("127.0.0.1:{}", self.web_port))
            .env("QUDAO_WEB_DIR", dir.join("no-pages"))
            .env("QUDAO_SIGNING_KEY", self.key_file())
            .env("QUDAO_OTLP_FILE", self.traces())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
    }

    /// Kills the process as a crash would.
    pub fn kill_process(&mut self) {
        let mut process = self.process.take().expect("the process runs");
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Asks the process to stop, as an operator does.
    pub fn terminate_process(&self) {
        let id = self.process.as_ref().expect("the process runs").id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success(), "the process could not be asked to stop");
    }

    /// Memory that the process holds, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let id = self.process.as_ref().expect("the process runs").id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub async fn ready(&self) {
        for _ in 0..300 {
            if let Ok((200, _)) = local::http::get(self.web_port, "/readyz").await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = std::fs::read_to_string(self.servers.dir().join("qudao.log"));
        panic!("the system never got ready:\n{}", log.unwrap_or_default());
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
        let caller = Caller {
            user_id: "han.meimei".to_owned(),
            name: "韩梅梅".to_owned(),
            tenant: tenant.to_owned(),
            roles: roles.iter().map(|role| role.as_str_name().to_owned()).collect(),
            dealer_id: dealer_id.map(str::to_owned),
            time_zone: "Asia/Shanghai".to_owned(),
        };
        let keys = Keys::open(&self.key_file()).unwrap();
        let token = keys.issue(&caller, clock::now(), chrono::TimeDelta::minutes(5)).unwrap();
        User { channel: self.channel(), token }
    }

    pub fn admin(&self) -> User {
        self.user("acme", &[Role::HqAdmin], None)
    }

    /// Founds the tenant `acme` and registers its administrator.
    pub async fn found(&self) -> User {
        let operator = self.user("", &[Role::Operator], None);
        let found = partner::FoundTenantRequest {
            request_id: id(),
            tenant_id: "acme".to_owned(),
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
            tenant_id: "acme".to_owned(),
            login: "han.meimei".to_owned(),
            name: "韩梅梅".to_owned(),
            roles: vec![Role::HqAdmin.into()],
            password: "correct horse".to_owned(),
            ..Default::default()
        };
        let mut people = partner::identity_service_client::IdentityServiceClient::new(channel);
        people.register_user(operator.says(register)).await.unwrap();
        self.admin()
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

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The executable stands beside this program, or above it when this is a test.
pub fn executable() -> PathBuf {
    let me = std::env::current_exe().unwrap();
    let folders = me.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join("qudao")).find(|file| file.exists());
    found.expect("build it first: cargo build --package qudao")
}

//! What is attacked: a system of real processes, or its roles inside this one with a wall taken
//! down.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use kernel::auth::{Caller, Keys};
use kernel::clock;
use kernel::gate::Wall;
use local::TestServers;
use proto::access::v1::Role;
use tonic::transport::{Channel, Endpoint};

use super::inside::Inside;
use crate::support::system::{Launch, System};

/// What the processes are given to sign in to their database.
pub const DATABASE_PASSWORD: &str = "tell-nobody-4711";

/// A system, and the keys to it.
pub struct Stage {
    held: Held,
    keys: Keys,
}

enum Held {
    Processes(Box<System>),
    Inside(Box<Inside>),
}

impl Stage {
    /// A system of real processes.
    pub async fn start(environment: &[(&'static str, &'static str)]) -> Self {
        let servers = TestServers::start().await.unwrap();
        // The test's PostgreSQL believes everybody; a password that is given is a secret all the
        // same.
        let url = servers.postgres_url().replacen('@', &format!(":{DATABASE_PASSWORD}@"), 1);
        let variables = environment.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let environment = variables.chain([("QUDAO_DATABASE_URL", url)]).collect();
        let launch = Launch { environment, ..Launch::default() };
        let system = System::start_on(servers, launch).await;
        let keys = Keys::open(&system.key_file()).unwrap();
        Self { held: Held::Processes(Box::new(system)), keys }
    }

    /// The roles inside this process, one wall of whose gate is down, or none.
    pub async fn without(wall: Option<Wall>) -> Self {
        let inside = Inside::start(wall).await;
        let keys = Keys::open(&inside.key_file()).unwrap();
        Self { held: Held::Inside(Box::new(inside)), keys }
    }

    /// The system, where it is one of processes.
    pub fn system(&self) -> &System {
        match &self.held {
            Held::Processes(system) => system,
            Held::Inside(_) => panic!("this row attacks processes only"),
        }
    }

    /// Where its rpcs are: the port of the roles.
    pub fn grpc_port(&self) -> u16 {
        match &self.held {
            Held::Processes(system) => system.grpc_port(),
            Held::Inside(inside) => inside.port(),
        }
    }

    /// The port that the outside sees; that of the roles where there is no gateway.
    pub fn outer_port(&self) -> u16 {
        match &self.held {
            Held::Processes(system) => system.web_port(),
            Held::Inside(inside) => inside.port(),
        }
    }

    /// Memory that its process holds, in KiB.
    pub fn resident_kib(&self) -> u64 {
        self.system().resident_kib()
    }

    /// A connection to it from the outside.
    pub fn channel(&self) -> Channel {
        channel(self.outer_port())
    }

    /// The file of the key that signs its tokens.
    pub fn key_file(&self) -> PathBuf {
        match &self.held {
            Held::Processes(system) => system.key_file(),
            Held::Inside(inside) => inside.key_file(),
        }
    }

    /// A good token of somebody.
    pub fn token(&self, caller: &Caller) -> String {
        self.keys.issue(caller, clock::now(), TimeDelta::hours(2)).unwrap()
    }
}

/// A connection to a port of this machine, made when it is first used.
pub fn channel(port: u16) -> Channel {
    Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap().connect_lazy()
}

/// Somebody of a tenant with a role; another person each time, so that no rate limits them all.
pub fn caller(tenant: &str, roles: &[Role], dealer_id: Option<&str>) -> Caller {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Caller {
        user_id: format!("attacker-{number}"),
        name: "攻击者".to_owned(),
        tenant: tenant.to_owned(),
        roles: roles.iter().map(|role| role.as_str_name().to_owned()).collect(),
        dealer_id: dealer_id.map(str::to_owned),
        time_zone: "Asia/Shanghai".to_owned(),
        ..Caller::default()
    }
}

/// All roles there are.
pub fn roles() -> impl Iterator<Item = Role> {
    (1..).map_while(|number| Role::try_from(number).ok())
}

/// Whether people with a role belong to a dealer.
pub fn of_a_dealer(role: Role) -> bool {
    matches!(role, Role::DealerOwner | Role::DealerStaff)
}

//! The books of a brand, simulated in the process of the test: they outlive the system.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use erp::{ContractFile, TenantContract};
use erp_simulator::{Fault, Held, Misbehaviour, Simulator};
use proto::common::v1::{PageRequest, Receipt};
use proto::connector::v1 as connector;
use proto::connector::v1::handover_service_client::HandoverServiceClient;
use proto::connector::v1::{Handover, HandoverStatus};
use proto::order::v1 as order;
use proto::order::v1::connection_service_client::ConnectionServiceClient;
use proto::order::v1::{CodeKind, ConnectionSettings, OrderMoment};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::shop;
use super::system::{Launch, System, User, id};

/// A system whose brand has books, and people who have to do with them.
pub struct Office {
    pub system: System,
    pub admin: User,
    pub books: Simulator,
    stop: CancellationToken,
    /// Where the contracts lie.
    _place: TempDir,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Office {
    /// Starts it with books of one system; nothing is handed over yet.
    pub async fn start(with: erp::System) -> Self {
        let stop = CancellationToken::new();
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let books = Simulator::start(here, stop.clone()).await.unwrap();
        let place = TempDir::new().unwrap();
        let file = place.path().join("contracts.toml");
        let contract = books.contract(with);
        let contracts = vec![TenantContract { tenant: "acme".to_owned(), contract }];
        std::fs::write(&file, toml::to_string(&ContractFile { contracts }).unwrap()).unwrap();
        let environment = vec![
            ("QUDAO_OUTBOUND_PRIVATE", "true".to_owned()),
            ("QUDAO_ERP_CONTRACTS", file.to_string_lossy().into_owned()),
        ];
        let system = System::start_as(Launch { environment, ..Launch::default() }).await;
        let admin = shop::open(&system).await;
        Self { system, admin, books, stop, _place: place }
    }

    /// From now on these faults happen, one a call.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        let next = faults.into_iter().collect();
        self.books.misbehave(Misbehaviour { next, while_ms: 100, ..Default::default() });
    }

    /// What is handed over from now on.
    pub async fn set(&self, settings: ConnectionSettings) -> Receipt {
        let request = order::SetConnectionRequest {
            request_id: id(),
            expected_version: None,
            settings: Some(settings),
        };
        let mut client = ConnectionServiceClient::new(self.admin.channel.clone());
        client.set_connection(self.admin.says(request)).await.unwrap().into_inner().receipt.unwrap()
    }

    /// What the books call something.
    pub async fn map(&self, kind: CodeKind, own: &str, theirs: &str) {
        let code = order::MappedCode { own: own.to_owned(), theirs: theirs.to_owned() };
        let request = order::MapCodesRequest {
            request_id: id(),
            expected_version: None,
            kind: kind.into(),
            codes: vec![code],
        };
        let mut client = ConnectionServiceClient::new(self.admin.channel.clone());
        client.map_codes(self.admin.says(request)).await.unwrap();
    }

    /// All documents that were handed over or are to be.
    pub async fn handovers(&self) -> Vec<Handover> {
        let page = Some(PageRequest { size: 200, token: String::new() });
        let asked = connector::ListHandoversRequest { page, ..Default::default() };
        let mut client = HandoverServiceClient::new(self.admin.channel.clone());
        client.list_handovers(self.admin.says(asked)).await.unwrap().into_inner().handovers
    }

    /// Waits until all documents, so many, have got there.
    pub async fn until(&self, count: usize, status: HandoverStatus) -> Vec<Handover> {
        self.until_so(|all| all.len() == count && all.iter().all(|it| it.status() == status)).await
    }

    /// Waits until this is true of all documents.
    pub async fn until_so(&self, is_so: impl Fn(&[Handover]) -> bool) -> Vec<Handover> {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let all = self.handovers().await;
            if is_so(&all) {
                return all;
            }
            assert!(Instant::now() < deadline, "never so: {all:#?}\n{}", self.system.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Hands over again what waits for a person; how much.
    pub async fn retry(&self, numbers: &[&str]) -> u64 {
        let numbers = numbers.iter().map(|&number| number.to_owned()).collect();
        let request = connector::RetryHandoversRequest { numbers };
        let mut client = HandoverServiceClient::new(self.admin.channel.clone());
        client.retry_handovers(self.admin.says(request)).await.unwrap().into_inner().count
    }

    /// The one document of a number that the books have.
    pub fn held(&self, number: &str) -> Held {
        let all = self.books.received().documents;
        let found: Vec<_> = all.into_iter().filter(|held| held.biz_id == number).collect();
        assert_eq!(found.len(), 1, "{number}: {found:?}");
        found.into_iter().next().unwrap()
    }
}

/// Orders when they are confirmed, and what else is handed over of them.
pub fn settings(deliveries: bool) -> ConnectionSettings {
    ConnectionSettings {
        orders: OrderMoment::Confirmed.into(),
        deliveries,
        returns: true,
        receipts: true,
        stock: false,
        unit: "Pcs".to_owned(),
        tax_percent: 13,
        warehouse: "WH-01".to_owned(),
    }
}

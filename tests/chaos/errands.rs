//! What makes a process come to its rarer places: requests that orders alone do not cause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use kernel::stream;
use proto::access::v1::Role;
use proto::operations::v1 as operations;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use proto::order::v1 as order;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::proof::v1::GetCheckpointRequest;
use proto::proof::v1::proof_service_client::ProofServiceClient;
use tokio::task::JoinHandle;

use super::load::passes;
use super::row::Run;
use crate::support::relaying::connect;
use crate::support::system::{System, User, id};

/// The product that is renamed until its state is written down.
const RENAMED: &str = "tea-renamed";

/// What has to be asked for so that a place is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Orders and dealers are enough.
    None,
    /// One object gets hundreds of events.
    Rename,
    /// A read model is filled anew.
    Rebuild,
    /// The log is signed at its newest position.
    Sign,
    /// The stream holds an event that the log does not have, and is put right.
    Reconcile,
}

impl Errand {
    pub(super) fn of(place: &str) -> Self {
        match place.split('.').next() {
            Some("snapshot") => Self::Rename,
            Some("rebuild") => Self::Rebuild,
            Some("proof") => Self::Sign,
            Some("reconcile") => Self::Reconcile,
            _ => Self::None,
        }
    }

    /// How often the place may be passed before the process ends there.
    pub(super) fn most_passes(self, run: Run) -> u32 {
        match self {
            Self::None => run.size(6, 12, 25),
            Self::Sign => run.size(2, 4, 8),
            Self::Rename | Self::Rebuild => run.size(0, 1, 2),
            Self::Reconcile => 0,
        }
    }

    /// Asks again and again until it is aborted; what fails is asked for again.
    pub(super) fn start(self, system: &System) -> JoinHandle<()> {
        let operator = system.user("", &[Role::Operator], None);
        let (admin, nats) = (system.admin(), system.servers.nats_url());
        tokio::spawn(async move {
            // What an earlier end left undone is done first.
            reconcile(&operator).await;
            match self {
                Self::None => (),
                Self::Rename => rename(&admin).await,
                Self::Rebuild => rebuild(&operator).await,
                Self::Sign => sign(&operator).await,
                Self::Reconcile => {
                    add_foreign(&nats).await;
                    reconcile(&operator).await;
                }
            }
        })
    }
}

/// What the errands need in the shop.
pub(super) async fn prepare(admin: &User) {
    let product = order::PublishProductRequest {
        request_id: id(),
        product_id: RENAMED.to_owned(),
        name: "乌龙茶".to_owned(),
        category_path: vec!["茶饮".to_owned()],
        base_unit: "瓶".to_owned(),
        ..Default::default()
    };
    let mut products = ProductServiceClient::new(admin.channel.clone());
    products.publish_product(admin.says(product)).await.unwrap();
}

async fn rename(admin: &User) {
    loop {
        let renames = (0..16).map(async |_| {
            let request = order::RenameProductRequest {
                request_id: id(),
                product_id: RENAMED.to_owned(),
                name: format!("乌龙茶 {}", id()),
                ..Default::default()
            };
            let mut products = ProductServiceClient::new(admin.channel.clone());
            products.rename_product(admin.says(request)).await.is_ok()
        });
        if !join_all(renames).await.contains(&true) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn rebuild(operator: &User) {
    let mut rpc = OperationsServiceClient::new(operator.channel.clone());
    loop {
        for name in ["orders", "products"] {
            let request = operations::RebuildProjectionRequest { name: name.to_owned() };
            // One that is under way refuses another.
            let _ = rpc.rebuild_projection(operator.says(request)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn sign(operator: &User) {
    let mut rpc = ProofServiceClient::new(operator.channel.clone());
    loop {
        let request = GetCheckpointRequest { context: "order".to_owned(), size: 0 };
        let _ = rpc.get_checkpoint(operator.says(request)).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Puts an event into the stream that no log has.
async fn add_foreign(nats: &str) {
    let jetstream = connect(nats).await;
    loop {
        let subject = "ev.order.acme.order.foreign.OrderSubmitted";
        if let Ok(sent) = jetstream.publish(subject, "{}".into()).await
            && sent.await.is_ok()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn reconcile(operator: &User) {
    let mut rpc = OperationsServiceClient::new(operator.channel.clone());
    loop {
        let request =
            operations::ReconcileStreamRequest { name: stream::name("order"), dry_run: false };
        match rpc.reconcile_stream(operator.says(request)).await.map(|done| done.into_inner()) {
            Ok(done) if done.found.as_ref().is_some_and(|found| found.problem.is_empty()) => return,
            Ok(done) => println!("reconciled: {done:?}"),
            Err(status) if passes(&status) => (),
            Err(status) => println!("not reconciled: {status:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Puts the stream right as an operator would, when it is not.
pub(super) async fn reconciled(system: &System) {
    reconcile(&system.user("", &[Role::Operator], None)).await;
}

/// Dealers being registered, one after the other.
pub(super) struct Registering {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Vec<String>>,
}

/// Registers dealers until told to stop.
pub(super) fn register_dealers(system: &System) -> Registering {
    let admin = system.admin();
    let stop = Arc::<AtomicBool>::default();
    let until = stop.clone();
    let task = tokio::spawn(async move {
        let mut registered = Vec::new();
        while !until.load(Ordering::Relaxed) {
            let dealer_id = format!("dealer-{}", registered.len());
            let request = partner::RegisterDealerRequest {
                request_id: id(),
                dealer_id: dealer_id.clone(),
                name: format!("第 {} 家", registered.len()),
                region_id: "east".to_owned(),
                city: "苏州".to_owned(),
                ..Default::default()
            };
            let mut dealers = DealerServiceClient::new(admin.channel.clone());
            while let Err(status) = dealers.register_dealer(admin.says(request.clone())).await {
                assert!(passes(&status), "a dealer was refused: {status:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            registered.push(dealer_id);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        registered
    });
    Registering { stop, task }
}

impl Registering {
    /// All that were registered.
    pub(super) async fn finish(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("every dealer is registered in the end")
    }
}

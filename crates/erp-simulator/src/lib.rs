//! A simulator of 金蝶云星空 (WebAPI) and 用友 YonBIP (open platform) as a channel sees them, for tests
//! and for trials without an installation. Nobody's books are in it.
//!
//! It looks at who calls, at codes and sums of documents, and at their numbers, each of which may
//! stand there once; and it tells products, customers and stock, which deliveries and returns
//! change when they are audited. What goes wrong with real systems goes wrong here on demand: see
//! [`Misbehaviour`].
//!
//! It signs with another library than `erp` does, and reads and writes everything by itself, so
//! that a mistake in one of them is not a mistake in both. What it wants of a document is what
//! public documents of both systems call required: an installation may want more.
//!
//! Read in this order: [`books`] (what it remembers), `kingdee` and `yonyou` (what they answer),
//! `control` (how they are made to misbehave), `pages` (what people see).

#![warn(missing_docs)]

mod answering;
pub mod books;
mod catalogue;
mod control;
mod kingdee;
mod numbers;
mod pages;
mod world;
mod yonyou;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use erp::{Contract, System};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use books::{Held, HeldLine, Received};
pub use control::{Fault, Misbehaviour};
use world::World;

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It can not listen.
    #[error("the simulator can not listen")]
    Listen(#[from] std::io::Error),
}

/// A simulator that runs.
#[derive(Clone)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
}

impl Simulator {
    /// Starts one that listens there until the token is cancelled; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(listen: SocketAddr, stop: CancellationToken) -> Result<Self, StartError> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(World::new(format!("http://{address}")));
        let router = router(Arc::clone(&world));
        tokio::spawn(async move {
            // Answers that are slow would keep it from ending, so it does not wait for them.
            tokio::select! {
                ended = axum::serve(listener, router) => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "the simulator of books ended");
                    }
                }
                () = stop.cancelled() => {}
            }
        });
        Ok(Self { address, world })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How others reach it, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.world.base
    }

    /// The contract of its books with a system, for a client.
    pub fn contract(&self, system: System) -> Contract {
        self.world.accounts.contract(system, &self.world.base)
    }

    /// From now on it misbehaves like this; the default is not at all.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        *self.world.manners() = misbehaviour;
    }

    /// How it misbehaves now: faults that have happened are not in it any more.
    pub fn misbehaviour(&self) -> Misbehaviour {
        self.world.manners().clone()
    }

    /// Everything that arrived.
    pub fn received(&self) -> Received {
        self.world.books().received.clone()
    }

    /// How much of a product is in a warehouse.
    pub fn on_hand(&self, warehouse: &str, product: &str) -> i64 {
        self.world.books().on_hand(warehouse, product)
    }

    /// Lets a person there take a document back, as one who rejects it does.
    pub fn take_over(&self, number: &str) {
        self.world.books().take_over(number);
    }

    /// Ends all sessions and tokens.
    pub fn expire(&self) {
        self.world.books().expire();
    }

    /// Waits until nothing is being done any more, also for callers who have gone.
    pub async fn idle(&self) {
        while self.world.is_busy() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/k3cloud/{service}", post(kingdee::answer))
        .route("/iuap-api-auth/{*path}", get(yonyou::token))
        .route("/iuap-api-gateway/{*path}", post(yonyou::answer))
        .route("/", get(pages::list))
        .route("/simulator/misbehave", post(control::set).get(control::get))
        .route("/simulator/contracts", get(control::contracts))
        .route("/simulator/received", get(control::received))
        .with_state(world)
}

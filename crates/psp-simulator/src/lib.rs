//! A simulator of WeChat Pay (API v3) and Alipay (RSA2) as a merchant sees them, for tests and for
//! trials without a contract. No money moves, and nothing of it belongs where any does.
//!
//! It verifies what merchants send, signs what it answers, sends notices until they are
//! acknowledged, and shows a page on which a payment is paid. What goes wrong with real providers
//! goes wrong here on demand: see [`Misbehaviour`].
//!
//! It signs and verifies with another library than `psp` does, and writes its own lines to sign, so
//! that a mistake in one of them is not a mistake in both.
//!
//! Read in this order: [`books`] (what it remembers), `wechat` and `alipay` (what it answers),
//! `notices` (what it sends), `pages` (what people see), `control` (how it is made to misbehave).

#![warn(missing_docs)]

mod alipay;
mod bills;
pub mod books;
mod control;
mod keys;
mod merchants;
mod money;
mod notices;
mod pages;
mod wechat;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};
use chrono::TimeDelta;
use kernel::outbound::{Outbound, Reach, RootsError};
use psp::{Merchant, Provider};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use books::Transactions;
pub use control::Misbehaviour;
pub use keys::KeyError;
use world::World;

/// How a simulator is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How others reach it, when that is not where it listens.
    pub public_url: Option<String>,
    /// How many times faster time passes between notices, and until a refund is done.
    pub hasten: u32,
}

impl Settings {
    /// Listening there, with a minute passing in a second.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, public_url: None, hasten: 60 }
    }
}

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It can not listen.
    #[error("the simulator can not listen")]
    Listen(#[from] std::io::Error),
    /// It can not make its keys.
    #[error("the simulator can not make its keys")]
    Keys(#[from] KeyError),
    /// It can not call anybody.
    #[error("the simulator can not send notices")]
    Calls(#[from] RootsError),
}

/// Why a payment was not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// Nobody has presented it.
    #[error("there is no such payment")]
    Unknown,
    /// It was paid before.
    #[error("the payment was paid")]
    Paid,
    /// It was closed, or has expired.
    #[error("the payment is closed")]
    Closed,
}

/// A simulator that runs.
#[derive(Clone)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
}

impl Simulator {
    /// Starts one that listens there until the token is cancelled.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(listen: SocketAddr, stop: CancellationToken) -> Result<Self, StartError> {
        Self::start_with(Settings::new(listen), stop).await
    }

    /// Starts one with more settings.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_with(
        settings: Settings,
        stop: CancellationToken,
    ) -> Result<Self, StartError> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let keys = tokio::task::spawn_blocking(keys::Keys::made).await;
        let keys = keys.map_err(std::io::Error::other)??;
        let base = settings.public_url.unwrap_or_else(|| format!("http://{address}"));
        let base = base.trim_end_matches('/').to_owned();
        let outbound = Outbound::new(Reach::Private, None)?;
        let world = Arc::new(World::new(base, settings.hasten, keys, outbound, stop.clone()));
        let router = router(Arc::clone(&world));
        tokio::spawn(async move {
            // Answers that hang would keep it from ending, so it does not wait for them.
            tokio::select! {
                ended = axum::serve(listener, router) => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "the simulator of payments ended");
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

    /// The contract of its merchant with a provider, for a client.
    pub fn merchant(&self, provider: Provider) -> Merchant {
        self.world.merchants.config(provider, merchants::Whose::Ours, &self.world)
    }

    /// The contract of another merchant with the same provider.
    pub fn another_merchant(&self, provider: Provider) -> Merchant {
        self.world.merchants.config(provider, merchants::Whose::Others, &self.world)
    }

    /// Pays a payment, as somebody who scanned its code would.
    ///
    /// # Errors
    /// See [`PayError`].
    pub fn pay(&self, payment_id: &str) -> Result<(), PayError> {
        let page_id = self.world.books().page_of(payment_id).ok_or(PayError::Unknown)?;
        self.world.pay(&page_id)
    }

    /// Lets a payment have been made, and paid, so much earlier than it was.
    ///
    /// # Errors
    /// [`PayError::Unknown`]
    pub fn age(&self, payment_id: &str, by: TimeDelta) -> Result<(), PayError> {
        if self.world.books().age(payment_id, by) { Ok(()) } else { Err(PayError::Unknown) }
    }

    /// From now on it misbehaves like this; the default is not at all.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        *self.world.manners_mut() = misbehaviour;
    }

    /// How it misbehaves now.
    pub fn misbehaviour(&self) -> Misbehaviour {
        self.world.manners()
    }

    /// All payments, refunds and notices.
    pub fn transactions(&self) -> Transactions {
        self.world.transactions()
    }
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/v3/{*path}", any(wechat::answer))
        .route("/gateway.do", any(alipay::answer))
        .route("/bills/{token}", get(alipay::download))
        .route("/pay/{page_id}", get(pages::show).post(pages::decide))
        .route("/", get(pages::list))
        .route("/simulator/misbehave", post(control::set).get(control::get))
        .route("/simulator/merchants", get(control::merchants))
        .route("/simulator/transactions", get(control::transactions))
        .with_state(world)
}

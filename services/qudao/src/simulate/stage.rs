//! Who acts in a world, and what the system has answered so far.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use anyhow::Context as _;
use proto::common::v1::Receipt;
use serde::Serialize;
use tokio::sync::{Mutex, RwLock};
use tonic::Status;
use world::World;

use super::released::Released;
use crate::client::endpoints::Login;
use crate::client::failure::{self, Failure};
use crate::client::progress::Progress;
use crate::client::{Session, retry};
use crate::stream::log_position;

/// Makes a request of one's own, with an id that follows from what it says and from what it is about, and
/// asks for it until there is an answer: `ask!(stage, finance, CreditServiceClient, set_credit_limit,
/// about, request)`.
macro_rules! ask {
    ($stage:expr, $who:ident, $client:ty, $rpc:ident, $about:expr, $request:expr) => {
        $crate::simulate::stage::ask!(
            $stage, as &$stage.cast.$who, $client, $rpc, $about, $request
        )
    };
    ($stage:expr, as $session:expr, $client:ty, $rpc:ident, $about:expr, $request:expr) => {{
        let (stage, about): (&$crate::simulate::stage::Stage, &str) = ($stage, $about);
        let mut request = $request;
        request.request_id = $crate::import::commands::request_id(&stage.tenant, about, &request);
        let what = concat!(stringify!($rpc), " ");
        let session: &$crate::client::Session = $session;
        let call = async || {
            let mut client = <$client>::new(session.wire());
            Ok(client.$rpc(request.clone()).await?.into_inner().receipt)
        };
        stage.answer(&format!("{what}{about}"), call).await
    }};
}
pub(super) use ask;

/// People of the brand, and the program that dealers order with.
pub(super) struct Cast {
    /// Nobody yet.
    pub(super) session: Session,
    /// That of all people.
    pub(super) password: String,
    pub(super) admin: Session,
    pub(super) director: Session,
    pub(super) finance: Session,
    pub(super) warehouse: Session,
    pub(super) mall: Session,
}

impl Cast {
    /// Signs somebody in; so many at once have to wait for each other.
    pub(super) async fn enter(&self, account: &Login) -> anyhow::Result<Session> {
        enter(&self.session, account).await
    }
}

/// Signs somebody in, and tries again where too many do.
pub(super) async fn enter(session: &Session, account: &Login) -> anyhow::Result<Session> {
    let busy =
        |error: &anyhow::Error| error.downcast_ref::<Status>().is_some_and(retry::is_passing);
    for _ in 0..PATIENCE {
        match session.clone().sign_in(account).await {
            Err(error) if busy(&error) => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
    session.clone().sign_in(account).await
}

/// Why a list does not answer while the system is busy: it is behind what it was asked to wait for.
pub(super) const BEHIND: &[&str] = &["NOT_YET_PROJECTED"];

/// How often somebody tries again.
const PATIENCE: u32 = 40;
/// How long somebody waits who was told that too many sign in.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// A running system in which a world is played.
pub(super) struct Stage {
    pub(super) tenant: String,
    pub(super) cast: Cast,
    pub(super) progress: Progress,
    /// Product ids by their places.
    pub(super) products: Vec<String>,
    /// How long it took until orders stood in the warehouses' list.
    pub(super) released: RefCell<Released>,
    /// Whether it was told now, and not at an earlier play, that there is nothing left of something.
    pub(super) runs_out_now: Cell<bool>,
    /// Owners of dealers by the dealers' ids, once they have signed in.
    owners: Mutex<BTreeMap<String, Session>>,
    /// Held by who makes the providers misbehave, and shared by whom they should not.
    pub(super) manners: RwLock<()>,
    /// Where the longer of the logs ended before, by its name.
    before: [(&'static str, u64); 2],
    tally: RefCell<Tally>,
}

/// What was answered.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Tally {
    /// Commands that were done now.
    pub(super) done: u64,
    /// Those that had been done before.
    pub(super) unchanged: u64,
    /// Those that were refused and should not have been.
    pub(super) refused: u64,
    /// Orders that were refused because there was nothing left of a product, as it had to be.
    pub(super) out_of_stock: u64,
    /// The first of them.
    pub(super) refusals: Vec<Refused>,
    #[serde(skip)]
    position: u64,
}

/// Something that should not have been refused.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refused {
    /// The rpc, and what it was about.
    pub(super) what: String,
    /// What was said.
    pub(super) why: String,
}

impl Stage {
    pub(super) async fn open(
        tenant: String,
        cast: Cast,
        world: &World,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let mut before = [("ORDER", 0), ("PARTNER", 0)];
        for (log, position) in &mut before {
            *position = log_position(&cast.admin, log).await?;
        }
        let position = before[0].1;
        Ok(Self {
            tenant,
            cast,
            progress,
            products: world.goods.products.iter().map(|product| product.id.clone()).collect(),
            released: RefCell::default(),
            runs_out_now: Cell::new(false),
            owners: Mutex::default(),
            manners: RwLock::new(()),
            before,
            tally: RefCell::new(Tally { position, ..Tally::default() }),
        })
    }

    /// How far the log of orders is known to be.
    pub(super) fn position(&self) -> u64 {
        self.tally.borrow().position
    }

    /// Ends it; gives what was answered.
    pub(super) fn end(self) -> Tally {
        self.progress.end();
        self.tally.into_inner()
    }

    /// Whether a command was done now, and not at an earlier play.
    pub(super) fn is_new(&self, receipt: &Receipt) -> bool {
        receipt.position > self.before[0].1
    }

    /// The owner of a dealer, signed in when it is asked for the first time.
    pub(super) async fn owner(&self, dealer_id: &str) -> anyhow::Result<Session> {
        let mut owners = self.owners.lock().await;
        if let Some(owner) = owners.get(dealer_id) {
            return Ok(owner.clone());
        }
        let account = Login {
            tenant: self.tenant.clone(),
            login: super::setup::owner_of(dealer_id),
            password: self.cast.password.clone(),
        };
        let owner = self.cast.enter(&account).await.context("signing a dealer in")?;
        owners.insert(dealer_id.to_owned(), owner.clone());
        Ok(owner)
    }

    /// Asks until there is an answer; nothing where it was refused, or done by another request before.
    /// What would happen to every other command too ends the play.
    pub(super) async fn answer<F>(&self, what: &str, call: F) -> anyhow::Result<Option<Receipt>>
    where
        F: AsyncFnMut() -> Result<Option<Receipt>, Status>,
    {
        match retry::until_answered(&["ACCOUNT_NOT_OPEN"], call).await {
            Ok(receipt) => {
                let receipt = receipt.unwrap_or_default();
                self.note(&receipt, what);
                Ok(Some(receipt))
            }
            Err(status) if retry::ends_all(&status) => {
                self.progress.end();
                Err(anyhow::Error::from(status).context(what.to_owned()))
            }
            Err(status) if failure::already(&status) => {
                self.tally.borrow_mut().unchanged += 1;
                Ok(None)
            }
            Err(status) => {
                self.refused(what, &Failure::of(&status).line());
                Ok(None)
            }
        }
    }

    /// A product by its place.
    pub(super) fn product(&self, place: usize) -> String {
        self.products.get(place).cloned().unwrap_or_default()
    }

    /// An order was refused, as it had to be.
    pub(super) fn out_of_stock(&self) {
        self.tally.borrow_mut().out_of_stock += 1;
    }

    /// Something is not as it has to be.
    pub(super) fn refused(&self, what: &str, why: &str) {
        let [what, why] = [what, why].map(str::to_owned);
        let mut tally = self.tally.borrow_mut();
        tally.refused += 1;
        if tally.refusals.len() < 100 {
            tally.refusals.push(Refused { what, why });
        }
    }

    /// Partners have a log of their own.
    fn note(&self, receipt: &Receipt, what: &str) {
        let of_partners = super::setup::OF_PARTNERS.iter().any(|rpc| what.starts_with(rpc));
        let mut tally = self.tally.borrow_mut();
        if receipt.position > self.before[usize::from(of_partners)].1 {
            tally.done += 1;
        } else {
            tally.unchanged += 1;
        }
        if !of_partners {
            tally.position = tally.position.max(receipt.position);
        }
    }
}

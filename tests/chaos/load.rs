//! Load as careful clients make it: a request that was not answered is repeated with the same
//! request id until it is, and what was acknowledged is remembered outside the system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proto::order::v1::SubmitOrderRequest;
use proto::order::v1::order_service_client::OrderServiceClient;
use tokio::task::JoinHandle;
use tonic::{Code, Status};

use crate::support::shop::order_of;
use crate::support::system::User;

/// Longest time that one request is repeated for.
const PATIENCE: Duration = Duration::from_secs(90);
/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);
/// Of so many acknowledged requests one is sent again, to see that the answer stays the same.
const REPEATED: u64 = 8;
/// A try that never left the client.
const NOT_SENT: &str = "not sent";

/// A request that was answered with a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub request_id: String,
    pub object_id: String,
    pub position: u64,
}

/// What the clients know.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    pub(super) acknowledged: Vec<Acknowledged>,
    /// Requests that were not answered at their first try.
    pub(super) unfinished: usize,
    /// Acknowledged requests that were sent again and got the same receipt.
    pub(super) repeated: usize,
    /// Tries that failed, by code.
    pub(super) failures: BTreeMap<String, usize>,
    /// What the last failure of each code said.
    pub(super) said: BTreeMap<String, String>,
}

impl Book {
    pub(super) fn positions(&self) -> BTreeSet<u64> {
        self.acknowledged.iter().map(|one| one.position).collect()
    }

    /// A call that was sent and failed as anything but UNAVAILABLE is a violation.
    pub(super) fn must_be_unavailable(&self) {
        let fine = ["UNAVAILABLE", NOT_SENT];
        let others: Vec<_> =
            self.said.iter().filter(|(code, _)| !fine.contains(&code.as_str())).collect();
        assert!(others.is_empty(), "calls failed as {:?}: {others:?}", self.failures);
    }
}

/// Clients that submit orders until they are told to stop.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    book: Arc<Mutex<Book>>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many clients; each asks one of the users' processes, in turn.
    pub(super) fn start(users: &[User], callers: usize) -> Self {
        static LOADS: AtomicU64 = AtomicU64::new(0);
        let load = LOADS.fetch_add(1, Ordering::Relaxed);
        let (stop, book) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Book>>::default());
        let callers = (0..callers).map(|caller| {
            let user = users[caller % users.len()].clone();
            let (stop, book) = (stop.clone(), book.clone());
            tokio::spawn(async move {
                let mut number = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    let order = format!("L{load}-{caller}-{number}");
                    one(&user, &book, order_of(&order, 1), number.is_multiple_of(REPEATED)).await;
                }
            })
        });
        Self { stop: stop.clone(), book: book.clone(), callers: callers.collect() }
    }

    /// What the clients know so far.
    pub(super) fn so_far(&self) -> Book {
        self.book.lock().unwrap().clone()
    }

    /// How many receipts there are.
    pub(super) fn count(&self) -> usize {
        self.book.lock().unwrap().acknowledged.len()
    }

    /// Waits for so many receipts more.
    pub(super) async fn goes_on(&self, receipts: usize, limit: Duration) {
        let (goal, started) = (self.count() + receipts, Instant::now());
        while self.count() < goal {
            assert!(started.elapsed() < limit, "no {receipts} receipts within {limit:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Begins no more requests, and waits until each that was begun is answered.
    pub(super) async fn finish(self) -> Book {
        self.stop.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await.expect("every request is answered in the end");
        }
        std::mem::take(&mut self.book.lock().unwrap())
    }
}

async fn one(user: &User, book: &Mutex<Book>, request: SubmitOrderRequest, repeat: bool) {
    let first = answered(user, book, &request).await;
    {
        let mut book = book.lock().unwrap();
        book.acknowledged.push(first.clone());
    }
    if repeat {
        let again = answered(user, book, &request).await;
        assert_eq!(again, first, "a repeated request got another answer");
        book.lock().unwrap().repeated += 1;
    }
}

/// Repeats a request until it is answered.
async fn answered(user: &User, book: &Mutex<Book>, request: &SubmitOrderRequest) -> Acknowledged {
    let mut orders = OrderServiceClient::new(user.channel.clone());
    let (started, mut failed) = (Instant::now(), false);
    loop {
        let status = match orders.submit_order(user.says(request.clone())).await {
            Ok(answer) => {
                let receipt = answer.into_inner().receipt.unwrap();
                return Acknowledged {
                    request_id: request.request_id.clone(),
                    object_id: receipt.object_id,
                    position: receipt.position,
                };
            }
            Err(status) => status,
        };
        assert!(passes(&status), "{} was refused: {status:?}", request.order_id);
        assert!(started.elapsed() < PATIENCE, "{} has no answer: {status:?}", request.order_id);
        {
            let mut book = book.lock().unwrap();
            let code = named(&status);
            *book.failures.entry(code.clone()).or_default() += 1;
            book.said.insert(code, format!("{status:?}"));
            book.unfinished += usize::from(!failed);
        }
        failed = true;
        tokio::time::sleep(PAUSE).await;
    }
}

/// The code of a failed try. One whose connection closed before it was sent has none of the
/// server's: this client calls it cancelled.
fn named(status: &Status) -> String {
    let said = format!("{status:?}");
    match said.contains("hyper::Error(Canceled") || went_away(status) {
        true => NOT_SENT.to_owned(),
        false => format!("{:?}", status.code()).to_uppercase(),
    }
}

/// Whether the call came to a connection that its server was ending in order: HTTP/2 says of it
/// that it was not looked at (RFC 9113, 6.8). This client makes `INTERNAL` of that.
fn went_away(status: &Status) -> bool {
    status.code() == Code::Internal && format!("{status:?}").contains("NO_ERROR, Remote")
}

/// Whether the same request may well be answered soon. `UNKNOWN` and `CANCELLED` are what this
/// client makes of a connection that ended under the call.
pub(super) fn passes(status: &Status) -> bool {
    let code = matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded
    );
    code || went_away(status)
}

/// A stored event that submitted an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub position: u64,
    pub object_id: String,
    pub request_id: String,
}

/// What is wrong: an acknowledged request that is not stored, or elsewhere; a request or an order
/// that is stored twice.
pub fn wrong(acknowledged: &[Acknowledged], stored: &[Stored]) -> Vec<String> {
    let mut by_request: BTreeMap<&str, &Stored> = BTreeMap::new();
    let mut orders = BTreeSet::new();
    let mut wrong = Vec::new();
    for one in stored {
        if by_request.insert(&one.request_id, one).is_some() {
            wrong.push(format!("request {} was carried out twice", one.request_id));
        }
        if !orders.insert(&one.object_id) {
            wrong.push(format!("order {} was submitted twice", one.object_id));
        }
    }
    for one in acknowledged {
        match by_request.get(one.request_id.as_str()) {
            None => wrong.push(format!("{} was acknowledged and is not stored", one.object_id)),
            Some(there) if (there.position, &there.object_id) != (one.position, &one.object_id) => {
                wrong.push(format!("{} is not where its receipt says", one.object_id));
            }
            Some(_) => (),
        }
    }
    wrong
}

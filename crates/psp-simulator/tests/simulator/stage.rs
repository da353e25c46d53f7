//! A simulator that runs, and a receiver of its notices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::post;
use chrono::TimeDelta;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};
use kernel::clock;
use kernel::outbound::{Outbound, Reach};
use psp::{
    Charge, Client, Merchant, Notice, NoticeError, Provider, Refund, Scene, acknowledgement,
};
use psp_simulator::{Settings, Simulator};
use tokio_util::sync::{CancellationToken, DropGuard};
use values::Minor;

/// Both.
pub(super) const PROVIDERS: [Provider; 2] = [Provider::WechatPay, Provider::Alipay];
const PATIENCE: Duration = Duration::from_secs(20);

/// What came, and how it is answered.
#[derive(Clone, Default)]
struct Desk {
    came: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    is_refusing: Arc<AtomicBool>,
}

pub(super) struct Stage {
    pub(super) simulator: Simulator,
    desk: Desk,
    receiver: String,
    _stop: DropGuard,
}

pub(super) fn outbound() -> Outbound {
    Outbound::new(Reach::Private, None).expect("roots")
}

impl Stage {
    /// One on which a quarter of an hour passes in a second.
    pub(super) async fn start() -> Self {
        let stop = CancellationToken::new();
        let listen = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings { hasten: 900, ..Settings::new(listen) };
        let simulator = Simulator::start_with(settings, stop.clone()).await.expect("it starts");
        let desk = Desk::default();
        let router = Router::new().route("/{provider}", post(take)).with_state(desk.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let receiver = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { simulator, desk, receiver, _stop: stop.drop_guard() }
    }

    pub(super) fn client(&self, provider: Provider) -> Client {
        self.client_of(self.simulator.merchant(provider))
    }

    pub(super) fn client_of(&self, merchant: Merchant) -> Client {
        Client::new(merchant, outbound()).expect("a client")
    }

    pub(super) fn charge(&self, provider: Provider, payment_id: &str) -> Charge {
        Charge {
            payment_id: payment_id.to_owned(),
            amount: Minor(8888),
            subject: "订单 SO/1=2 & 更多".to_owned(),
            // Providers write whole seconds.
            expires_at: clock::now() + TimeDelta::minutes(30),
            notify_url: format!("{}/{provider}", self.receiver),
            scene: Scene::Code,
        }
    }

    pub(super) fn refund(&self, provider: Provider, refund_id: &str, amount: i64) -> Refund {
        Refund {
            refund_id: refund_id.to_owned(),
            payment_id: "PAY000001".to_owned(),
            amount: Minor(amount),
            of: Minor(8888),
            reason: "缺货".to_owned(),
            notify_url: format!("{}/{provider}", self.receiver),
        }
    }

    /// One that was presented and paid.
    pub(super) async fn paid(&self, provider: Provider) -> Client {
        let client = self.client(provider);
        client.present(&self.charge(provider, "PAY000001")).await.expect("presented");
        self.simulator.pay("PAY000001").expect("paid");
        client
    }

    /// Answers notices so that they come again, or not.
    pub(super) fn refuse(&self, is_refusing: bool) {
        self.desk.is_refusing.store(is_refusing, Ordering::SeqCst);
    }

    /// How many notices came.
    pub(super) fn count(&self) -> usize {
        self.desk.came.lock().expect("the desk").len()
    }

    /// What came, once it is so many, as a client reads it.
    pub(super) async fn read(
        &self,
        client: &Client,
        many: usize,
    ) -> Vec<Result<Notice, NoticeError>> {
        until("notices", || self.count() >= many).await;
        let came = self.desk.came.lock().expect("the desk").clone();
        let read =
            |(headers, body): &(HeaderMap, Bytes)| client.read_notice(headers, body, clock::now());
        came.iter().map(read).collect()
    }

    /// Asks the simulator itself.
    pub(super) async fn ask(&self, method: Method, path: &str, body: &str) -> Response<Vec<u8>> {
        let address = match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}{path}", self.simulator.base_url()),
        };
        let kind = match body.starts_with('{') {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        let request = Request::builder().method(method).uri(address).header(CONTENT_TYPE, kind);
        let request = request.body(body.as_bytes().to_vec()).expect("a request");
        outbound().ask(request).await.expect("an answer")
    }
}

/// Waits for it.
pub(super) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waited = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| panic!("no {what}"));
}

async fn take(
    State(desk): State<Desk>,
    Path(provider): Path<Provider>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    desk.came.lock().expect("the desk").push((headers, body));
    let is_refusing = desk.is_refusing.load(Ordering::SeqCst);
    let (status, kind, text) = acknowledgement(provider, !is_refusing);
    (status, [(CONTENT_TYPE, kind)], text)
}

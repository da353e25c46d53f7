//! A web service that gets webhooks: keeps what came, and answers as it is told.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use kernel::signed::{self, NotGenuine, Received, Secret};
use serde_json::Value;
use tokio::net::TcpListener;

/// What came in one call.
#[derive(Clone, Debug)]
pub struct Message {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Message {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The id, the same for each attempt.
    pub fn id(&self) -> &str {
        self.header(signed::ID)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// For example `order.OrderSubmitted`.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether one of the secrets has signed it.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn verify(&self, secret: &str, now: DateTime<Utc>) -> Result<(), NotGenuine> {
        let received = Received {
            id: self.id(),
            timestamp: self.header(signed::TIMESTAMP),
            signature: self.header(signed::SIGNATURE),
        };
        signed::verify(&[Secret::parse(secret).unwrap()], received, self.body.as_bytes(), now)
    }
}

/// How it answers.
#[derive(Clone, Debug)]
pub struct Answers {
    pub status: u16,
    pub header: Option<(&'static str, String)>,
    pub body: String,
    pub after: Duration,
}

impl Answers {
    pub fn with(status: u16) -> Self {
        Self { status, header: None, body: "noted".to_owned(), after: Duration::ZERO }
    }
}

#[derive(Default)]
struct Kept {
    came: Vec<Message>,
    answers: Option<Answers>,
}

/// A running web service; it ends with the test.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let router = Router::new().fallback(take).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, kept }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// From now on it answers like this.
    pub fn answers(&self, answers: Answers) {
        self.kept.lock().unwrap().answers = Some(answers);
    }

    /// All that came.
    pub fn came(&self) -> Vec<Message> {
        self.kept.lock().unwrap().came.clone()
    }

    /// All that came of one type.
    pub fn of(&self, kind: &str) -> Vec<Message> {
        self.came().into_iter().filter(|message| message.kind() == kind).collect()
    }

    /// Waits until so many of a type came.
    pub async fn has(&self, kind: &str, count: usize) -> Vec<Message> {
        for _ in 0..1_500 {
            let found = self.of(kind);
            if found.len() >= count {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {kind} came, not {count}", self.of(kind).len());
    }
}

async fn take(
    State(kept): State<Arc<Mutex<Kept>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answers = {
        let mut kept = kept.lock().unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        kept.came.push(Message { path: uri.path().to_owned(), headers, body });
        kept.answers.clone().unwrap_or_else(|| Answers::with(200))
    };
    tokio::time::sleep(answers.after).await;
    let status = StatusCode::from_u16(answers.status).unwrap();
    let mut response = (status, answers.body).into_response();
    if let Some((name, value)) = answers.header {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

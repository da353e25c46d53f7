//! S12: endpoints that lead inside, and messages that are not what they say.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::clock;
use kernel::outbound::{Outbound, Reach, Resolve, Resolving};
use kernel::signed::{self, Received, Secret};
use proto::access::v1::Role;
use proto::partner::v1 as partner;
use proto::partner::v1::identity_provider_service_client::IdentityProviderServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tonic::Code;

use super::row::{Found, Row, Run};
use super::seeds::sow;
use super::stage::{Stage, caller};
use crate::support::shop::reason;
use crate::support::system::{User, id};
use crate::support::webhooks::{endpoints, register, registration, remove, sent};

pub(super) static S12: Row = Row {
    id: "S12",
    attack: "webhooks and identity providers on this machine, private networks, metadata of clouds and addresses in \
             disguise, written in every way, by names that lead there, at once or at the second \
             look, by redirects, and by rows that somebody has changed; messages with a wrong \
             signature, an old time, or that come twice",
    passes: "no connection is made; no message is believed, and one that comes twice has one effect",
    control: "`s12_notices_a_process_that_calls_anybody`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// Hosts that lead inside, as they can be written in an address.
const INSIDE: [&str; 26] = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "0",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "１２７。０。０。１",
    "localhost",
    "LocalHost.",
    "a.localhost",
    "qudao.internal",
    "postgres",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
];

/// Addresses that a name may lead to.
const LED_TO: [&str; 8] = [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "100.100.100.200",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "fe80::1",
];

/// A listener that counts who comes, and sends them on to another address.
async fn trap(onward: &str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let told = came.clone();
    let answer = format!("HTTP/1.1 307 Go\r\nlocation: {onward}\r\ncontent-length: 0\r\n\r\n");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            told.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 2_048];
            let read = stream.read(&mut request).await;
            if read.is_ok() {
                // Who came may have gone.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    (port, came)
}

async fn attack(stage: &Stage, _: Run) -> Found {
    let mut found = Found::default();
    let seeds = sow(stage, "aaa", 1).await;
    let who = caller(&seeds.tenant, &[Role::HqAdmin], None);
    let admin = User { channel: stage.channel(), token: stage.token(&who) };
    let (port, came) = trap("http://127.0.0.1:1/").await;
    named(&admin, port, &mut found).await;
    asked(&admin, port, &mut found).await;
    changed(stage, &admin, (port, &came), &mut found).await;
    led(&mut found, (port, &came)).await;
    redirected(&mut found).await;
    messages(&mut found);
    twice(&admin, &mut found).await;
    let connections = came.load(Ordering::SeqCst);
    let none = if connections == 0 { Ok(()) } else { Err(format!("{connections} connections")) };
    found.attempt(None, none);
    found.figure("connections", connections);
    found
}

/// Every way to write a host that leads inside, at the port of the trap and at usual ones.
async fn named(admin: &User, port: u16, found: &mut Found) {
    for host in INSIDE {
        for url in [
            format!("https://{host}/"),
            format!("https://{host}:8443/latest/meta-data/"),
            format!("http://{host}:{port}/"),
            format!("https://hooks.example.com@{host}/"),
        ] {
            let request = admin.says(registration(&url, &["*"]));
            let came = match endpoints(admin).register_webhook(request).await {
                Err(no) if no.code() == Code::InvalidArgument => Ok(()),
                Err(no) => Err(format!("{url}: {no:?}")),
                Ok(answer) => {
                    // A brand has only so many, and the next address is tried too.
                    let receipt = answer.into_inner().receipt.unwrap();
                    remove(admin, &receipt.object_id).await;
                    Err(format!("{url} was registered"))
                }
            };
            found.attempt(Some("RegisterWebhook"), came);
        }
    }
}

/// The same hosts as identity providers, which are asked at once.
async fn asked(admin: &User, port: u16, found: &mut Found) {
    let mut client = IdentityProviderServiceClient::new(admin.channel.clone());
    for host in INSIDE {
        for issuer in [format!("https://{host}"), format!("http://{host}:{port}")] {
            let request = partner::ConfigureIdentityProviderRequest {
                request_id: id(),
                issuer: issuer.clone(),
                client_id: "qudao".to_owned(),
                label: "SSO".to_owned(),
                redirect_uri: "https://app.example.com/sign-in/back".to_owned(),
                ..Default::default()
            };
            let request = admin.says(request);
            let came = match client.configure_identity_provider(request).await {
                Err(no) if no.code() == Code::InvalidArgument => Ok(()),
                Err(no) if reason(&no) == "PROVIDER_ADDRESS" => Ok(()),
                other => Err(format!("{issuer}: {other:?}")),
            };
            let wrong = came.is_err();
            found.attempt(Some("ConfigureIdentityProvider"), came);
            if wrong {
                // Whoever asks one asks all, and waits for each that does not answer.
                return;
            }
        }
    }
}

/// Where somebody got past the rules of registration, sending looks once more.
async fn changed(
    stage: &Stage,
    admin: &User,
    (port, came): (u16, &AtomicUsize),
    found: &mut Found,
) {
    let (endpoint, _) = register(admin, "https://hooks.example.invalid/", &["partner.*"]).await;
    let pool = PgPool::connect(&stage.system().servers.postgres_url()).await.unwrap();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        "https://[::ffff:127.0.0.1]/".to_owned(),
    ] {
        let before = came.load(Ordering::SeqCst);
        crate::support::webhooks::list(admin, endpoint.position).await;
        let change = "UPDATE webhooks.webhook_endpoints SET url = $1 WHERE endpoint_id = $2";
        sqlx::query(change).bind(&url).bind(&endpoint.object_id).execute(&pool).await.unwrap();
        let test = proto::webhook::v1::SendTestEventRequest {
            request_id: id(),
            endpoint_id: endpoint.object_id.clone(),
        };
        let mut client = crate::support::webhooks::deliveries(admin);
        client.send_test_event(admin.says(test.clone())).await.unwrap();
        let tried = crate::support::webhooks::until(admin, &endpoint.object_id, |all| {
            all.iter().any(|it| it.event_id == test.request_id && it.attempts > 0)
        });
        let tried = tried.await;
        let told = tried.iter().find(|it| it.event_id == test.request_id).unwrap();
        let error = told.last_error.clone();
        let reached = came.load(Ordering::SeqCst) > before;
        let came = match (error.as_str(), reached) {
            ("address", false) => Ok(()),
            (error, reached) => Err(format!("{url}: {error:?}, reached: {reached}")),
        };
        found.attempt(Some("SendTestEvent"), came);
        // One that fails is given one at a time.
        let well = "UPDATE webhooks.webhook_endpoints SET failing_since = NULL";
        sqlx::query(well).execute(&pool).await.unwrap();
    }
    assert!(!sent(admin, &endpoint.object_id).await.is_empty());
}

/// Names that lead inside, each look-up to another address.
struct Names(Mutex<Vec<IpAddr>>);

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        let mut left = self.0.lock().unwrap();
        let address = if left.len() > 1 { left.remove(0) } else { left[0] };
        Box::pin(std::future::ready(Ok(vec![address])))
    }
}

fn names(addresses: &[&str]) -> Arc<Names> {
    let parsed = addresses.iter().map(|it| it.parse().unwrap()).collect();
    Arc::new(Names(Mutex::new(parsed)))
}

/// Names that lead inside at once, and names that do at the second look: nobody looks twice.
async fn led(found: &mut Found, (port, came): (u16, &AtomicUsize)) {
    let public = || Outbound::new(Reach::Public, None).unwrap().within(Duration::from_millis(300));
    for address in LED_TO {
        let outbound = public().resolving_by(names(&[address]));
        let called = outbound.post("https://hooks.example.com/", Vec::new(), String::new()).await;
        let came = match called {
            Err(no) if no.kind() == "address" => Ok(()),
            other => Err(format!("a name that leads to {address}: {other:?}")),
        };
        found.attempt(None, came);
    }
    // Open to everybody, if anybody had it; nobody is asked for a second address.
    let rebinding = names(&["2000::1", "127.0.0.1"]);
    let outbound = public().resolving_by(rebinding.clone());
    let called = outbound.post("https://hooks.example.com/", Vec::new(), String::new()).await;
    let left = rebinding.0.lock().unwrap().len();
    let once = called.is_err() && left == 1;
    let told = format!("asked again: {called:?}");
    found.attempt(None, if once { Ok(()) } else { Err(told) });
    // The trap would notice: without the wall the same name gets there.
    let before = came.load(Ordering::SeqCst);
    let anywhere = Outbound::new(Reach::Private, None).unwrap().resolving_by(names(&["127.0.0.1"]));
    let url = format!("http://hooks.example.com:{port}/");
    anywhere.post(&url, Vec::new(), String::new()).await.unwrap();
    let noticed = came.swap(before, Ordering::SeqCst) == before + 1;
    found.attempt(None, if noticed { Ok(()) } else { Err("the trap is blind".to_owned()) });
}

/// An endpoint that sends its callers on: they stay where they are.
async fn redirected(found: &mut Found) {
    let (inner, reached) = trap("http://127.0.0.1:1/").await;
    let (port, _) = trap(&format!("http://127.0.0.1:{inner}/")).await;
    let outbound = Outbound::new(Reach::Private, None).unwrap();
    let url = format!("http://127.0.0.1:{port}/");
    let answer = outbound.post(&url, Vec::new(), String::new()).await;
    let status = answer.map(|answer| answer.status);
    let stayed = reached.load(Ordering::SeqCst) == 0 && matches!(status, Ok(307));
    found.attempt(None, if stayed { Ok(()) } else { Err(format!("sent on: {status:?}")) });
}

/// Messages of others that are not what they say.
fn messages(found: &mut Found) {
    let (secret, now) = (Secret::generate(), clock::now());
    let (body, at) = (r#"{"type":"payment.Paid"}"#, |seconds| now + TimeDelta::seconds(seconds));
    let signed = |secret: &Secret, at: DateTime<Utc>| {
        signed::sign(std::slice::from_ref(secret), "m", at, body)
    };
    let other = Secret::generate();
    let cases = [
        (signed(&secret, now), now, body, true),
        (signed(&other, now), now, body, false),
        (signed(&secret, now), at(1), body, false),
        (signed(&secret, now), now, r#"{"type":"payment.Paid" }"#, false),
        (signed(&secret, at(-301)), at(-301), body, false),
        (signed(&secret, at(301)), at(301), body, false),
        (String::new(), now, body, false),
        ("v1,".to_owned(), now, body, false),
        (signed(&secret, now).replace("v1,", "v0,"), now, body, false),
    ];
    for (signature, at, body, good) in cases {
        let timestamp = at.timestamp().to_string();
        let received = Received { id: "m", timestamp: &timestamp, signature: &signature };
        let came = signed::verify(std::slice::from_ref(&secret), received, body.as_bytes(), now);
        let as_should = came.is_ok() == good;
        let told = format!("{received:?}: {came:?}");
        found.attempt(None, if as_should { Ok(()) } else { Err(told) });
    }
}

/// A message that comes twice asks for one thing, under a request id of its own.
async fn twice(admin: &User, found: &mut Found) {
    let request = || partner::AddRegionRequest {
        request_id: signed::request_id("pay", "m").to_string(),
        region_id: "by-webhook".to_owned(),
        name: "一次".to_owned(),
        parent_id: "root".to_owned(),
        ..Default::default()
    };
    let mut regions = RegionServiceClient::new(admin.channel.clone());
    let first = regions.add_region(admin.says(request())).await.unwrap().into_inner();
    let second = regions.add_region(admin.says(request())).await;
    let same = second.is_ok_and(|answer| answer.into_inner() == first);
    let told = "a message that came twice had two effects".to_owned();
    found.attempt(Some("AddRegion"), if same { Ok(()) } else { Err(told) });
}

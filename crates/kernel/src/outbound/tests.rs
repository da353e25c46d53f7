//! Calls against listeners of this machine, and names that lead where nobody may go.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A listener that counts who comes, reads what they ask, and answers with a text.
async fn listener(answer: &'static str) -> (u16, Arc<AtomicUsize>, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let (came, said) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
    let (counter, heard) = (came.clone(), said.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut bytes = vec![0; 4_096];
            let length = stream.read(&mut bytes).await.unwrap_or_default();
            *heard.lock().expect("the lock") =
                String::from_utf8_lossy(&bytes[..length]).into_owned();
            // Who asks may have gone.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, came, said)
}

/// Names that lead to one address after the other.
struct Rebinding(Mutex<Vec<&'static str>>);

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        let mut addresses = self.0.lock().expect("the lock");
        let next = if addresses.len() > 1 { addresses.remove(0) } else { addresses[0] };
        let found = next.split(' ').map(|one| one.parse().expect("an address")).collect();
        Box::pin(std::future::ready(Ok(found)))
    }
}

fn outbound(reach: Reach, addresses: &[&'static str]) -> Outbound {
    let outbound = Outbound::new(reach, None).expect("roots");
    let rebinding = Rebinding(Mutex::new(addresses.to_vec()));
    outbound.resolving_by(Arc::new(rebinding)).within(Duration::from_millis(400))
}

#[tokio::test]
async fn an_answer_is_told_and_a_redirect_is_not_followed() {
    let (inner, came, _) = listener("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inner}/\r\nretry-after: 7\r\n\
         content-length: 4\r\n\r\nthere"
    );
    let (port, _, said) = listener(Box::leak(redirect.into_boxed_str())).await;
    let outbound = Outbound::new(Reach::Private, None).expect("roots");
    let header = (HeaderName::from_static("webhook-id"), HeaderValue::from_static("m"));
    let address = format!("http://127.0.0.1:{port}/hooks?a=b");
    let answer = outbound.post(&address, vec![header], "{}".to_owned()).await.expect("an answer");
    let retry_after = Some(Duration::from_secs(7));
    assert_eq!(answer, Answer { status: 302, retry_after, body: "ther".to_owned() });
    let said = said.lock().expect("the lock").clone();
    assert!(said.starts_with("POST /hooks?a=b HTTP/1.1\r\n"), "{said}");
    assert!(said.contains(&format!("host: 127.0.0.1:{port}\r\n")), "{said}");
    assert!(said.contains("webhook-id: m\r\n") && said.ends_with("{}"), "{said}");
    assert_eq!(came.load(Ordering::SeqCst), 0, "the redirect was not followed");
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_and_one_that_never_comes_does_not_matter() {
    let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n{}", "x".repeat(60_000));
    let (port, _, _) = listener(Box::leak(long.into_boxed_str())).await;
    let outbound = Outbound::new(Reach::Private, None).expect("roots");
    let address = format!("http://127.0.0.1:{port}/");
    let answer = outbound.post(&address, Vec::new(), "{}".to_owned()).await.expect("an answer");
    assert_eq!((answer.status, answer.body.len()), (200, ANSWER));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let (port, came, _) = listener("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for addresses in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        // One good address does not make the others good.
        "93.184.215.14 127.0.0.1",
    ] {
        let outbound = outbound(Reach::Public, &[addresses]);
        let called = outbound.post("https://hooks.example.com/", Vec::new(), String::new()).await;
        let error = called.expect_err(addresses);
        assert!(matches!(error, CallError::Address { .. }), "{addresses}: {error}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
    // Without the wall the same call gets there.
    let outbound = outbound(Reach::Private, &["127.0.0.1"]);
    let address = format!("http://hooks.example.com:{port}/");
    outbound.post(&address, Vec::new(), String::new()).await.expect("an answer");
    assert_eq!(came.load(Ordering::SeqCst), 1, "the listener would have noticed");
}

#[tokio::test]
async fn a_name_is_resolved_once_for_a_call() {
    // Open to everybody when it is looked at, and this machine when it is looked up again.
    let names = Arc::new(Rebinding(Mutex::new(vec!["2000::1", "127.0.0.1"])));
    let outbound = Outbound::new(Reach::Public, None).expect("roots");
    let outbound = outbound.resolving_by(names.clone()).within(Duration::from_millis(400));
    let called = outbound.post("https://hooks.example.com/", Vec::new(), String::new()).await;
    // Nobody has such an address, but that is where it went.
    let error = called.expect_err("nobody");
    assert!(matches!(error, CallError::TimeOut(_) | CallError::Connect(..)), "{error}");
    assert_eq!(*names.0.lock().expect("the lock"), ["127.0.0.1"], "asked once");
}

/// A web service by TLS, for one call at a time.
async fn secure_listener(name: &str) -> (u16, String) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("a certificate");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a pair");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut bytes = vec![0; 4_096];
            let _ = stream.read(&mut bytes).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    (port, certificate.pem())
}

#[tokio::test]
async fn who_is_called_shows_that_it_is_the_one_named() {
    let (port, authority) = secure_listener("hooks.example.com").await;
    let names = || Arc::new(Rebinding(Mutex::new(vec!["127.0.0.1"])));
    let outbound = Outbound::new(Reach::Private, Some(authority.as_bytes())).expect("roots");
    let outbound = outbound.resolving_by(names());
    let call = |name: &str| format!("https://{name}:{port}/");
    let answer = outbound.post(&call("hooks.example.com"), Vec::new(), "{}".to_owned()).await;
    assert_eq!(answer.expect("an answer").status, 204);
    let other = outbound.post(&call("other.example.com"), Vec::new(), "{}".to_owned()).await;
    assert_eq!(other.expect_err("another name").kind(), "tls");
    let without = Outbound::new(Reach::Private, None).expect("roots").resolving_by(names());
    let stranger = without.post(&call("hooks.example.com"), Vec::new(), "{}".to_owned()).await;
    assert_eq!(stranger.expect_err("an unknown authority").kind(), "tls");
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("its address"));
    let outbound = Outbound::new(Reach::Private, None).expect("roots");
    let outbound = outbound.within(Duration::from_millis(200));
    let error = outbound.post(&address, Vec::new(), String::new()).await.expect_err("silence");
    assert_eq!(error.kind(), "timeout");
}

/// What a request that is asked looks like.
fn asking(port: u16) -> Request<Vec<u8>> {
    let request = Request::get(format!("http://127.0.0.1:{port}/keys?a=b"));
    request.header("accept", "application/json").body(Vec::new()).expect("a request")
}

#[tokio::test]
async fn an_answer_that_is_asked_for_comes_whole_or_not_at_all() {
    let answer = |bytes: usize| {
        let head = format!("HTTP/1.1 404 Not Found\r\ncontent-length: {bytes}\r\n\r\n");
        Box::leak((head + &"x".repeat(bytes)).into_boxed_str())
    };
    let outbound = Outbound::new(Reach::Private, None).expect("roots");
    let (port, _, said) = listener(answer(WHOLE)).await;
    let whole = outbound.ask(asking(port)).await.expect("an answer");
    assert_eq!((whole.status().as_u16(), whole.body().len()), (404, WHOLE));
    let said = said.lock().expect("the lock").clone();
    assert!(said.starts_with("GET /keys?a=b HTTP/1.1\r\n"), "{said}");
    assert!(said.contains(&format!("host: 127.0.0.1:{port}\r\n")), "{said}");
    assert!(said.contains("accept: application/json\r\n"), "{said}");
    let (port, ..) = listener(answer(WHOLE + 1)).await;
    let error = outbound.ask(asking(port)).await.expect_err("too long");
    assert!(matches!(error, CallError::TooLong(_)), "{error}");
    // Of an answer that stops in between nothing is taken for all of it.
    let (port, ..) = listener("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let outbound = outbound.within(Duration::from_millis(300));
    let error = outbound.ask(asking(port)).await.expect_err("half an answer");
    assert!(matches!(error, CallError::TimeOut(_) | CallError::Protocol(_)), "{error}");
}

#[tokio::test]
async fn what_is_asked_leads_nowhere_that_may_not_be_called() {
    let (port, came, _) = listener("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let named = |scheme: &str| {
        let request = Request::get(format!("{scheme}://id.example.com:{port}/"));
        request.body(Vec::new()).expect("a request")
    };
    let public = outbound(Reach::Public, &["127.0.0.1"]);
    assert_eq!(public.ask(asking(port)).await.expect_err("this machine").kind(), "address");
    assert_eq!(public.ask(named("https")).await.expect_err("its port").kind(), "address");
    // Without TLS it is this machine or nobody, also when a name leads elsewhere.
    for inside in ["10.0.0.8", "93.184.215.14", "127.0.0.1 10.0.0.8"] {
        let private = outbound(Reach::Private, &[inside]);
        assert_eq!(private.ask(named("http")).await.expect_err(inside).kind(), "address");
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
    outbound(Reach::Private, &["127.0.0.1"]).ask(named("http")).await.expect("this machine");
    assert_eq!(came.load(Ordering::SeqCst), 1, "the listener would have noticed");
}

#[test]
fn private_networks_are_reached_by_tls_and_this_machine_in_any_way() {
    let judged = |text: &str| {
        [Reach::Public, Reach::Private].map(|reach| Target::parse(text, reach).is_ok())
    };
    for text in ["https://id.example.com/a", "https://8.8.8.8/", "https://[2606:4700::1]/"] {
        assert_eq!(judged(text), [true, true], "{text}");
    }
    for text in [
        "https://10.0.0.8:9000/",
        "https://169.254.169.254/latest",
        "https://[fd00::1]/",
        "https://keycloak:8443/",
        "http://127.0.0.1:9000/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost:9000/",
    ] {
        assert_eq!(judged(text), [false, true], "{text}");
    }
    for text in ["http://8.8.8.8/", "http://10.0.0.8/", "/relative", "ftp://example.com/"] {
        assert_eq!(judged(text), [false, false], "{text}");
    }
}

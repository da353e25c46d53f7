//! Roles know each other by certificates, made by the program itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use cluster_tests::support::metrics;
use cluster_tests::support::shop::reason;
use cluster_tests::support::system::executable;
use kernel::auth::Keys;
use kernel::gate::Gate;
use kernel::server::{Server, bind, serve_by};
use kernel::tls::{Files, Listener, caller};
use proto::partner::v1::GetCurrentUserRequest;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tonic::{Code, Status};

fn make(dir: &Path) {
    let made = Command::new(executable()).arg("certs").arg("--dir").arg(dir).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn files(dir: &Path, role: &str) -> Files {
    Files {
        certificate: dir.join(format!("{role}.pem")),
        key: dir.join(format!("{role}.key")),
        authority: Some(dir.join("ca.pem")),
    }
}

/// A gate behind TLS that asks for certificates.
async fn served(dir: &Path) -> (SocketAddr, DropGuard) {
    let keys = Keys::open(&dir.join("signing-key.pem")).unwrap();
    let router = Server::new().unwrap().into_router(
        Gate::new(keys).unwrap(),
        metrics::recorded().clone(),
        Vec::new(),
    );
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tls, stop) = (Listener::open(files(dir, "order")).unwrap(), CancellationToken::new());
    tokio::spawn(serve_by(listener, router, stop.clone(), Some(tls)));
    (address, stop.drop_guard())
}

/// What somebody without a token is told, or that there is no connection.
async fn told(url: String, tls: Option<ClientTlsConfig>) -> Status {
    let endpoint = Endpoint::from_shared(url).unwrap();
    let endpoint = match tls {
        Some(tls) => endpoint.tls_config(tls).unwrap(),
        None => endpoint,
    };
    let mut people = IdentityServiceClient::new(endpoint.connect_lazy());
    people.get_current_user(GetCurrentUserRequest {}).await.unwrap_err()
}

#[tokio::test]
async fn only_who_has_a_certificate_of_the_authority_gets_to_the_gate() {
    let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(own.path());
    make(other.path());
    let (address, _stop) = served(own.path()).await;
    let url = || format!("https://{address}");

    let role = caller(&files(own.path(), "gateway")).unwrap();
    assert_eq!(reason(&told(url(), Some(role)).await), "NOT_SIGNED_IN");

    let authority = std::fs::read(own.path().join("ca.pem")).unwrap();
    let stranger = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authority));
    assert_eq!(reason(&told(url(), Some(stranger)).await), "NOT_CERTIFIED");

    // Somebody's own authority: the certificate is of the right form, and worth nothing here.
    let forger =
        Files { authority: Some(own.path().join("ca.pem")), ..files(other.path(), "gateway") };
    let forged = told(url(), Some(caller(&forger).unwrap())).await;
    let cut = matches!(forged.code(), Code::Unavailable | Code::Unknown);
    assert!(cut && reason(&forged).is_empty(), "no answer of ours: {forged:?}");

    // Whoever believes another authority does not talk to us either.
    let misled = caller(&files(other.path(), "gateway")).unwrap();
    assert_eq!(told(url(), Some(misled)).await.code(), Code::Unavailable);

    assert_ne!(told(format!("http://{address}"), None).await.code(), Code::Ok);
}

/// Else tokens would go over the wire for all to read.
#[test]
fn plain_text_is_not_served_to_other_machines_by_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let started = Command::new(executable())
        .args(["serve", "gateway", "--web-listen", "0.0.0.0:0", "--grpc-listen", "127.0.0.1:0"])
        .arg("--signing-key")
        .arg(dir.path().join("signing-key.pem"))
        .output()
        .unwrap();
    assert!(!started.status.success());
    let told = String::from_utf8_lossy(&started.stderr).into_owned();
    assert!(told.contains("QUDAO_WEB_TLS_CERT"), "{told}");
}

//! Rows of the security suite at a small size, and each of them against a gate without the wall
//! that it is about.

use cluster_tests::security::ROWS;
use cluster_tests::security::requests::{Hints, places, plain, sample_of};
use cluster_tests::security::row::{Row, Run};
use cluster_tests::security::stage::Stage;
use cluster_tests::security::{fakes, file_names, oversized, payments, wire};
use kernel::gate::Wall;
use prost::Message as _;
use proto::check::Findings;
use tokio_util::sync::CancellationToken;

fn row(id: &str) -> &'static Row {
    ROWS.iter().find(|row| row.id == id).expect("the row is listed")
}

async fn holds(id: &str) {
    let row = row(id);
    let stage = Stage::start(row.environment).await;
    let found = (row.run)(&stage, Run::small()).await;
    println!("{id}: {} attempts on {} rpcs, {:?}", found.attempts, found.rpcs.len(), found.figures);
    assert!(found.holds(), "{id}: {} of {}: {:#?}", found.as_should, found.attempts, found.wrong);
}

/// The row must find something where a wall is missing.
async fn notices(id: &str, wall: Wall) {
    let stage = Stage::without(Some(wall)).await;
    let found = (row(id).run)(&stage, Run::small()).await;
    println!("{id} without {wall:?}: {} of {}", found.as_should, found.attempts);
    assert!(found.as_should < found.attempts, "{id} finds nothing wrong without {wall:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_bytes_that_no_client_sends() {
    holds("S1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_requests_larger_than_anybody_needs() {
    holds("S2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s9_names_that_lead_somewhere() {
    holds("S9").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_files_that_are_not_what_they_say() {
    holds("S10").await;
}

#[test]
fn s9_notices_a_server_that_stores_by_name() {
    let (right, all) = file_names::of_whoever_stores_by_name();
    assert!(right < all / 4, "{right} of {all}");
}

#[test]
fn s10_notices_a_server_that_looks_into_nothing() {
    let (right, all) = fakes::of_whoever_looks_into_nothing();
    assert!(right == 0 && all > 30, "{right} of {all}");
}

/// What the rows would say of a server that takes all and does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_notices_a_server_that_swallows_everything() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.unwrap();
            });
        }
    });
    let (answered, all) = wire::answered(port).await;
    assert_eq!(answered, 0, "of {all}");
}

/// Nor would they hold for a server that is content with everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_notices_a_server_that_takes_everything() {
    let listener = kernel::server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let content = || async { [("grpc-status", "0"), ("content-type", "application/grpc")] };
    let router = axum::Router::new().fallback(content);
    tokio::spawn(kernel::server::serve(listener, router, CancellationToken::new()));
    let (refused, all) = oversized::refused(port).await;
    assert_eq!(refused, 0, "of {all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s5_notices_a_gate_that_opens_what_is_turned_off() {
    notices("S5", Wall::Modules).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_notices_a_server_without_rates() {
    let without = [("QUDAO_CALLS_OF_PERSON", "0"), ("QUDAO_SIGN_INS_OF_ADDRESS", "0")];
    let stage = Stage::start(&without).await;
    let found = (row("S11").run)(&stage, Run::small()).await;
    assert!(found.as_should < found.attempts, "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s7_texts_that_mean_something_to_others() {
    holds("S7").await;
}

#[tokio::test]
async fn s7_notices_fields_that_are_not_looked_at() {
    notices("S7", Wall::Fields).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_too_many_calls_and_too_slow_ones() {
    holds("S11").await;
}

#[tokio::test]
async fn s12_endpoints_that_lead_inside_and_messages_that_lie() {
    holds("S12").await;
}

#[tokio::test]
async fn s12_notices_a_process_that_calls_anybody() {
    let stage = Stage::start(&[("QUDAO_OUTBOUND_PRIVATE", "true")]).await;
    let found = (row("S12").run)(&stage, Run::small()).await;
    println!("S12 without its wall: {} of {}", found.as_should, found.attempts);
    let connected = found.wrong.iter().any(|wrong| wrong.contains("was registered"));
    assert!(connected && found.as_should < found.attempts, "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s13_what_providers_did_not_say() {
    holds("S13").await;
}

/// What the row would say of a gateway that acknowledges all that comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s13_notices_a_gateway_that_believes_everything() {
    let listener = kernel::server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let web = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(|| async { "success" });
    tokio::spawn(kernel::server::serve(listener, router, CancellationToken::new()));
    let (refused, all) = payments::refused(&web).await;
    assert_eq!(refused, 0, "of {all}");
}

#[tokio::test]
async fn s15_secrets_are_nowhere() {
    holds("S15").await;
}

#[tokio::test]
async fn s3_tokens_that_are_not_ours() {
    holds("S3").await;
}

#[tokio::test]
async fn s3_notices_a_gate_that_believes_any_token() {
    notices("S3", Wall::Tokens).await;
}

#[tokio::test]
async fn s4_what_another_brand_or_dealer_has() {
    holds("S4").await;
}

#[tokio::test]
async fn s4_notices_a_tenant_that_is_claimed() {
    notices("S4", Wall::Tenant).await;
}

#[tokio::test]
async fn s4_notices_names_that_are_not_looked_at() {
    notices("S4", Wall::Names).await;
}

#[tokio::test]
async fn s5_every_role_on_every_rpc() {
    holds("S5").await;
}

#[tokio::test]
async fn s5_notices_a_gate_that_lets_programs_do_all() {
    notices("S5", Wall::Persons).await;
}

#[tokio::test]
async fn s5_notices_a_gate_that_asks_nobody_for_another_password() {
    notices("S5", Wall::Password).await;
}

#[tokio::test]
async fn s5_notices_a_gate_that_takes_any_role() {
    notices("S5", Wall::Roles).await;
}

/// Else an attack would be refused for a fault of its request, and show nothing.
#[test]
fn requests_made_from_the_contracts_have_nothing_wrong() {
    let pool = prost_reflect::DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let services = pool.services().filter(|service| service.full_name().starts_with("qudao."));
    let (hints, mut tried) = (Hints::default(), 0);
    for method in services.flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let look = proto::looking_at(&path).unwrap();
        let mut check = |what: &str, body: &[u8]| {
            let mut found = Findings::default();
            look(body, &mut found).unwrap();
            assert!(found.problems.is_empty(), "{path} {what}: {:?}", found.problems);
            tried += 1;
        };
        check("plain", &plain(&method.input(), &hints));
        for place in places(&method.input()) {
            let mut request = cluster_tests::security::requests::filled(&method.input(), &hints);
            place.put(&mut request, sample_of(place.field(), &hints), &hints);
            check(&place.name(), &request.encode_to_vec());
        }
    }
    assert!(tried > 150, "{tried}");
}

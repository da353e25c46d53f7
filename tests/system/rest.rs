//! REST as whoever has only an HTTP client meets it, and what docs/rest.md shows.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use cluster_tests::support::shop::{self, order_of, submit};
use cluster_tests::support::system::{System, User, id};
use proto::partner::v1::ListDealersRequest;
use proto::partner::v1::partner_query_service_client::PartnerQueryServiceClient;
use serde_json::{Value, json};

/// All blocks of a document that are marked as of one language, one after the other.
fn blocks(document: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let marked = document.split(&fence).skip(1);
    marked.filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect()
}

fn run(program: &mut Command) -> Output {
    program.output().unwrap_or_else(|error| panic!("{program:?}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_document_of_rest_shows_works() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    // The account is open once this is through; the document's reader finds it open.
    submit(&admin, &order_of("SO-000001", 2)).await;
    dealers_are_listed(&admin).await;

    // The document speaks of the demonstration; here it meets the smallest shop there is.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("docs/rest.md")).unwrap();
    let script = blocks(&document, "sh")
        .replace("\"bikes\"", "\"acme\"")
        .replace("\"admin\"", "\"han.meimei\"")
        .replace("qudao-demo-admin", "correct horse")
        .replace("kansas-city-29ers", "hengtong")
        .replace("jekyll-carbon-2", "tea-500");
    let folder = system.servers.dir().join("reader");
    std::fs::create_dir_all(folder.join(".local")).unwrap();
    let endpoints = json!({"web": system.web}).to_string();
    std::fs::write(folder.join(".local/endpoints.json"), endpoints).unwrap();
    let output =
        run(Command::new("bash").args(["-euxo", "pipefail", "-c", &script]).current_dir(&folder));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for expected in ["苏州恒通", "\"grossMinor\"", "the same receipt", "HTTP 400"] {
        assert!(told.contains(expected), "{expected} is missing in:\n{told}");
    }
    let refused = std::fs::read_to_string(folder.join("refused.txt")).unwrap();
    let refused: Value = serde_json::from_str(refused.split_once("\nHTTP").unwrap().0).unwrap();
    let shown: Value = serde_json::from_str(&blocks(&document, "json")).unwrap();
    assert_eq!(refused, shown, "what the document shows is what is told");
}

async fn dealers_are_listed(user: &User) {
    let mut lists = PartnerQueryServiceClient::new(user.channel.clone());
    for _ in 0..300 {
        let asked = user.says(ListDealersRequest::default());
        if !lists.list_dealers(asked).await.unwrap().into_inner().dealers.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the dealer is not listed");
}

/// Calls by curl; the answer's status and body.
fn curl(system: &System, path: &str, arguments: &[&str]) -> (String, String) {
    let output = run(Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--max-time", "30"])
        .args(arguments)
        .arg(format!("{}{path}", system.web)));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    // Before a large body, curl asks whether it may send it.
    let told = told.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&told);
    let (head, body) = told.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn code_of(body: &str) -> (String, String) {
    let told: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    let reason = &told["details"][0]["debug"]["reason"];
    (told["code"].as_str().unwrap().to_owned(), reason.as_str().unwrap_or_default().to_owned())
}

const JSON: [&str; 2] = ["-H", "content-type: application/json"];
const SUBMIT: &str = "/qudao.order.v1.OrderService/SubmitOrder";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_call_over_rest_is_told_in_the_words_of_http() {
    let system = System::start().await;
    let large = system.servers.dir().join("large.json");
    std::fs::write(&large, vec![b' '; (4 << 20) + 1]).unwrap();
    let large = format!("@{}", large.display());
    let json = |more: &[&'static str]| [&JSON[..], more].concat();
    let stream = "/qudao.history.v1.HistoryService/ReplayEvents";
    let cases = [
        (SUBMIT, json(&["-d", "{}"]), 401, "unauthenticated", "NOT_SIGNED_IN"),
        (SUBMIT, json(&["-d", "{"]), 400, "invalid_argument", "BAD_JSON"),
        (SUBMIT, json(&["-X", "GET"]), 405, "unimplemented", "NOT_POSTED"),
        (SUBMIT, vec!["-d", "{}"], 415, "invalid_argument", "UNSUPPORTED_CONTENT_TYPE"),
        (stream, json(&["-d", "{}"]), 415, "invalid_argument", "UNSUPPORTED_CONTENT_TYPE"),
        (
            "/qudao.order.v1.OrderService/No",
            json(&["-d", "{}"]),
            404,
            "unimplemented",
            "NO_SUCH_RPC",
        ),
        ("/other.Service/No", json(&["-d", "{}"]), 404, "unimplemented", "NO_SUCH_RPC"),
    ];
    for (path, arguments, status, code, reason) in cases {
        let (head, body) = curl(&system, path, &arguments);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}\n{body}");
        assert_eq!(code_of(&body), (code.to_owned(), reason.to_owned()));
        assert!(!head.to_lowercase().contains("access-control"), "no other site may call: {head}");
        if status == 405 {
            assert!(head.to_lowercase().contains("\r\nallow: post"), "{head}");
        }
    }
    let (head, body) = curl(&system, SUBMIT, &[&JSON[..], &["--data-binary", &large]].concat());
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert_eq!(code_of(&body), ("resource_exhausted".to_owned(), "BODY_TOO_LARGE".to_owned()));
    let late = [&JSON[..], &["-H", "connect-timeout-ms: 0", "-d", "{}"]].concat();
    let (head, body) = curl(&system, SUBMIT, &late);
    assert!(head.starts_with("HTTP/1.1 504"), "{head}");
    assert_eq!(code_of(&body).0, "deadline_exceeded");
    let (head, body) = curl(&system, "/openapi.json", &[]);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let described: Value = serde_json::from_str(&body).unwrap();
    assert!(described["paths"][SUBMIT]["post"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_over_rest_and_over_grpc_is_the_same_command() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let request = order_of("SO-1", 1);
    let receipt = submit(&admin, &request).await;
    let token = format!("authorization: Bearer {}", admin.token);
    let same = json!({
        "requestId": request.request_id,
        "orderId": "SO-1",
        "dealerId": "hengtong",
        "lines": [{"productId": "tea-500", "quantity": 1, "unitPriceMinor": "350"}],
    });
    let same = same.to_string();
    let (head, body) = curl(&system, SUBMIT, &[&JSON[..], &["-H", &token, "-d", &same]].concat());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["receipt"]["position"], receipt.position.to_string());

    let again = same.replace(&request.request_id, &id());
    let (head, body) = curl(&system, SUBMIT, &[&JSON[..], &["-H", &token, "-d", &again]].concat());
    assert!(head.starts_with("HTTP/1.1 409"), "{head}\n{body}");
    assert_eq!(code_of(&body), ("already_exists".to_owned(), "ALREADY_SUBMITTED".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_over_rest_ends_with_an_envelope_that_says_how() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 1)).await;
    let token = format!("authorization: Bearer {}", admin.token);
    let replayed = replay(&system, &token, &json!({"context": "order", "fromPosition": "1"}));
    let events: Vec<_> = replayed.iter().filter(|(_, one)| one["event"].is_object()).collect();
    assert!(!events.is_empty(), "{replayed:?}");
    assert_eq!(replayed.last().unwrap(), &(2, json!({})), "it ended well");

    let refused = replay(&system, "x-nobody: signed-in", &json!({}));
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].1["error"]["code"], "unauthenticated");
}

/// Flags and content of each envelope of a replay.
fn replay(system: &System, header: &str, request: &Value) -> Vec<(u8, Value)> {
    let request = request.to_string();
    let mut envelope = vec![0];
    envelope.extend(u32::try_from(request.len()).unwrap().to_be_bytes());
    envelope.extend(request.as_bytes());
    let file = system.servers.dir().join("envelope");
    std::fs::write(&file, envelope).unwrap();
    let output = run(Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--max-time", "30", "-H", header])
        .args(["-H", "content-type: application/connect+json", "--data-binary"])
        .arg(format!("@{}", file.display()))
        .arg(format!("{}/qudao.history.v1.HistoryService/ReplayEvents", system.web)));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut rest = output.stdout.as_slice();
    let mut envelopes = Vec::new();
    while let [flags, a, b, c, d, more @ ..] = rest {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        let (content, next) = more.split_at(length);
        envelopes.push((*flags, serde_json::from_slice(content).unwrap()));
        rest = next;
    }
    assert!(rest.is_empty(), "cut within an envelope");
    envelopes
}

/// A refusal quotes the id; HTTP/2 would end the connection that all callers share, if it were more
/// than the gateway takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_word_of_one_caller_ends_nobody_elses_calls() {
    let system = System::start().await;
    let admin = system.found().await;
    let token = format!("authorization: Bearer {}", admin.token);
    for length in [3_000, 200_000] {
        let file = system.servers.dir().join("long.json");
        let asked = json!({"orderId": "长".repeat(length)}).to_string();
        std::fs::write(&file, asked).unwrap();
        let asked = format!("@{}", file.display());
        let arguments = [&JSON[..], &["-H", &token, "--data-binary", &asked]].concat();
        let path = "/qudao.order.v1.OrderQueryService/GetOrder";
        let (head, body) = curl(&system, path, &arguments);
        assert!(!code_of(&body).1.is_empty(), "{head}\n{body}");
        assert_ne!(code_of(&body).0, "unavailable", "{head}");
    }
}

/// Protobuf's bytes and envelopes, as a client has them that others have written.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_of_connect_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 1)).await;
    let call = |path: &str, body: &str| {
        let output = run(Command::new(root.join("services/gateway/web/node_modules/.bin/buf"))
            .args(["curl", "--protocol", "connect", "--schema", "proto", "-d", body])
            .args(["-H", &format!("authorization: Bearer {}", admin.token)])
            .arg(format!("{}/{path}", system.web))
            .current_dir(&root));
        let told = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(told).unwrap())
    };
    let history = "qudao.history.v1.HistoryService";
    let (well, told) = call(&format!("{history}/GetObjectHistory"), r#"{"object": "SO-1"}"#);
    assert!(well && told.contains("OrderSubmitted"), "{told}");
    let (well, told) = call(&format!("{history}/ReplayEvents"), r#"{"toPosition": 1}"#);
    assert!(well && told.contains("REPLAY_END_REASON_COMPLETE"), "{told}");
    let (well, told) = call(&format!("{history}/GetObjectHistory"), r#"{"object": "no/no"}"#);
    assert!(!well && told.contains("google.rpc.ErrorInfo"), "{told}");
}

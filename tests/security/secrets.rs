//! S15: what nobody may read, looked for wherever something is written.

use proto::access::v1::Role;
use proto::partner::v1 as partner;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use tonic::Request;

use super::requests::{Hints, plain};
use super::row::{Found, Row, Run};
use super::rpcs::{Answer, call, walk};
use super::seeds::{company_canary, sow};
use super::stage::{DATABASE_PASSWORD, Stage, caller};
use crate::support::people::places_of;
use crate::support::system::{User, id};
use crate::support::webhooks;

pub(super) static S15: Row = Row {
    id: "S15",
    attack: "passwords, tokens, people's names and the content of key files, used right and wrong on \
             every rpc of a process that logs all it can",
    passes: "none of them in the logs, the traces, the answers, the events, the tables, /metrics \
             or the arguments of a process",
    control: "the row itself: what is no secret must be found, in three places or more",
    environment: &[("RUST_LOG", "debug")],
    run: |stage, run| Box::pin(attack(stage, run)),
};

const PERSON: &str = "a person's name";

/// Something that nobody may read, and what it is.
type Secret = (&'static str, String);

/// A brand whose dealers' names are no secret: they have to be found.
async fn attack(stage: &Stage, _: Run) -> Found {
    let mut found = Found::default();
    let seeds = sow(stage, "sss", 2).await;
    let (mut secrets, mut answers, mut refusals) = (secrets(stage), Vec::new(), Vec::new());
    let admin = stage.token(&caller(&seeds.tenant, &[Role::HqAdmin], None));
    people(stage, &admin, &seeds.tenant, &mut secrets, &mut refusals).await;
    let token = stage.token(&caller(&seeds.tenant, &[Role::HqAdmin, Role::Auditor], None));
    let refused = format!("{}{}", &token[..token.len() - 4], "AAAA");
    endpoint(stage, &admin, &mut secrets).await;
    for rpc in walk(stage.channel()).await {
        let body = plain(&rpc.method.input(), &Hints::default());
        for token in [&token, &refused] {
            let header = format!("Bearer {token}");
            let headers = [("authorization", header.as_str())];
            let answer = call(&stage.channel(), &rpc, body.clone(), &headers).await;
            answers.push(answer.messages.concat());
            refusals.push(Answer { messages: Vec::new(), ..answer }.bytes());
            found.rpcs.insert(rpc.name().to_owned());
        }
    }
    secrets.push(("a token", token));
    secrets.push(("a token that is refused", refused));
    let (_, metrics) = local::http::get(stage.grpc_port(), "/metrics").await.unwrap();
    let arguments = arguments(stage.system().process_id());
    for (what, secret) in &secrets {
        let mut places = places_of(stage.system(), secret).await;
        let contains = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(secret);
        let others = [
            ("/metrics", metrics.as_bytes()),
            ("the arguments of a process", arguments.as_slice()),
        ];
        places.extend(others.iter().filter(|(_, text)| contains(text)).map(|(at, _)| (*at).into()));
        // Administrators are shown the names of their people, and nobody is told of anybody in a
        // refusal.
        let shown = *what == PERSON;
        if refusals.iter().any(|no| contains(no))
            || !shown && answers.iter().any(|answer| contains(answer))
        {
            places.push("an answer".to_owned());
        }
        let came = match places.is_empty() {
            true => Ok(()),
            false => Err(format!("{what} is in {places:?}")),
        };
        found.attempt(None, came);
    }
    let control = places_of(stage.system(), &company_canary(&seeds, 0)).await;
    let came = match control.len() >= 3 {
        true => Ok(()),
        false => Err(format!("what is no secret was found in {control:?} only")),
    };
    found.attempt(None, came);
    found.figure("secrets", secrets.len());
    found.figure("places of what is none", control.len());
    found
}

/// What the process was given to keep.
fn secrets(stage: &Stage) -> Vec<Secret> {
    let mut all = Vec::new();
    let folder = stage.key_file().parent().unwrap().to_owned();
    for (what, file) in [
        ("the signing key", "signing-key.pem"),
        ("the logs' key", "log-key.pem"),
        ("the key of people's data", "personal.key"),
    ] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let line = text.lines().find(|line| !line.starts_with('-')).unwrap().trim();
        all.push((what, line.to_owned()));
    }
    all.push(("the database's password", DATABASE_PASSWORD.to_owned()));
    all
}

/// People come, sign in with right and wrong passwords, and are refused for passwords and names
/// that are too short or too long.
async fn people(
    stage: &Stage,
    admin: &str,
    tenant: &str,
    secrets: &mut Vec<Secret>,
    refusals: &mut Vec<Vec<u8>>,
) {
    let fresh = || uuid::Uuid::new_v4().simple().to_string();
    let mut client = IdentityServiceClient::new(stage.channel());
    let bearer = format!("Bearer {admin}");
    let (name, password, wrong) = (format!("欧阳{}", fresh()), fresh(), fresh());
    let short = fresh()[..7].to_owned();
    let long = fresh().repeat(7);
    for (login, password) in [("sss-one", &password), ("sss-two", &short), ("sss-three", &long)] {
        let mut register = Request::new(partner::RegisterUserRequest {
            request_id: id(),
            login: login.to_owned(),
            name: name.clone(),
            roles: vec![Role::SalesRep.into()],
            password: password.clone(),
            keep_password: true,
            ..Default::default()
        });
        register.metadata_mut().insert("authorization", bearer.parse().unwrap());
        if let Err(no) = client.register_user(register).await {
            refusals.push([no.message().as_bytes(), no.details()].concat());
        }
    }
    for password in [&password, &wrong] {
        let sign_in = partner::SignInRequest {
            tenant_id: tenant.to_owned(),
            login: "sss-one".to_owned(),
            password: password.clone(),
            ..Default::default()
        };
        match client.sign_in(Request::new(sign_in)).await {
            Ok(signed) => secrets.push(("a token that was given", signed.into_inner().token)),
            Err(no) => refusals.push([no.message().as_bytes(), no.details()].concat()),
        }
    }
    assert!(secrets.iter().any(|(what, _)| *what == "a token that was given"), "nobody came in");
    secrets.extend([
        (PERSON, name),
        ("a password", password),
        ("a wrong password", wrong),
        ("a password that is too short", short),
        ("a password that is too long", long),
    ]);
}

/// An endpoint, and a message to nobody that its secret has signed.
async fn endpoint(stage: &Stage, admin: &str, secrets: &mut Vec<Secret>) {
    let admin = User { channel: stage.channel(), token: admin.to_owned() };
    let (url, all) = ("https://hooks.example.invalid/", ["*"]);
    let (receipt, secret) = webhooks::register(&admin, url, &all).await;
    webhooks::list(&admin, receipt.position).await;
    let test = proto::webhook::v1::SendTestEventRequest {
        request_id: id(),
        endpoint_id: receipt.object_id.clone(),
    };
    webhooks::deliveries(&admin).send_test_event(admin.says(test)).await.unwrap();
    let tried = |all: &[proto::webhook::v1::Delivery]| all.iter().any(|it| it.attempts > 0);
    webhooks::until(&admin, &receipt.object_id, tried).await;
    secrets.push(("an endpoint's secret", secret));
}

/// The arguments of the process and of all it started, as `ps` shows them to everybody.
fn arguments(process: u32) -> Vec<u8> {
    std::fs::read(format!("/proc/{process}/cmdline")).unwrap()
}

//! S11: too many calls, and connections that only take up room.

use std::time::{Duration, Instant};

use futures::future::join_all;
use futures::{StreamExt as _, stream};
use prost::bytes::Bytes;
use proto::access::v1::Role;
use tokio::net::TcpStream;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::frames::{
    DATA, END_HEADERS, END_STREAM, Ending, HEADERS, WINDOW_UPDATE, Wire, frame, head,
};
use super::good::Good;
use super::http2::{request, status_of};
use super::requests::{Hints, plain};
use super::row::{Found, Row, Run};
use super::rpcs::{Rpc, call, walk};
use super::stage::{Stage, caller, channel};
use super::tokens::both_languages;

/// Calls a second that the process takes of a person. A debug build on a small machine has to get
/// above it.
const OF_PERSON: u64 = 100;

pub(super) static S11: Row = Row {
    id: "S11",
    attack: "a person sends 1,000 requests a second, another address 100 passwords at once; 100 \
             connections that say nothing; requests at a byte a second",
    passes: "RESOURCE_EXHAUSTED with the time to wait, in both languages and counted; the p99 of \
             others is at most twice as long (judged in release builds); what is slow or silent is cut within 30 s",
    control: "`s11_notices_a_server_without_rates`",
    environment: &[("QUDAO_CALLS_OF_PERSON", "100"), ("QUDAO_SIGN_INS_OF_ADDRESS", "5")],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// How long a slow or silent peer may stay, and what a busy machine adds.
const CUT: Duration = Duration::from_secs(30);

/// How often the times of others are taken, if they are too long: a machine that does other things
/// too has moments of its own.
const TURNS: usize = 3;

async fn attack(stage: &Stage, run: Run) -> Found {
    let mut found = Found::default();
    let rpcs = walk(stage.channel()).await;
    let find = |name: &str| rpcs.iter().find(|rpc| rpc.method_name() == name).expect("an rpc");
    let good = Good::of(stage);
    let (slow, idle) = tokio::join!(
        // As many as the address may begin at once.
        slow_bodies(stage, run.size(2, 10)),
        silent_connections(stage, run.size(20, 100)),
    );
    for came in slow {
        found.attempt(Some("IdentityService/SignIn"), came);
    }
    for came in idle {
        found.attempt(None, came);
    }
    let (mut came, mut refused) = (Err(String::new()), 0);
    for _ in 0..TURNS {
        let before = good.calls(run.size(50, 400)).await;
        let meanwhile = good.while_attacked();
        refused += many_calls(stage, find("ListProducts"), run, &mut found).await;
        let during = meanwhile.end().await;
        let others = before.or(good.calls(run.size(50, 400)).await);
        found.figure("p99 of others without", others.p99());
        found.figure("p99 of others meanwhile", during.p99());
        came = match run.whole && !cfg!(debug_assertions) {
            true => during.judge(&others, 2),
            // A debug build needs a whole processor to refuse so many; the times are told only.
            false => Ok(()),
        };
        if came.is_ok() {
            break;
        }
    }
    found.attempt(None, came);
    passwords(stage, find("SignIn"), &mut found).await;
    counted(stage, &mut found).await;
    found.figure("refused of a person's calls", refused);
    found
}

/// 1,000 calls a second of one person for some seconds: as frames, since a client in a debug build
/// would be busier than the server. What is refused is an answer without a message.
async fn many_calls(stage: &Stage, rpc: &Rpc, run: Run, found: &mut Found) -> u64 {
    let who = caller("acme", &[Role::SalesRep], None);
    let token = format!("Bearer {}", stage.token(&who));
    let mut wire = Wire::open(stage.grpc_port()).await;
    // Room for all answers.
    wire.send(&frame(WINDOW_UPDATE, 0, 0, &(1_u32 << 24).to_be_bytes())).await;
    let started = Instant::now();
    let mut each = tokio::time::interval(Duration::from_millis(10));
    let (number, mut counts) = (run.size(1_000, 5_000), Counts::default());
    for call in 0..number {
        if call % 10 == 0 {
            each.tick().await;
            counts.add(&wire.frames(Duration::ZERO).await);
        }
        let headers = head(&rpc.path, &[("authorization", &token)]);
        let stream = 2 * call + 1;
        let call = [
            frame(HEADERS, END_HEADERS, stream, &headers),
            frame(DATA, END_STREAM, stream, &[0; 5]),
        ];
        assert!(wire.send(&call.concat()).await, "the connection ended at {stream}");
    }
    while counts.ended < u64::from(number) {
        let more = wire.frames(Duration::from_secs(5)).await;
        assert!(!more.is_empty(), "calls without an answer: {counts:?} of {number}");
        counts.add(&more);
    }
    let took = started.elapsed();
    // Twice as many at once, and then so many a second; a machine that is late takes longer.
    let most = OF_PERSON * (took.as_secs() + 1) + 2 * OF_PERSON;
    for _ in 0..counts.refused() {
        found.attempt(Some(rpc.name()), Ok(()));
    }
    let came = match counts.taken <= most && counts.refused() > 0 {
        true => Ok(()),
        false => Err(format!("{counts:?} in {took:?}, at most {most} must be taken")),
    };
    found.attempt(Some(rpc.name()), came);
    words_of_refusals(stage, rpc, &token, found).await;
    counts.refused()
}

/// What frames say of calls.
#[derive(Debug, Default)]
struct Counts {
    /// Messages: each is of a call that was taken.
    taken: u64,
    /// Calls that are over.
    ended: u64,
}

impl Counts {
    fn add(&mut self, frames: &[(u8, u8)]) {
        for (kind, flags) in frames {
            self.taken += u64::from(*kind == DATA);
            self.ended += u64::from(*kind == HEADERS && flags & END_STREAM != 0);
        }
    }

    fn refused(&self) -> u64 {
        self.ended - self.taken
    }
}

/// What is told to who is refused, while they still are.
async fn words_of_refusals(stage: &Stage, rpc: &Rpc, token: &str, found: &mut Found) {
    let channel = channel(stage.grpc_port());
    let body = plain(&rpc.method.input(), &Hints::default());
    let many = 4 * usize::try_from(OF_PERSON).unwrap();
    let headers = [("authorization", token)];
    let answers = stream::iter((0..many).map(|_| call(&channel, rpc, body.clone(), &headers)));
    let answers: Vec<_> = answers.buffer_unordered(32).collect().await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.code() != Code::Ok).collect();
    if refused.is_empty() {
        found.attempt(Some(rpc.name()), Err("nobody was refused any more".to_owned()));
    }
    for answer in refused {
        let wait = answer.status.get_details_retry_info().and_then(|info| info.retry_delay);
        let fine = answer.code() == Code::ResourceExhausted
            && answer.reason() == "TOO_OFTEN"
            && wait.is_some_and(|wait| wait <= Duration::from_secs(5));
        let came = match fine {
            true => both_languages(answer),
            false => Err(format!("{:?} {wait:?}", answer.status)),
        };
        found.attempt(Some(rpc.name()), came);
    }
}

/// Many passwords at once from one address.
async fn passwords(stage: &Stage, rpc: &Rpc, found: &mut Found) {
    let channel = stage.channel();
    let tries = (0..100).map(|_| {
        let body = plain(&rpc.method.input(), &Hints::default());
        // Whoever says that they come from elsewhere comes from here.
        call(&channel, rpc, body, &[("qudao-came-from", "203.0.113.9")])
    });
    let answers = join_all(tries).await;
    let refused = answers.iter().filter(|answer| answer.reason() == "TOO_OFTEN").count();
    let came = match refused >= 80 {
        true => Ok(()),
        false => Err(format!("only {refused} of 100 sign-ins were refused")),
    };
    found.attempt(Some(rpc.name()), came);
}

/// The process counts what it refuses.
async fn counted(stage: &Stage, found: &mut Found) {
    let (_, text) = local::http::get(stage.grpc_port(), "/metrics").await.unwrap();
    for whose in ["person", "address"] {
        let line = format!("rpc_server_refused_by_rate_total{{whose=\"{whose}\"}}");
        let came = match text.contains(&line) {
            true => Ok(()),
            false => Err(format!("/metrics has no {line}")),
        };
        found.attempt(None, came);
    }
}

/// Bodies that come at a byte a second.
async fn slow_bodies(stage: &Stage, number: usize) -> Vec<Result<(), String>> {
    join_all((0..number).map(|_| slow_body(stage.grpc_port()))).await
}

async fn slow_body(port: u16) -> Result<(), String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let path = "/qudao.partner.v1.IdentityService/SignIn";
    let started = Instant::now();
    let (answer, mut sender) = client.send_request(request(path, "none", None), false).unwrap();
    let drops = async {
        let mut each = tokio::time::interval(Duration::from_secs(1));
        loop {
            each.tick().await;
            if sender.send_data(Bytes::from_static(&[0]), false).is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let said = async {
        match answer.await {
            Ok(answer) => status_of(answer).await.map(|status| status.code()),
            Err(error) => Err(error),
        }
    };
    let cut = tokio::select! {
        said = tokio::time::timeout(CUT * 2, said) => said,
        () = drops => unreachable!("it never ends by itself"),
    };
    let took = started.elapsed();
    connection.abort();
    match cut {
        Ok(Ok(Code::DeadlineExceeded) | Err(_)) if took <= CUT => Ok(()),
        other => Err(format!("a slow body: {other:?} after {took:?}")),
    }
}

/// Connections of which nothing comes, on both ports.
async fn silent_connections(stage: &Stage, number: usize) -> Vec<Result<(), String>> {
    let ports = [stage.grpc_port(), stage.outer_port()];
    let beginnings: [&[u8]; 3] = [b"", b"PRI * HTTP/2", b"GET /healthz HTTP/1.1\r\nhost: "];
    join_all((0..number).map(|index| async move {
        let mut wire = Wire::silent(ports[index % 2]).await;
        wire.send(beginnings[index % 3]).await;
        let started = Instant::now();
        match wire.ending(CUT).await {
            Ending::Silent => {
                Err(format!("a silent connection stayed for {:?}", started.elapsed()))
            }
            Ending::Closed | Ending::GoAway | Ending::Answered => Ok(()),
        }
    }))
    .await
}

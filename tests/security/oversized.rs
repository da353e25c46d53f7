//! S2: requests that are larger than they look, or than anybody needs.

use std::io::Write as _;
use std::time::{Duration, Instant};

use kernel::auth::Caller;
use proto::access::v1::Role;
use tonic::Code;

use super::good::Good;
use super::http2::{Said, say};
use super::requests::{Hints, plain};
use super::row::{Found, Row, Run};
use super::rpcs::{Rpc, walk};
use super::stage::{Stage, caller, of_a_dealer};
use super::tenants::who_may;
use super::wire::judge;

pub(super) static S2: Row = Row {
    id: "S2",
    attack: "4 MiB and a byte, a length of 4 GiB, a gzip bomb, a compressed message that nobody \
             announced, a million entries of a list, groups in groups 10,000 deep, wrong lengths \
             and wire types, on every rpc",
    passes: "RESOURCE_EXHAUSTED, INVALID_ARGUMENT or OUT_OF_RANGE, or UNIMPLEMENTED of what is \
             compressed, within 200 ms (2.4 s in a debug build); at most 16 MiB more memory",
    control: "`s2_notices_a_server_that_takes_everything`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// Memory that attacks may cost, in KiB.
const MEMORY: u64 = 16 << 10;
/// In how long a request is refused. A debug build takes about twelve times as long for what is
/// large.
const REFUSED: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2_400 } else { 200 });

async fn attack(stage: &Stage, run: Run) -> Found {
    let mut found = Found::default();
    let rpcs = walk(stage.channel()).await;
    let bodies = bodies();
    let normal = Good::of(stage).calls(run.size(50, 200)).await.median();
    let (mut times, mut least) = (Vec::new(), u64::MAX);
    for (pass, rpcs) in [run.size(&rpcs[..6], &rpcs[..]); 3].into_iter().enumerate() {
        // What an allocator keeps for later is not what an attack costs: the first pass gets it
        // that far, and of the others the smaller growth counts.
        let memory = stage.resident_kib();
        for rpc in rpcs {
            let plain = plain(&rpc.method.input(), &Hints::default());
            let token = stage.token(&somebody(rpc, run));
            for body in &bodies {
                let sent = body.of(rpc, &plain);
                let (said, took) = timed(stage, rpc, &token, &sent).await;
                times.push(took);
                let came = body.judge(&said).and_then(|()| in_time(body, took));
                found.attempt(Some(rpc.name()), came);
            }
        }
        if pass > 0 {
            least = least.min(stage.resident_kib().saturating_sub(memory));
        }
    }
    judge(stage, &mut found, stage.resident_kib().saturating_sub(least), MEMORY);
    found.figure("kinds", bodies.len());
    times.sort_unstable();
    let middle = times[times.len() / 2];
    found.figure("normal call", format!("{normal:.1?}"));
    found.figure("middle refusal", format!("{middle:.1?}"));
    found.figure("slowest", format!("{:.1?}", times[times.len() - 1]));
    found
}

/// Somebody who may call, so that a request is refused for what it is.
fn somebody(rpc: &Rpc, run: Run) -> Caller {
    let role = who_may(rpc, run).first().copied().unwrap_or(Role::Operator);
    caller("acme", &[role], of_a_dealer(role).then_some("tongda"))
}

/// What is said to a request, and after how long: the shorter of two times when it is late, as a
/// machine that does other things too has moments of its own, and what an attack costs it costs
/// every time.
async fn timed(stage: &Stage, rpc: &Rpc, token: &str, sent: &Sent) -> (Said, Duration) {
    let mut shortest = Duration::MAX;
    loop {
        let started = Instant::now();
        let said = say(stage.grpc_port(), &rpc.path, token, sent).await;
        let took = said.streams_since.unwrap_or_else(|| started.elapsed());
        let again = took > REFUSED && shortest == Duration::MAX;
        shortest = shortest.min(took);
        if !again {
            return (said, shortest);
        }
    }
}

fn in_time(body: &Body, took: Duration) -> Result<(), String> {
    match took <= REFUSED {
        true => Ok(()),
        false => Err(format!("{}: refused after {took:?}", body.what)),
    }
}

/// How many of the requests a server on a port refuses.
pub async fn refused(port: u16) -> (usize, usize) {
    let (mut all, mut refused) = (0, 0);
    let rpcs = super::rpcs::ours();
    let rpc = rpcs.iter().find(|rpc| rpc.method_name() == "SubmitOrder").expect("an rpc");
    let plain = plain(&rpc.method.input(), &Hints::default());
    for body in bodies().iter().filter(|body| body.what != AS_MANY) {
        let said = say(port, &rpc.path, "none", &body.of(rpc, &plain)).await;
        all += 1;
        refused += usize::from(body.judge(&said).is_ok());
    }
    (refused, all)
}

/// What a request consists of.
struct Body {
    what: &'static str,
    /// Headers besides the usual ones.
    encoding: Option<&'static str>,
    /// The bytes, or none for a normal request in a wrong frame.
    bytes: Vec<u8>,
    /// What goes before them; the right length when there is none.
    frame: Option<[u8; 5]>,
}

pub(super) struct Sent {
    pub(super) encoding: Option<&'static str>,
    pub(super) body: Vec<u8>,
}

impl Body {
    fn new(what: &'static str, bytes: Vec<u8>) -> Self {
        Self { what, encoding: None, bytes, frame: None }
    }

    fn of(&self, rpc: &Rpc, plain: &[u8]) -> Sent {
        let message = match self.what {
            // What is longer is refused for its length, whatever it is.
            AS_MANY => &self.bytes[..proto::most_bytes(&rpc.path).unwrap() & !1],
            _ if self.bytes.is_empty() => plain,
            _ => &self.bytes,
        };
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        let usual = [0, length[0], length[1], length[2], length[3]];
        let body = [&self.frame.unwrap_or(usual)[..], message].concat();
        Sent { encoding: self.encoding, body }
    }

    fn judge(&self, said: &Said) -> Result<(), String> {
        let refused = [Code::ResourceExhausted, Code::InvalidArgument, Code::OutOfRange];
        let compressed = self.frame.is_some_and(|frame| frame[0] == 1);
        // A field that a message does not have is passed over, as the format wants it.
        let unknown = self.what == AS_MANY;
        match said.code {
            Some(code) if refused.contains(&code) => Ok(()),
            Some(Code::Unimplemented) if compressed => Ok(()),
            Some(code) if unknown && code != Code::Internal && code != Code::Unknown => Ok(()),
            _ => Err(format!("{}: {said:?}", self.what)),
        }
    }
}

/// As many entries as a request has room for, of each field that it may have: many more than a list
/// takes, in a request that is not too long.
const AS_MANY: &str = "as many entries as there is room for";

fn bodies() -> Vec<Body> {
    let bomb = bomb();
    let announced = u32::try_from(bomb.len()).unwrap().to_be_bytes();
    let compressed = Some([1, announced[0], announced[1], announced[2], announced[3]]);
    let mut all = vec![
        Body::new("4 MiB and a byte", vec![0x2a; (4 << 20) + 1]),
        Body { frame: Some([0, 0xff, 0xff, 0xff, 0xff]), ..Body::new("4 GiB", vec![1, 2, 3]) },
        Body { frame: Some([0, 0, 0, 0, 1]), ..Body::new("a frame too short", vec![8; 100]) },
        Body { frame: Some([0, 0, 0, 9, 9]), ..Body::new("a frame too long", vec![8; 100]) },
        Body {
            encoding: Some("gzip"),
            frame: compressed,
            ..Body::new("a gzip bomb", bomb.clone())
        },
        Body { frame: compressed, ..Body::new("a gzip bomb that nobody announced", bomb) },
        Body::new("groups in groups", [0x9b, 0x06].repeat(10_000)),
        Body::new("a length beyond the end", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        Body::new("a number of eleven bytes", vec![0xff; 11]),
        Body::new("the field zero", vec![0x00, 0x00]),
    ];
    for field in 1_u8..9 {
        let entry = [field << 3 | 2, 0];
        all.push(Body::new(AS_MANY, entry.repeat(2 << 20)));
        if field == 5 {
            all.push(Body::new("a million entries of a list", entry.repeat(1_000_000)));
        }
    }
    all
}

/// A few kB that are 64 MiB inside.
fn bomb() -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        writer.write_all(&zeros).unwrap();
    }
    writer.finish().unwrap()
}

//! S1: bytes that no client would send, on both ports.

use std::time::Duration;

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _};

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Ending, HEADERS, PING, PREFACE, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, Wire, block, frame, head,
};
use super::good::Good;
use super::row::{Found, Row, Run};
use super::stage::Stage;

pub(super) static S1: Row = Row {
    id: "S1",
    attack: "random bytes and frames, wrong lengths, wrong header blocks, headers without end, \
             10,000 calls taken back at once, floods of empty frames, pings and settings, on the \
             gRPC port and on the gateway's",
    passes: "each connection is ended or its call refused; the process lives, has at most 100 MiB \
             more, and answers a good client with a p99 of at most 3 times that before",
    control: "`s1_notices_a_server_that_swallows_everything`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// How long a server may think about what it got.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it may wait for the rest, where bytes at random happen to be the beginning of something:
/// longer than it takes to find out that nobody answers a ping.
const REST: Duration = Duration::from_secs(90);
/// How often the times of a good client are taken, if they are too long: a machine that does other
/// things too has moments of its own.
const TURNS: usize = 3;
/// Memory that attacks may cost, in KiB.
const MEMORY: u64 = 100 << 10;
const PATH: &str = "/qudao.partner.v1.IdentityService/GetCurrentUser";

/// One attack on a connection of its own, and how it ended.
type Attack = (&'static str, for<'a> fn(&'a mut Wire, &'a mut StdRng) -> Sent<'a>);
type Sent<'a> = futures::future::LocalBoxFuture<'a, ()>;

async fn attack(stage: &Stage, run: Run) -> Found {
    let mut found = Found::default();
    let mut choices = run.choices();
    let ports = [stage.grpc_port(), stage.outer_port()];
    let memory = stage.resident_kib();
    // The large ones cost the attacker seconds; once a port is enough.
    for port in ports {
        for attack in ATTACKS.iter().filter(|(what, _)| what.starts_with('+')) {
            found.attempt(None, once(port, attack, &mut choices).await);
        }
    }
    let good = Good::of(stage);
    let wanted = run.size(100, 1_000);
    let (mut came, mut waiting) = (Err(String::new()), Vec::new());
    for _ in 0..TURNS {
        let before = good.calls(wanted / 2).await;
        let meanwhile = good.while_attacked();
        while meanwhile.so_far() < wanted {
            for attack in ATTACKS.iter().filter(|(what, _)| !what.starts_with('+')) {
                let port = ports[choices.random_range(0..2)];
                match sent(port, attack, &mut choices).await {
                    Ok(()) => found.attempt(None, Ok(())),
                    Err(wire) => waiting.push((attack.0, port, wire)),
                }
            }
        }
        let during = meanwhile.end().await;
        let others = before.or(good.calls(wanted / 2).await);
        found.figure("p99 without", others.p99());
        found.figure("p99 meanwhile", during.p99());
        came = during.judge(&others, 3);
        if came.is_ok() {
            break;
        }
    }
    found.attempt(None, came);
    for ended in join_all(waiting.into_iter().map(ended)).await {
        found.attempt(None, ended);
    }
    judge(stage, &mut found, memory, MEMORY);
    found
}

/// One attack, and whether the server did something about it.
async fn once(port: u16, attack: &Attack, choices: &mut StdRng) -> Result<(), String> {
    sent(port, attack, choices).await.map_err(|_| silence(attack.0, port))
}

fn silence(what: &str, port: u16) -> String {
    format!("{what} on {port}: nothing came of it")
}

/// Whether the server gives up on a connection that it waits for.
async fn ended((what, port, mut wire): (&str, u16, Wire)) -> Result<(), String> {
    match wire.ending(REST).await {
        Ending::Silent => Err(silence(what, port)),
        Ending::Closed | Ending::GoAway | Ending::Answered => Ok(()),
    }
}

/// Sends one attack; gives the connection back when the server says nothing for now.
async fn sent(port: u16, attack: &Attack, choices: &mut StdRng) -> Result<(), Wire> {
    let (what, attack) = attack;
    let mut wire = match what.contains("HTTP/1") || what.contains("bytes") {
        true => Wire::silent(port).await,
        false => Wire::open(port).await,
    };
    attack(&mut wire, choices).await;
    match wire.ending(PATIENCE).await {
        Ending::Silent => Err(wire),
        Ending::Closed | Ending::GoAway | Ending::Answered => Ok(()),
    }
}

/// How many of the small attacks a server on a port does something about.
pub async fn answered(port: u16) -> (usize, usize) {
    let mut choices = Run::small().choices();
    let (mut all, mut answered) = (0, 0);
    for attack in ATTACKS.iter().filter(|(what, _)| !what.starts_with('+')) {
        all += 1;
        answered += usize::from(once(port, attack, &mut choices).await.is_ok());
    }
    (answered, all)
}

/// Whether the process lives, and how much memory it has more.
pub(super) fn judge(stage: &Stage, found: &mut Found, before: u64, most: u64) {
    let now = stage.resident_kib();
    let more = now.saturating_sub(before);
    found.figure("memory", format!("+{} MiB", more >> 10));
    let came = if more <= most { Ok(()) } else { Err(format!("{} KiB more", more)) };
    found.attempt(None, came);
}

/// What is sent. Those with `+` are large.
const ATTACKS: &[Attack] = &[
    ("random bytes", |wire, choices| {
        Box::pin(async move {
            let mut bytes = vec![0; choices.random_range(24..20_000)];
            choices.fill_bytes(&mut bytes);
            wire.send(&bytes).await;
        })
    }),
    ("random bytes behind the preface", |wire, choices| {
        Box::pin(async move {
            let mut bytes = vec![0; choices.random_range(1_000..20_000)];
            choices.fill_bytes(&mut bytes);
            wire.send(PREFACE).await;
            wire.send(&bytes).await;
        })
    }),
    ("random frames", |wire, choices| {
        Box::pin(async move {
            for _ in 0..200 {
                let mut payload = vec![0; choices.random_range(0..200)];
                choices.fill_bytes(&mut payload);
                let (kind, flags) = (choices.random_range(0..10), choices.random());
                if !wire.send(&frame(kind, flags, choices.random_range(0..20), &payload)).await {
                    return;
                }
            }
        })
    }),
    ("a frame longer than any", |wire, _| {
        Box::pin(async move {
            wire.send(&[0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, 1]).await;
            wire.send(&vec![0; 100_000]).await;
        })
    }),
    ("settings of a wrong length", |wire, _| {
        Box::pin(async move {
            wire.send(&frame(SETTINGS, 0, 0, &[0; 5])).await;
        })
    }),
    ("a header block that is none", |wire, choices| {
        Box::pin(async move {
            let mut payload = vec![0xff; 100];
            choices.fill_bytes(&mut payload[20..]);
            wire.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &payload)).await;
        })
    }),
    ("data of the connection itself", |wire, _| {
        Box::pin(async move {
            wire.send(&frame(DATA, 0, 0, b"x")).await;
        })
    }),
    ("a window beyond all numbers", |wire, _| {
        Box::pin(async move {
            for _ in 0..2 {
                wire.send(&frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff])).await;
            }
        })
    }),
    ("an even number of a call", |wire, _| {
        Box::pin(async move {
            wire.send(&frame(HEADERS, END_HEADERS | END_STREAM, 2, &head(PATH, &[]))).await;
        })
    }),
    ("a continuation of nothing", |wire, _| {
        Box::pin(async move {
            wire.send(&frame(CONTINUATION, 0, 1, b"x")).await;
        })
    }),
    ("+ headers that are continued without end", |wire, _| {
        Box::pin(async move {
            wire.send(&frame(HEADERS, 0, 1, &head(PATH, &[]))).await;
            let more = frame(CONTINUATION, 0, 1, &block(&[("x-more", &"y".repeat(1_000))]));
            for _ in 0..50_000 {
                if !wire.send(&more).await {
                    return;
                }
            }
        })
    }),
    ("+ empty continuations without end", |wire, _| {
        Box::pin(async move {
            wire.send(&frame(HEADERS, 0, 1, &head(PATH, &[]))).await;
            let more = frame(CONTINUATION, 0, 1, &[]).repeat(100);
            for _ in 0..5_000 {
                if !wire.send(&more).await {
                    return;
                }
            }
        })
    }),
    ("+ 10,000 calls taken back", |wire, _| {
        Box::pin(async move {
            for number in 0..10_000_u32 {
                let call = frame(HEADERS, END_HEADERS, 2 * number + 1, &head(PATH, &[]));
                let back = frame(RST_STREAM, 0, 2 * number + 1, &8_u32.to_be_bytes());
                if !wire.send(&[call, back].concat()).await {
                    return;
                }
            }
        })
    }),
    ("+ 100,000 empty pieces of a call", |wire, _| {
        Box::pin(async move {
            let path = "/qudao.partner.v1.IdentityService/SignIn";
            wire.send(&frame(HEADERS, END_HEADERS, 1, &head(path, &[]))).await;
            let pieces = frame(DATA, 0, 1, &[]).repeat(100);
            for _ in 0..1_000 {
                if !wire.send(&pieces).await {
                    return;
                }
            }
        })
    }),
    ("+ pings and settings, then an even call", |wire, _| {
        Box::pin(async move {
            let both = [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[])].concat();
            for _ in 0..200 {
                if !wire.send(&both.repeat(50)).await {
                    return;
                }
            }
            wire.send(&frame(HEADERS, END_HEADERS | END_STREAM, 2, &head(PATH, &[]))).await;
        })
    }),
    ("+ HTTP/1 headers without end", |wire, _| {
        Box::pin(async move {
            wire.send(b"GET / HTTP/1.1\r\nhost: x\r\n").await;
            for number in 0..20_000 {
                if !wire.send(format!("x-{number}: {}\r\n", "y".repeat(100)).as_bytes()).await {
                    return;
                }
            }
        })
    }),
    ("HTTP/1 that is none", |wire, _| {
        Box::pin(async move {
            wire.send(b"GET / HTTP/1.1\r\ncontent-length: -1\r\nbad header\r\n\r\n").await;
        })
    }),
];

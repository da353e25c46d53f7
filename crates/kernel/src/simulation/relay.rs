//! Several relays that all believe to lead, a log that grows meanwhile and may be set back, and a
//! stream that loses acknowledgements, its end, or all it has.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::Figures;
use super::executor::{below, chance, kill, now, sleep, spawn};
use super::history::ensure;
use crate::log::simulated::{Rows, Server, Sizes};
use crate::log::{Append, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use crate::relay::simulated::{Client, Streams, Weather, lead, unknown};
use crate::relay::{Problem, Settings, Status};

/// From this size on an event goes alone.
const LARGE: usize = 64 << 10;
/// Longest time until the stream is level after all has gone well again.
const LEVEL: Duration = Duration::from_secs(60);

struct Scene {
    database: Server,
    streams: Streams,
    news: Arc<Notify>,
    settings: Settings,
    relays: Vec<Relay>,
    /// Appends to come.
    left: Cell<u64>,
    objects: Cell<u64>,
    /// Whether an older state of the log was restored, and the stream not put right since.
    restored: Cell<bool>,
    /// What had been stored in the stream when it was looked at last.
    looked: Cell<u64>,
    figures: RefCell<Figures>,
}

struct Relay {
    number: u32,
    status: RefCell<watch::Receiver<Status>>,
}

pub(super) async fn run() -> Result<Figures, String> {
    let scene = Rc::new(Scene::new());
    for relay in &scene.relays {
        scene.start(relay);
    }
    for _ in 0..1 + below(6) {
        let pause = Duration::from_millis(below(if chance(25) { 3_000 } else { 100 }));
        scene.pass(pause).await?;
        scene.break_something();
    }
    scene.database.set_weather(crate::log::simulated::Weather::default());
    scene.streams.set_weather(Weather::default());
    scene.gets_level().await?;
    let mut figures = scene.figures.take();
    figures.count("published", scene.streams.ids().len() as u64);
    Ok(figures)
}

impl Scene {
    fn new() -> Self {
        let relays = (1..2 + u32::try_from(below(3)).unwrap_or(0))
            .map(|number| Relay { number, status: RefCell::new(unknown().subscribe()) })
            .collect();
        let streams = Streams::default();
        streams.take_up_to(if chance(10) { LARGE } else { 1 << 20 });
        Self {
            database: Server::default(),
            streams,
            news: Arc::default(),
            settings: Settings { replicas: 1, batches: chance(75) },
            relays,
            left: Cell::new(3 + below(10)),
            objects: Cell::new(0),
            restored: Cell::new(false),
            looked: Cell::new(0),
            figures: RefCell::default(),
        }
    }

    fn count(&self, name: &'static str) {
        self.figures.borrow_mut().count(name, 1);
    }

    /// Starts the process of a relay. The first is also the one that stores events.
    fn start(self: &Rc<Self>, relay: &Relay) {
        let number = relay.number;
        let status = unknown();
        relay.status.replace(status.subscribe());
        let scene = self.clone();
        spawn(number, async move {
            let sizes = Sizes { waiting: 100, batch: 100, states: 1 << 20 };
            let log = Log::simulated(&scene.database, sizes);
            let client: Client = scene.streams.connect();
            if number == 1 {
                let (scene, log) = (scene.clone(), log.clone());
                spawn(number, async move { scene.append(&log).await });
            }
            lead(&log, &client, &scene.news, &status, scene.settings).await;
        });
    }

    async fn append(&self, log: &Log) {
        while self.left.get() > 0 {
            sleep(Duration::from_millis(below(120))).await;
            self.left.set(self.left.get().saturating_sub(1));
            self.objects.set(self.objects.get() + 1);
            // Whether it is stored shows in the log; a failure is of no interest here.
            if log.append(append(self.objects.get())).await.is_ok() && chance(50) {
                self.news.notify_one();
            }
        }
    }

    /// Lets time pass and looks at the stream all along.
    async fn pass(&self, time: Duration) -> Result<(), String> {
        let until = now() + time;
        while now() < until {
            sleep(Duration::from_millis(100).min(until - now())).await;
            self.check()?;
        }
        Ok(())
    }

    /// The stream is a beginning of the log, except after the log was set back.
    fn check(&self) -> Result<(), String> {
        let stored = self.streams.stored();
        if self.restored.get() || self.looked.replace(stored) == stored {
            return Ok(());
        }
        let ids = self.streams.ids();
        self.database.look(|rows| {
            for (sequence, id) in (1..).zip(&ids) {
                let event = rows.at(sequence).map(|event| event.event.event_id);
                ensure!(event == Some(*id), "the stream has another event at {sequence}");
            }
            Ok(())
        })
    }

    fn break_something(self: &Rc<Self>) {
        let part = below(12);
        self.streams.set_weather(Weather {
            lost: below(part + 1),
            unanswered: below(part + 1),
            refused: below(part + 1),
            late: below(part + 1),
        });
        self.database.set_weather(crate::log::simulated::Weather {
            lost: below(part / 2 + 1),
            ..Default::default()
        });
        let relay = &self.relays[usize::try_from(below(self.relays.len() as u64)).unwrap_or(0)];
        match below(10) {
            0 | 1 => {
                self.count("stream restarts");
                let lost = if chance(50) { 0 } else { below(10) };
                let away = Duration::from_millis(below(2_000));
                self.streams.restart(away, usize::try_from(lost).unwrap_or(0));
            }
            2 => {
                self.count("wipes");
                self.streams.wipe();
            }
            3..=5 => {
                self.count("crashes");
                kill(relay.number);
                self.start(relay);
            }
            6 => {
                self.count("database restarts");
                self.database.restart(Duration::from_millis(below(1_500)));
            }
            7 if chance(50) => self.restore(),
            _ => (),
        }
    }

    /// An older state of the log is restored: no process lives through that.
    fn restore(self: &Rc<Self>) {
        let head = self.database.look(Rows::head);
        if head < 2 {
            return;
        }
        self.count("logs set back");
        self.restored.set(true);
        self.relays.iter().for_each(|relay| kill(relay.number));
        self.database.restart(Duration::from_millis(below(100)));
        self.database.restore(1 + below(head - 1));
        self.left.set(self.left.get() + below(8));
        self.relays.iter().for_each(|relay| self.start(relay));
    }

    /// What the relays say is wrong, now that nothing is any more.
    fn named(&self) -> Option<Problem> {
        let named = |relay: &Relay| relay.status.borrow().borrow().problem.clone();
        self.relays.iter().find_map(named)
    }

    /// The stream gets level, or the relays name what a person has to do, who does it.
    async fn gets_level(&self) -> Result<(), String> {
        for _ in 0..4 {
            let until = now() + LEVEL;
            while now() < until {
                self.pass(Duration::from_millis(500)).await?;
                if self.left.get() == 0 && self.is_level() && self.named().is_none() {
                    return Ok(());
                }
            }
            match self.named() {
                Some(Problem::TooLarge { .. }) => {
                    self.count("too large");
                    self.streams.take_up_to(1 << 20);
                }
                Some(Problem::Ahead { .. } | Problem::Diverged { .. }) if self.restored.get() => {
                    self.count("put right");
                    self.streams.wipe();
                    self.restored.set(false);
                }
                other => {
                    let (log, stream) = (self.database.look(Rows::head), self.streams.ids().len());
                    return Err(format!("log {log}, stream {stream}, named {other:?}"));
                }
            }
        }
        Err("whatever a person does, the stream does not get level".to_owned())
    }

    fn is_level(&self) -> bool {
        let ids = self.streams.ids();
        self.database.look(|rows| rows.events().iter().map(|e| e.event.event_id).eq(ids))
    }
}

/// Some events of an object of their own.
fn append(object: u64) -> Append {
    let id = Uuid::from_u128(u128::from(object));
    let events = (0..1 + below(4)).map(|_| NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "Counted".to_owned(),
        event_version: 1,
        payload: "x".repeat(if chance(2) { LARGE + 1 } else { 2 }),
    });
    let stream = StreamVersion {
        aggregate: "counter",
        object_id: format!("o{object}"),
        version: 0,
        after: None,
    };
    Append {
        metadata: super::metadata("acme", id),
        request: RequestKey { id, digest: [0; 32] },
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events: events.collect() }],
    }
}

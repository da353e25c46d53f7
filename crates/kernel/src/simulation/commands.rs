//! Commands of several callers in several processes, on a database that loses answers, restarts,
//! and carries out statements of clients that are gone.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use uuid::Uuid;

use super::Figures;
use super::counter::{Ask, Counter, Wish};
use super::executor::{below, chance, kill, now, sleep, spawn, timeout};
use super::history::{History, Request, Told, ensure, was};
use crate::access::ApartFrom;
use crate::command::{CommandContext, Commands, Rejected};
use crate::log::simulated::{Server, Sizes, Weather};
use crate::log::{AppendError, Log, ObjectKey, RequestKey};

const TENANT: &str = "acme";
/// An object of which the database can store nothing.
pub(super) const UNSTORABLE: &str = "\0";

/// One run.
struct Scene {
    server: Server,
    processes: Vec<Process>,
    objects: u64,
    /// Whether all callers press on the same two objects of one process.
    crowded: bool,
    history: RefCell<History>,
    requests: Cell<u64>,
    /// Whether nothing breaks any more.
    calm: Cell<bool>,
    figures: RefCell<Figures>,
}

struct Process {
    number: u32,
    sizes: Sizes,
    log: RefCell<Option<Log>>,
    callers: Vec<RefCell<VecDeque<Request>>>,
}

pub(super) async fn run() -> Result<Figures, String> {
    let scene = Rc::new(Scene::new());
    for process in &scene.processes {
        scene.start(process);
    }
    let breaker = scene.clone();
    spawn(0, async move { breaker.break_things().await });
    while scene.is_busy() {
        sleep(Duration::from_millis(50)).await;
        ensure!(now() < Duration::from_secs(600), "callers are not served");
    }
    // What is late comes in the meantime.
    sleep(Duration::from_secs(20)).await;
    scene.check_memory()?;
    scene.serves_all().await?;
    scene.history.borrow().check(&scene.server)?;
    scene.check_memory()?;
    let mut figures = scene.figures.take();
    figures.count("events", scene.server.look(|rows| rows.head()));
    Ok(figures)
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self {
            server: Server::default(),
            processes: Vec::new(),
            objects: 1 + below(3),
            crowded: chance(25),
            history: RefCell::default(),
            requests: Cell::new(0),
            calm: Cell::new(false),
            figures: RefCell::default(),
        };
        let (processes, callers) = match scene.crowded {
            true => (1, 5),
            false => (1 + below(3), 1 + below(4)),
        };
        for number in 1..=u32::try_from(processes).unwrap_or(1) {
            let callers = (0..callers).map(|_| scene.wishes()).collect();
            let sizes = Sizes {
                waiting: usize::try_from(1 + below(10)).unwrap_or(1),
                batch: usize::try_from(1 + below(6)).unwrap_or(1),
                states: if chance(50) { 600 } else { 1 << 20 },
            };
            let process = Process { number, sizes, log: RefCell::default(), callers };
            scene.processes.push(process);
        }
        scene
    }

    fn wishes(&self) -> RefCell<VecDeque<Request>> {
        let mut wishes: VecDeque<Request> = VecDeque::new();
        for _ in 0..1 + below(6) {
            let mut request = self.request(self.wish());
            if let Some(used) = wishes.back().filter(|_| chance(5)) {
                request.id = used.id;
            }
            wishes.push_back(request);
        }
        wishes.into()
    }

    fn request(&self, wish: Wish) -> Request {
        self.requests.set(self.requests.get() + 1);
        let id = Uuid::from_u128(u128::from(self.requests.get()));
        let expected = chance(10).then(|| below(4));
        let mut digest = [0; 32];
        digest[..16].copy_from_slice(id.as_bytes());
        Request { id, digest, wish, expected }
    }

    fn object(&self) -> String {
        let objects = if self.crowded { 1 } else { self.objects };
        format!("c{}", below(objects))
    }

    fn wish(&self) -> Wish {
        let by = below(9).cast_signed() - 4;
        let kind = if self.crowded { 4 + below(2) } else { below(11) };
        match kind {
            0 | 1 => {
                let from = self.object();
                let to = self.object();
                if from == to {
                    return Wish::Limited { object: from, by, limit: "limit".to_owned() };
                }
                Wish::Transfer { from, to, amount: 1 + below(3).cast_signed(), most: 6 }
            }
            2..=4 => Wish::Limited { object: self.object(), by, limit: "limit".to_owned() },
            5 | 6 => Wish::One { object: "limit".to_owned(), ask: Ask::Move(by), new: false },
            7 if chance(20) => {
                Wish::One { object: UNSTORABLE.to_owned(), ask: Ask::Move(1), new: chance(50) }
            }
            8 if chance(30) => Wish::One { object: self.object(), ask: Ask::Shake(60), new: false },
            _ => Wish::One { object: self.object(), ask: Ask::Move(by), new: chance(10) },
        }
    }

    fn is_busy(&self) -> bool {
        let mut callers = self.processes.iter().flat_map(|process| &process.callers);
        !self.calm.get() || callers.any(|wishes| !wishes.borrow().is_empty())
    }

    fn count(&self, name: &'static str) {
        self.figures.borrow_mut().count(name, 1);
    }

    /// Starts a process; its callers go on with what they were not told about.
    fn start(self: &Rc<Self>, process: &Process) {
        let number = process.number;
        let scene = self.clone();
        spawn(number, async move {
            let process = &scene.processes[number as usize - 1];
            let log = Log::simulated(&scene.server, process.sizes);
            let commands = Commands::new(log.clone());
            process.log.replace(Some(log));
            for caller in 0..process.callers.len() {
                if process.callers[caller].borrow().is_empty() {
                    continue;
                }
                let (scene, commands) = (scene.clone(), commands.clone());
                spawn(number, async move {
                    scene.call(&commands, number as usize - 1, caller).await;
                });
            }
        });
    }

    /// A caller: one request after the other, each repeated until it is answered.
    async fn call(&self, commands: &Commands, process: usize, caller: usize) {
        let wishes = &self.processes[process].callers[caller];
        loop {
            let Some(request) = wishes.borrow().front().cloned() else { return };
            let patience = Duration::from_millis(if chance(20) { below(40) } else { 60_000 });
            match self.ask(commands, &request, patience).await {
                Some(true) => drop(wishes.borrow_mut().pop_front()),
                Some(false) | None => sleep(Duration::from_millis(below(300))).await,
            }
            if chance(30) {
                sleep(Duration::from_millis(below(30))).await;
            }
        }
    }

    /// Makes a request; whether it was answered for good. A caller that loses its patience hears
    /// nothing.
    async fn ask(
        &self,
        commands: &Commands,
        request: &Request,
        patience: Duration,
    ) -> Option<bool> {
        self.history.borrow_mut().requests.push(request.clone());
        self.count("requests");
        let asked = self.server.look(|rows| rows.appends().len());
        let context = context(request);
        let answer = timeout(patience, commands.execute(&request.wish, &context)).await;
        let Some(answer) = answer else {
            self.count("cancelled");
            return None;
        };
        let told = self.server.look(|rows| rows.appends().len());
        let unstorable = request.wish.subject() == UNSTORABLE;
        let done = match &answer {
            Ok(_) => {
                self.count("acknowledged");
                true
            }
            Err(Rejected::Refused(_) | Rejected::Stale { .. }) => {
                self.count("refused");
                true
            }
            Err(Rejected::Append(AppendError::Busy)) => {
                self.count("busy");
                false
            }
            Err(Rejected::Append(AppendError::Database(_))) => unstorable,
            Err(Rejected::Read(_)) => false,
            Err(Rejected::Append(_) | Rejected::Unwritable(_) | Rejected::SameHands { .. }) => true,
        };
        let request = request.clone();
        self.history.borrow_mut().told.push(Told { request, asked, told, answer });
        Some(done)
    }

    /// What goes wrong, for a while.
    async fn break_things(self: Rc<Self>) {
        for _ in 0..below(6) {
            let part = below(15);
            self.server.set_weather(Weather {
                lost: below(part + 1),
                unanswered: below(part + 1),
                late: below(part + 1),
                slow: below(3 * part + 1),
            });
            sleep(Duration::from_millis(below(60))).await;
            match below(6) {
                0 => {
                    self.count("server restarts");
                    let away = if chance(20) { 8_000 } else { 300 };
                    self.server.restart(Duration::from_millis(below(away)));
                }
                1 | 2 => {
                    let which = usize::try_from(below(self.processes.len() as u64)).unwrap_or(0);
                    self.count("crashes");
                    let process = &self.processes[which];
                    kill(process.number);
                    self.start(process);
                }
                _ => (),
            }
        }
        self.server.set_weather(Weather::default());
        self.calm.set(true);
    }

    /// With everything well again every process serves at the first try.
    async fn serves_all(&self) -> Result<(), String> {
        for process in &self.processes {
            let Some(log) = process.log.borrow().clone() else { continue };
            let commands = Commands::new(log);
            for object in (0..self.objects).map(|number| format!("c{number}")) {
                let wish = Wish::One { object, ask: Ask::Move(1), new: false };
                let request = Request { expected: None, ..self.request(wish) };
                let done = self.ask(&commands, &request, Duration::from_secs(60)).await;
                ensure!(done == Some(true), "{request:?} is not served: {done:?}");
                let last =
                    self.history.borrow().told.last().is_some_and(|told| told.answer.is_ok());
                ensure!(last, "{request:?} is not carried out");
            }
        }
        Ok(())
    }

    /// With nothing under way, every state in memory is one that was stored.
    fn check_memory(&self) -> Result<(), String> {
        for process in &self.processes {
            let Some(log) = process.log.borrow().clone() else { continue };
            for object in (0..self.objects).map(|number| format!("c{number}")) {
                let key = ObjectKey {
                    aggregate: "counter",
                    tenant: TENANT.to_owned(),
                    object_id: object.clone(),
                };
                if let Some(cached) = log.cached::<Counter>(&key) {
                    was(&self.server, &format!("{TENANT}/{object}"), &cached)?;
                }
            }
        }
        Ok(())
    }
}

fn context(request: &Request) -> CommandContext {
    CommandContext {
        metadata: super::metadata(TENANT, request.id),
        request: RequestKey { id: request.id, digest: request.digest },
        apart_from: ApartFrom::default(),
        expected_version: request.expected,
    }
}

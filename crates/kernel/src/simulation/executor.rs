//! One thread that runs tasks in an order chosen by a seed, in a time of its own.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Steps after which a run is taken to go round in circles.
const STEPS: u64 = 400_000;

/// Time that passes while something else could happen.
const AT_ONCE: Duration = Duration::from_millis(5);

/// Why a run came to no end.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Hung {
    #[error("everybody waits for somebody else")]
    Stuck,
    #[error("it goes on for ever")]
    Endless,
}

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// What a run consists of.
struct World {
    tasks: RefCell<BTreeMap<u64, Task>>,
    next: Cell<u64>,
    ready: Arc<Ready>,
    timers: RefCell<BTreeMap<(Duration, u64), Waker>>,
    now: Cell<Duration>,
    /// The group of the task that runs.
    group: Cell<u32>,
    random: Cell<u64>,
    /// A sum over all steps: the same for the same run.
    trace: Cell<u64>,
}

/// Names a task.
#[derive(Clone, Copy)]
pub(crate) struct Id(u64);

struct Task {
    group: u32,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

/// Tasks that can go on.
#[derive(Default)]
struct Ready(Mutex<Vec<u64>>);

struct Alarm {
    task: u64,
    ready: Arc<Ready>,
}

impl Ready {
    fn push(&self, task: u64) {
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&task) {
            ready.push(task);
        }
    }

    fn take(&self, world: &World) -> Option<u64> {
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = ready.len() as u64;
        (count > 0).then(|| ready.swap_remove(usize::try_from(world.below(count)).unwrap_or(0)))
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.task);
    }
}

/// Runs a future and all tasks that it spawns, until it is done. Gives a sum over its steps, too.
pub(crate) fn run<T: 'static>(
    seed: u64,
    main: impl Future<Output = T> + 'static,
) -> (Result<T, Hung>, u64) {
    let world = Rc::new(World {
        tasks: RefCell::default(),
        next: Cell::new(0),
        ready: Arc::default(),
        timers: RefCell::default(),
        now: Cell::new(Duration::ZERO),
        group: Cell::new(0),
        random: Cell::new(seed),
        trace: Cell::new(0),
    });
    WORLD.set(Some(world.clone()));
    let _over = Over;
    let done = Rc::new(Cell::new(None));
    let result = done.clone();
    spawn(0, async move { result.set(Some(main.await)) });
    for _ in 0..STEPS {
        if let Some(result) = done.take() {
            return (Ok(result), world.trace.get());
        }
        if let Err(hung) = world.step() {
            return (Err(hung), world.trace.get());
        }
    }
    (Err(Hung::Endless), world.trace.get())
}

/// Ends a world, also when a panic does.
struct Over;

impl Drop for Over {
    fn drop(&mut self) {
        if let Some(world) = WORLD.with_borrow(Clone::clone) {
            drop(world.tasks.take());
        }
        WORLD.set(None);
    }
}

impl World {
    fn step(&self) -> Result<(), Hung> {
        // A little time may pass also while somebody could go on.
        if self.below(16) == 0 {
            self.next_timer(AT_ONCE);
        }
        let Some(id) = self.ready.take(self) else {
            return if self.next_timer(Duration::MAX) { Ok(()) } else { Err(Hung::Stuck) };
        };
        let Some(mut task) = self.tasks.borrow_mut().remove(&id) else { return Ok(()) };
        self.group.set(task.group);
        let step = id ^ u64::try_from(self.now.get().as_micros()).unwrap_or_default() << 20;
        self.trace.set((self.trace.get() ^ step).wrapping_mul(0x0100_0000_01b3));
        let waker = Waker::from(Arc::new(Alarm { task: id, ready: self.ready.clone() }));
        // A task that ends its own group is not there to be ended, and must not come back.
        let alive = match task.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(()) => false,
            Poll::Pending => true,
        };
        if alive {
            self.tasks.borrow_mut().insert(id, task);
        }
        Ok(())
    }

    /// Lets time go on to the next one who waits for it, when that is not longer than so.
    fn next_timer(&self, longest: Duration) -> bool {
        let mut timers = self.timers.borrow_mut();
        let next = timers.first_entry();
        let due = |at: Duration| at.saturating_sub(self.now.get()) <= longest;
        let Some(next) = next.filter(|next| due(next.key().0)) else { return false };
        let ((at, _), waker) = next.remove_entry();
        drop(timers);
        self.now.set(self.now.get().max(at));
        waker.wake();
        true
    }

    /// The next of the seed's choices (SplitMix64, which is quick also without optimisation).
    fn below(&self, limit: u64) -> u64 {
        self.random.set(self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut mixed = self.random.get();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn number(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
}

fn world() -> Rc<World> {
    WORLD.with_borrow(Clone::clone).expect("only what is simulated asks for its world")
}

/// Whether this thread runs a simulation.
pub(crate) fn is_running() -> bool {
    WORLD.with_borrow(Option::is_some)
}

/// Starts a task, in a group that can be ended together, as a process is.
pub(crate) fn spawn(group: u32, future: impl Future<Output = ()> + 'static) -> Id {
    let world = world();
    let id = world.number();
    world.tasks.borrow_mut().insert(id, Task { group, future: Box::pin(future) });
    world.ready.push(id);
    Id(id)
}

/// Ends another task where it stands.
pub(crate) fn end(Id(id): Id) {
    let ended = WORLD.with_borrow(|world| world.as_ref()?.tasks.borrow_mut().remove(&id));
    drop(ended);
}

/// The group of the task that asks.
pub(crate) fn group() -> u32 {
    world().group.get()
}

/// Ends all tasks of another group where they stand.
pub(crate) fn kill(group: u32) {
    let killed: Vec<_> =
        world().tasks.borrow_mut().extract_if(.., |_, t| t.group == group).collect();
    drop(killed);
}

/// The time of this world.
pub(crate) fn now() -> Duration {
    world().now.get()
}

/// A number below a limit.
pub(crate) fn below(limit: u64) -> u64 {
    world().below(limit)
}

/// Whether something happens that does so in so many of a hundred cases.
pub(crate) fn chance(percent: u64) -> bool {
    below(100) < percent
}

/// Waits in the time of this world.
pub(crate) async fn sleep(duration: Duration) {
    let (world_now, mut asked) = (now(), false);
    let until = world_now + duration;
    std::future::poll_fn(move |context| {
        let world = world();
        if world.now.get() >= until && asked {
            return Poll::Ready(());
        }
        // Once: a future stays in its task, and one more with every poll would double their number
        // again and again.
        if !asked {
            asked = true;
            let number = world.number();
            world.timers.borrow_mut().insert((until, number), context.waker().clone());
        }
        Poll::Pending
    })
    .await;
}

/// Waits for something, but not longer than so.
pub(crate) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut limit) = (pin!(future), pin!(sleep(limit)));
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => limit.as_mut().poll(context).map(|()| None),
    })
    .await
}

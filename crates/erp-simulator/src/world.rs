//! A simulator's inside: its books, its manners, and what is being done.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::books::Books;
use crate::catalogue::Accounts;
use crate::control::Misbehaviour;

pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) accounts: Accounts,
    books: Mutex<Books>,
    manners: Mutex<Misbehaviour>,
    doing: AtomicUsize,
}

/// Something that is being done.
pub(crate) struct Doing(Arc<World>);

impl World {
    pub(crate) fn new(base: String) -> Self {
        Self {
            base,
            accounts: Accounts::new(),
            books: Mutex::new(Books::new()),
            manners: Mutex::default(),
            doing: AtomicUsize::new(0),
        }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn manners(&self) -> MutexGuard<'_, Misbehaviour> {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something is being done.
    pub(crate) fn is_busy(&self) -> bool {
        self.doing.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn doing(self: &Arc<Self>) -> Doing {
        self.doing.fetch_add(1, Ordering::SeqCst);
        Doing(Arc::clone(self))
    }
}

impl Drop for Doing {
    fn drop(&mut self) {
        self.0.doing.fetch_sub(1, Ordering::SeqCst);
    }
}

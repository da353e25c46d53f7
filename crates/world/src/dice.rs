//! Chance that is the same every time.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Draws from a seed. What is drawn for one purpose changes nothing for others.
#[derive(Clone, Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of a purpose.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        dice.set_stream(purpose);
        Self(dice)
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most.max(least))
    }

    /// Whether something happens that does so often in a thousand times.
    pub(crate) fn permille(&mut self, often: u64) -> bool {
        self.between(1, 1_000) <= often
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let last = of.len().saturating_sub(1) as u64;
        let at = self.between(0, last);
        &of[usize::try_from(at).unwrap_or_default()]
    }

    /// `count` different numbers below `of`, in the order in which they were drawn.
    pub(crate) fn different(&mut self, count: u64, of: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..of).collect();
        let count = usize::try_from(count).unwrap_or(of).min(of);
        for at in 0..count {
            let other = self.between(at as u64, of as u64 - 1);
            all.swap(at, usize::try_from(other).unwrap_or(at));
        }
        all.truncate(count);
        all
    }
}

/// A fault that is planted now and then, and surely early on.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    often: u64,
    surely_at: &'static [u64],
    seen: u64,
}

impl Fault {
    /// So often in a thousand chances, and surely at the given ones, counted from 1.
    pub(crate) fn new(often: u64, surely_at: &'static [u64]) -> Self {
        Self { often, surely_at, seen: 0 }
    }

    /// Whether it happens at this chance.
    pub(crate) fn strikes(&mut self, dice: &mut Dice) -> bool {
        self.seen += 1;
        dice.permille(self.often) || self.surely_at.contains(&self.seen)
    }
}

//! How money and goods follow an order: what is kept for it, and what it has used up.
//!
//! An order says at any time what it needs of each account and of each product, see
//! [`crate::order::paying`] and [`crate::order::stocking`]; what changes between two such times is a
//! [`Shift`], and accounts and stock turn it into their facts. So none of them has to know why an
//! order needs more or less.

use values::{Minor, Quantity};

/// Something that is counted and is never less than nothing here: money, or goods.
pub trait Counted: Copy + Default + Ord {
    /// What is left after taking the other away; nothing when that is more.
    fn less(self, other: Self) -> Self;
}

impl Counted for Minor {
    fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }
}

impl Counted for Quantity {
    fn less(self, other: Self) -> Self {
        Self::less(self, other)
    }
}

/// What an order has of one account or product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position<T = Minor> {
    /// Kept for goods that were not delivered.
    pub held: T,
    /// Used up by goods that were.
    pub captured: T,
}

/// What changes when an order goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift<T = Minor> {
    /// To be kept, besides what is kept.
    pub hold: T,
    /// Of what is kept: used up.
    pub capture: T,
    /// Of what is kept: not needed any more.
    pub release: T,
}

impl<T: Counted> Shift<T> {
    /// From one position to another.
    pub fn between(before: Position<T>, after: Position<T>) -> Self {
        let capture = after.captured.less(before.captured);
        let stays = before.held.less(capture);
        Self { hold: after.held.less(stays), capture, release: stays.less(after.held) }
    }

    /// Whether nothing changes.
    pub fn is_none(self) -> bool {
        [self.hold, self.capture, self.release].iter().all(|part| *part == T::default())
    }
}

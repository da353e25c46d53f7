//! How money follows an order: what is kept for it, and what it has used up.
//!
//! An order says at any time what it needs of each account, see [`crate::order::paying`]; what
//! changes between two such times is a [`Shift`], and accounts turn it into their facts. So no
//! account has to know why an order needs more or less.

use values::Minor;

/// What an order has of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Kept for goods that were not delivered.
    pub held: Minor,
    /// Used up by goods that were.
    pub captured: Minor,
}

/// What changes for one account when an order goes on; none of it is below nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// To be kept, besides what is kept.
    pub hold: Minor,
    /// Of what is kept: used up.
    pub capture: Minor,
    /// Of what is kept: not needed any more.
    pub release: Minor,
}

impl Shift {
    /// From one position to another.
    pub fn between(before: Position, after: Position) -> Self {
        let less = |a: Minor, b: Minor| Minor(a.0.saturating_sub(b.0).max(0));
        let capture = less(after.captured, before.captured);
        let stays = Minor(before.held.0.saturating_sub(capture.0));
        Self { hold: less(after.held, stays), capture, release: less(stays, after.held) }
    }

    /// Whether nothing changes.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

//! How a statement is worked out: fact by fact, in the order of the log.
//!
//! Where a statement begins and ends is said by positions, and not by days: what is recorded late for
//! a day that was stated already comes into the next statement, and no fact is in two of them or in
//! none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kernel::Decider as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use values::{BusinessDate, Currency, Minor};

use super::movement::{Fact, Movement, MovementKind};
use super::{Link, Made, StatedAccount, StatementRefusal};
use crate::credit::CreditAccount;
use crate::wallet::Balance;

/// Most lines of a statement: a year of a dealer that orders every quarter of an hour.
pub const MAX_LINES: u32 = 100_000;

/// What moved, of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sum {
    /// The kind.
    pub kind: MovementKind,
    /// How many lines.
    pub count: u32,
    /// How much more, or less, is there or owed by all of them.
    pub change_minor: Minor,
    /// How much more, or less, is kept for orders by all of them.
    pub held_change_minor: Minor,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Which account.
    pub account: StatedAccount,
    /// In which currency.
    pub currency: Currency,
    /// The first day; none: wherever the one before ended, or the account began.
    pub from: Option<BusinessDate>,
    /// The last day.
    pub until: BusinessDate,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The first day.
    pub from: BusinessDate,
    /// The last day.
    pub until: BusinessDate,
    /// It has what was recorded after this position …
    pub after_position: u64,
    /// … up to this one.
    pub upto_position: u64,
    /// What was there before.
    pub opening: Balance,
    /// What is there after it.
    pub closing: Balance,
    /// What moved, by kind.
    pub sums: Vec<Sum>,
    /// How many lines.
    pub line_count: u32,
    /// Of the opening and the lines.
    pub digest: String,
    /// What was late on the last day.
    pub overdue: Minor,
    /// By how many days.
    pub overdue_days: u32,
}

/// A statement while it is worked out.
#[derive(Clone, Debug)]
pub struct Tally {
    period: Period,
    /// The first day, once it is known.
    from: Option<BusinessDate>,
    /// Whether another statement says where it begins.
    follows: bool,
    after_position: u64,
    upto_position: u64,
    opening: Balance,
    closing: Balance,
    sums: BTreeMap<MovementKind, Sum>,
    line_count: u32,
    lines: Sha256,
    moved: bool,
    /// What was owed at each moment, and when it was due.
    credit: CreditAccount,
}

impl Tally {
    /// Begins where the statement before ended, or where the period does.
    ///
    /// # Errors
    /// When the period leaves days out, or has days that were stated.
    pub fn begin(period: Period, before: Option<&Link>) -> Result<Self, StatementRefusal> {
        let mut from = period.from;
        if let Some(before) = before {
            let next = before.until.plus_days(1);
            match period.from {
                Some(from) if from < next => {
                    let statement_id = before.statement_id.clone();
                    return Err(StatementRefusal::PeriodOverlaps { statement_id, next });
                }
                Some(from) if from > next => return Err(StatementRefusal::PeriodGap { next }),
                Some(_) | None => from = Some(next),
            }
        }
        if from.is_some_and(|from| from > period.until) {
            return Err(StatementRefusal::PeriodReversed);
        }
        let start = before.map_or(0, |before| before.upto_position);
        let opening = before.map(|before| before.closing).unwrap_or_default();
        Ok(Self::at(period, from, before.is_some(), (start, opening)))
    }

    /// Begins where another statement began, until a day of its own.
    ///
    /// # Errors
    /// When that day is before the last one of the other statement.
    pub fn again(made: &Made, until: BusinessDate) -> Result<Self, StatementRefusal> {
        if until < made.until {
            return Err(StatementRefusal::PeriodReversed);
        }
        let (account, currency, from) = (made.account, made.currency.clone(), Some(made.from));
        let period = Period { account, currency, from, until };
        Ok(Self::at(period, from, true, (made.after_position, made.opening)))
    }

    fn at(
        period: Period,
        from: Option<BusinessDate>,
        follows: bool,
        (position, opening): (u64, Balance),
    ) -> Self {
        Self {
            period,
            from,
            follows,
            after_position: position,
            upto_position: position,
            opening,
            closing: opening,
            sums: BTreeMap::new(),
            line_count: 0,
            lines: Sha256::new(),
            moved: follows,
            credit: CreditAccount::default(),
        }
    }

    /// The position after which facts have to be told. What is owed by when follows from all that
    /// ever happened to a line of credit.
    pub fn reads_after(&self) -> u64 {
        match self.period.account {
            StatedAccount::Credit => 0,
            StatedAccount::Prepaid | StatedAccount::Rebate => self.after_position,
        }
    }

    /// The next fact; `false` when it is none of the statement's any more.
    ///
    /// # Errors
    /// When there are too many, or they do not add up.
    pub fn take(
        &mut self,
        position: u64,
        day: BusinessDate,
        fact: &Fact,
    ) -> Result<bool, StatementRefusal> {
        let stated = position <= self.after_position;
        if !stated && day > self.period.until {
            return Ok(false);
        }
        if let Fact::Credit(event) = fact {
            self.credit.evolve(event.clone());
        }
        if stated {
            return Ok(true);
        }
        let movement = Movement::of(self.period.account, fact);
        let movement = movement.filter(|it| it.currency == self.period.currency);
        if !self.follows && self.from.is_some_and(|from| day < from) {
            (self.after_position, self.upto_position) = (position, position);
            if let Some(movement) = movement {
                self.moved = true;
                (self.opening, self.closing) = (movement.after, movement.after);
            }
            return Ok(true);
        }
        self.upto_position = position;
        let Some(movement) = movement else { return Ok(true) };
        self.from.get_or_insert(day);
        self.moved = true;
        self.add(position, &movement)?;
        Ok(true)
    }

    fn add(&mut self, position: u64, movement: &Movement) -> Result<(), StatementRefusal> {
        if self.line_count >= MAX_LINES {
            return Err(StatementRefusal::TooManyMovements);
        }
        self.line_count += 1;
        self.closing.balance_minor.0 += movement.change.0;
        self.closing.held_minor.0 += movement.held_change.0;
        // What an account says of itself and what the statement adds up must be the same.
        if self.closing != movement.after {
            return Err(StatementRefusal::NotAddingUp { position });
        }
        let kind = movement.kind;
        let (change_minor, held_change_minor) = (Minor::ZERO, Minor::ZERO);
        let none = Sum { kind, count: 0, change_minor, held_change_minor };
        let sum = self.sums.entry(kind).or_insert(none);
        sum.count += 1;
        sum.change_minor.0 += movement.change.0;
        sum.held_change_minor.0 += movement.held_change.0;
        self.lines.update(movement.written(position));
        Ok(())
    }

    /// The statement, once all facts were told.
    ///
    /// # Errors
    /// When the account has never moved.
    pub fn finish(self) -> Result<Drawn, StatementRefusal> {
        if !self.moved {
            return Err(StatementRefusal::NeverMoved);
        }
        let (overdue, overdue_days) = self.overdue();
        Ok(Drawn {
            from: self.from.unwrap_or(self.period.until),
            until: self.period.until,
            after_position: self.after_position,
            upto_position: self.upto_position,
            opening: self.opening,
            closing: self.closing,
            line_count: self.line_count,
            digest: digest(&self.period, self.opening, self.lines),
            sums: self.sums.into_values().collect(),
            overdue,
            overdue_days,
        })
    }

    /// What of the credit was to be paid by the last day, and by how many days that was late.
    fn overdue(&self) -> (Minor, u32) {
        let line = self.credit.line().filter(|line| line.currency == self.period.currency);
        let Some(line) = line else { return (Minor::ZERO, 0) };
        let late = line.owed.iter().filter(|owed| owed.due_on < self.period.until);
        (late.map(|owed| owed.open).sum(), line.days_late(self.period.until))
    }
}

/// SHA-256 of what a statement begins with and of its lines: a line for each, fields between tabs.
/// The digest of the lines by themselves comes first, so that they need not be kept.
fn digest(period: &Period, opening: Balance, lines: Sha256) -> String {
    let Period { account, currency, .. } = period;
    let Balance { balance_minor, held_minor } = opening;
    let head = format!("{}\t{currency}\t{}\t{}\n", account.as_ref(), balance_minor.0, held_minor.0);
    hex(&Sha256::new().chain_update(hex(&lines.finalize())).chain_update(head).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

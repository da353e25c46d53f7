//! What every request is looked at for before a handler sees it: the rules of its fields, and
//! whether the caller may name what its ids name. The contracts say both; `build/checks.rs` makes
//! the code that walks a message out of them, and calls what is here.

use std::fmt;
use std::sync::LazyLock;

use prost::Message;
use regex::Regex;

/// Problems told at once; a request that has more is told of the first ones.
const TOLD: usize = 100;

/// Ids of a request that are remembered.
const NAMED: usize = 5;

/// A place in a request. It is put into words only when something is wrong there.
#[derive(Clone, Copy)]
pub struct At<'a> {
    above: Option<&'a At<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Root,
    Field(&'static str),
    Item(usize),
}

impl At<'_> {
    /// The request as a whole.
    pub const ROOT: At<'static> = At { above: None, step: Step::Root };

    /// A field of the message here.
    pub fn field(&self, name: &'static str) -> At<'_> {
        At { above: Some(self), step: Step::Field(name) }
    }

    /// An entry of the list here, from 0.
    pub fn item(&self, index: usize) -> At<'_> {
        At { above: Some(self), step: Step::Item(index) }
    }
}

/// For example `lines[2].quantity`.
impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if self.above.is_some_and(|above| above.above.is_some()) => {
                write!(f, ".{name}")
            }
            Step::Field(name) => f.write_str(name),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no UUID.
    NotUuid,
    /// It has fewer characters.
    TooShort(u64),
    /// It has more characters.
    TooLong(u64),
    /// It has another form, which is told in Chinese and in English.
    Form(&'static str, &'static str),
    /// It is less.
    Below(i128),
    /// It is more.
    Above(i128),
    /// It has fewer bytes.
    FewBytes(u64),
    /// It has more bytes.
    ManyBytes(u64),
    /// The list has fewer entries.
    TooFew(u64),
    /// The list has more entries.
    TooMany(u64),
    /// The contract has no such value.
    Undefined,
}

/// A form that a text can have.
pub(crate) struct Form {
    pub(crate) pattern: LazyLock<Regex>,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

/// What was found when a request was looked at.
#[derive(Default)]
pub struct Findings<'a> {
    tenant: Option<&'a str>,
    company: Option<&'a str>,
    /// Fields with what is wrong there.
    pub problems: Vec<(String, Problem)>,
    /// Fields that name a tenant or a company which the caller may not name.
    pub foreign: Vec<String>,
    /// What the request names, as `field=id`: the first few ids of somebody's things.
    pub named: Vec<String>,
}

impl<'a> Findings<'a> {
    /// For a caller who may name one tenant, or all of them, and one company, or all.
    pub fn of(tenant: Option<&'a str>, company: Option<&'a str>) -> Self {
        Self { tenant, company, ..Self::default() }
    }

    fn check(&mut self, at: &At<'_>, fine: bool, problem: impl FnOnce() -> Problem) -> bool {
        if !fine && self.problems.len() < TOLD {
            self.problems.push((at.to_string(), problem()));
        }
        fine
    }

    pub(crate) fn uuid(&mut self, at: &At<'_>, value: &str) {
        self.check(at, is_uuid(value), || Problem::NotUuid);
    }

    pub(crate) fn at_least_long(&mut self, at: &At<'_>, value: &str, least: u64) {
        self.check(at, length(value) >= least, || Problem::TooShort(least));
    }

    pub(crate) fn at_most_long(&mut self, at: &At<'_>, value: &str, most: u64) {
        // A text has no more characters than bytes, and most texts are short.
        let fine = value.len() as u64 <= most || length(value) <= most;
        self.check(at, fine, || Problem::TooLong(most));
    }

    pub(crate) fn form(&mut self, at: &At<'_>, value: &str, form: &'static Form) {
        self.check(at, form.pattern.is_match(value), || Problem::Form(form.zh, form.en));
    }

    pub(crate) fn at_least(&mut self, at: &At<'_>, value: i128, least: i128) {
        self.check(at, value >= least, || Problem::Below(least));
    }

    pub(crate) fn at_most(&mut self, at: &At<'_>, value: i128, most: i128) {
        self.check(at, value <= most, || Problem::Above(most));
    }

    pub(crate) fn defined(&mut self, at: &At<'_>, defined: bool) {
        self.check(at, defined, || Problem::Undefined);
    }

    /// Whether the entries are worth a look: of a list that is too long, none is.
    pub(crate) fn at_least_bytes(&mut self, at: &At<'_>, value: &[u8], least: u64) {
        self.check(at, value.len() as u64 >= least, || Problem::FewBytes(least));
    }

    pub(crate) fn at_most_bytes(&mut self, at: &At<'_>, value: &[u8], most: u64) {
        self.check(at, value.len() as u64 <= most, || Problem::ManyBytes(most));
    }

    pub(crate) fn count(&mut self, at: &At<'_>, number: usize, least: u64, most: u64) -> bool {
        let number = number as u64;
        self.check(at, number >= least, || Problem::TooFew(least));
        self.check(at, number <= most, || Problem::TooMany(most))
    }

    pub(crate) fn tenant(&mut self, at: &At<'_>, id: &str) {
        self.may_name(at, self.tenant, id);
    }

    pub(crate) fn company(&mut self, at: &At<'_>, id: &str) {
        self.may_name(at, self.company, id);
    }

    /// Something of the tenant is named; whether it is there, others find out.
    pub(crate) fn name(&mut self, at: &At<'_>, id: &str) {
        // It is not said yet that this is an id at all. Line breaks part the names where they are
        // stored, and what stores them does not take every control character.
        let tellable = id.len() <= 200 && !id.contains(char::is_control);
        if !id.is_empty() && tellable && self.named.len() < NAMED {
            self.named.push(format!("{at}={id}"));
        }
    }

    /// An empty id names nobody.
    fn may_name(&mut self, at: &At<'_>, only: Option<&str>, id: &str) {
        self.name(at, id);
        let may = id.is_empty() || only.is_none_or(|only| only == id);
        if !may && self.foreign.len() < TOLD {
            self.foreign.push(at.to_string());
        }
    }
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

/// 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, as RFC 9562 writes them.
fn is_uuid(text: &str) -> bool {
    let digit = |(index, sign): (usize, u8)| match index {
        8 | 13 | 18 | 23 => sign == b'-',
        _ => sign.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(digit)
}

/// A message that can be looked at.
pub trait Checked {
    /// Looks at every field.
    fn look(&self, at: &At<'_>, found: &mut Findings<'_>);
}

/// Reads the bytes of a request and looks at it.
pub type Looker = fn(&[u8], &mut Findings<'_>) -> Result<(), prost::DecodeError>;

pub(crate) fn look<M: Message + Default + Checked>(
    body: &[u8],
    found: &mut Findings<'_>,
) -> Result<(), prost::DecodeError> {
    M::decode(body)?.look(&At::ROOT, found);
    Ok(())
}

/// Whether a value is the one that proto3 does not send.
pub(crate) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

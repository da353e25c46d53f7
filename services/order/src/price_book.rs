//! The price book (价格册): which price list counts for whom and when, beside the base list that
//! counts for everybody.
//!
//! It is one object of a tenant, so an order finds all lists by one look, and one that was decided
//! while a list was placed is decided again.
//!
//! Of the lists that are for a buyer on a day, the one that says most closely for whom it is comes
//! first: named dealers before levels, levels before channels, channels before regions, a region before
//! those above it, and the base list last. A price comes from the first list that has one for the product.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, PriceListId};

use crate::audience::{Audience, Buyer, NotFor, Window};

/// The id of the one book that each tenant has.
pub const PRICE_BOOK: &str = "prices";
/// Lists that it may hold: each order looks at all of them.
pub const MAX_PLACED: usize = 200;

/// The facts of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum PriceBookEvent {
    /// A list counts for some buyers from now on, on its days. Placed orders keep their prices.
    PriceListPlaced(Box<Placement>),
    /// A list counts for nobody any more. Placed orders keep their prices.
    PriceListTakenOut {
        /// The list.
        price_list_id: PriceListId,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// For whom a list counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Placement {
    /// The list.
    pub price_list_id: PriceListId,
    /// What it was called when it was placed.
    pub name: String,
    /// The list's currency.
    pub currency: Currency,
    /// When it counts.
    pub window: Window,
    /// For whom.
    pub audience: Audience,
    /// Among lists that say as closely for whom they are, the smaller one comes first; among equal
    /// ones the smaller id.
    pub rank: u16,
}

impl DomainEvent for PriceBookEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::PriceListPlaced(placed) => {
                let Placement { name, price_list_id, window, .. } = &**placed;
                let (zh, en) = match window.until {
                    Some(until) => (format!(" 至 {until}"), format!(" to {until}")),
                    None => Default::default(),
                };
                let from = window.from;
                Text::new(
                    format!("价格表 {name}（{price_list_id}）启用，{from} 起{zh}"),
                    format!("price list {name} ({price_list_id}) counts from {from}{en}"),
                )
            }
            Self::PriceListTakenOut { price_list_id, reason } => Text::new(
                format!("价格表 {price_list_id} 停用：{reason}"),
                format!("price list {price_list_id} counts no more: {reason}"),
            ),
        }
    }
}

/// What can be asked of the book.
#[derive(Clone, Debug)]
pub enum PriceBookCommand {
    /// Lets a list count, or count for others than before.
    Place(Box<Placement>),
    /// Lets a list count no more.
    TakeOut {
        /// The list.
        price_list_id: PriceListId,
        /// Why.
        reason: String,
    },
}

/// Why the book says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PriceBookRefusal {
    /// There is no such list.
    #[error("there is no such price list; create it first")]
    PriceListNotFound,
    /// The base list needs no place.
    #[error("the base list counts for everybody; create another list for some dealers")]
    BaseListPlaced,
    /// It would never count.
    #[error("the last day has to be the first or a later one")]
    NoDays,
    /// It does not count.
    #[error("price list {price_list_id} counts for nobody; nothing is left to do")]
    NotPlaced {
        /// The list.
        price_list_id: PriceListId,
    },
    /// The book is full.
    #[error("at most 200 price lists count at a time; take out one that is over")]
    TooManyPriceLists,
}

impl Refusal for PriceBookRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::PriceListNotFound => RefusalKind::NotFound,
            Self::NoDays => RefusalKind::InvalidArgument,
            Self::BaseListPlaced | Self::NotPlaced { .. } | Self::TooManyPriceLists => {
                RefusalKind::FailedPrecondition
            }
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::PriceListNotFound => "没有这个价格表，请先创建".to_owned(),
            Self::BaseListPlaced => {
                "基准价格表对所有经销商有效；如只对部分经销商，请另建价格表".to_owned()
            }
            Self::NoDays => "结束日期不得早于开始日期".to_owned(),
            Self::NotPlaced { price_list_id } => {
                format!("价格表 {price_list_id} 未启用，无需操作")
            }
            Self::TooManyPriceLists => "最多同时启用 200 个价格表，请先停用已到期的".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}

/// The book; its object id is [`PRICE_BOOK`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PriceBook(BTreeMap<PriceListId, Placement>);

/// Why a list does not count for a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRefused {
    /// Not on this day.
    Day,
    /// Not for this buyer.
    NotFor(NotFor),
}

impl PriceBook {
    /// Lists by id.
    pub fn placements(&self) -> impl Iterator<Item = &Placement> {
        self.0.values()
    }

    /// The lists that count for a buyer on a day, the closest one first, without the base list.
    pub fn chain(&self, buyer: &Buyer, day: BusinessDate) -> Vec<&Placement> {
        let counts = |placed: &&Placement| placed.counts(buyer, day).is_ok();
        let mut chain: Vec<_> = self.0.values().filter(counts).collect();
        chain.sort_by_key(|placed| placed.order(buyer));
        chain
    }

    /// All lists in the order in which they are looked at, and why those that do not count do not.
    pub fn trace(
        &self,
        buyer: &Buyer,
        day: BusinessDate,
    ) -> Vec<(&Placement, Result<(), ListRefused>)> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by_key(|placed| placed.order(buyer));
        all.into_iter().map(|placed| (placed, placed.counts(buyer, day))).collect()
    }
}

impl FromIterator<Placement> for PriceBook {
    fn from_iter<I: IntoIterator<Item = Placement>>(placements: I) -> Self {
        Self(placements.into_iter().map(|placed| (placed.price_list_id.clone(), placed)).collect())
    }
}

impl Placement {
    /// Whether it counts for a buyer on a day.
    ///
    /// # Errors
    /// Why it does not.
    pub fn counts(&self, buyer: &Buyer, day: BusinessDate) -> Result<(), ListRefused> {
        if !self.window.contains(day) {
            return Err(ListRefused::Day);
        }
        self.audience.admits(buyer).map_err(ListRefused::NotFor)
    }

    /// What sorts lists for a buyer: `false` comes first, so the closest one does.
    fn order(&self, buyer: &Buyer) -> impl Ord + use<> {
        let Audience { dealers, levels, channels, .. } = &self.audience;
        let open = [dealers.is_empty(), levels.is_empty(), channels.is_empty()];
        let depth = self.audience.depth(buyer).map_or(0, |depth| depth + 1);
        (open, Reverse(depth), self.rank, self.price_list_id.clone())
    }
}

impl Decider for PriceBook {
    const AGGREGATE: &'static str = "price_book";
    type Command = PriceBookCommand;
    type Event = PriceBookEvent;
    type Refusal = PriceBookRefusal;

    fn decide(&self, command: PriceBookCommand) -> Result<Vec<PriceBookEvent>, PriceBookRefusal> {
        match command {
            PriceBookCommand::Place(placed) => {
                if placed.price_list_id == PriceListId::base() {
                    return Err(PriceBookRefusal::BaseListPlaced);
                }
                if !placed.window.has_days() {
                    return Err(PriceBookRefusal::NoDays);
                }
                let known = self.0.get(&placed.price_list_id);
                if known.is_none() && self.0.len() >= MAX_PLACED {
                    return Err(PriceBookRefusal::TooManyPriceLists);
                }
                let changed = known != Some(&*placed);
                Ok(changed.then_some(PriceBookEvent::PriceListPlaced(placed)).into_iter().collect())
            }
            PriceBookCommand::TakeOut { price_list_id, reason } => {
                if !self.0.contains_key(&price_list_id) {
                    return Err(PriceBookRefusal::NotPlaced { price_list_id });
                }
                Ok(vec![PriceBookEvent::PriceListTakenOut { price_list_id, reason }])
            }
        }
    }

    fn evolve(&mut self, event: PriceBookEvent) {
        match event {
            PriceBookEvent::PriceListPlaced(placed) => {
                self.0.insert(placed.price_list_id.clone(), *placed);
            }
            PriceBookEvent::PriceListTakenOut { price_list_id, .. } => {
                self.0.remove(&price_list_id);
            }
        }
    }
}

//! The promotions of a brand that count now or will (促销册): what every order looks into.
//!
//! It is one object of a tenant, so an order finds all of them by one look, and one that was decided
//! while a promotion was approved or paused is decided again.

use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, PromotionId};

use super::{Plan, PromotionRefusal};

/// The id of the one book that each tenant has.
pub const BOOK: &str = "promotions";
/// Promotions that it may hold: each order tries all of them.
pub const MAX_LISTED: usize = 200;

/// The facts of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum BookEvent {
    /// Orders get it on its days from now on.
    PromotionListed(Box<Plan>),
    /// Orders get it no more.
    PromotionUnlisted {
        /// The promotion.
        promotion_id: PromotionId,
    },
}

impl DomainEvent for BookEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::PromotionListed(plan) => {
                let (name, id) = (&plan.terms.name, &plan.terms.promotion_id);
                Text::new(
                    format!("促销 {name}（{id}）列入促销册"),
                    format!("promotion {name} ({id}) counts for orders"),
                )
            }
            Self::PromotionUnlisted { promotion_id } => Text::new(
                format!("促销 {promotion_id} 移出促销册"),
                format!("promotion {promotion_id} counts for orders no more"),
            ),
        }
    }
}

/// What can be asked of the book.
#[derive(Clone, Debug)]
pub enum BookCommand {
    /// Lists a promotion; where the book is full, what is over is taken out.
    List {
        /// What it says.
        plan: Box<Plan>,
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
    /// Takes one out.
    Unlist {
        /// The promotion.
        promotion_id: PromotionId,
    },
}

/// The book; its object id is [`BOOK`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PromotionBook {
    plans: BTreeMap<PromotionId, Plan>,
}

impl PromotionBook {
    /// What is listed, by id.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values()
    }

    /// What is listed under an id.
    pub fn find(&self, promotion_id: &PromotionId) -> Option<&Plan> {
        self.plans.get(promotion_id)
    }
}

impl Decider for PromotionBook {
    const AGGREGATE: &'static str = "promotion_book";
    type Command = BookCommand;
    type Event = BookEvent;
    type Refusal = PromotionRefusal;

    fn decide(&self, command: BookCommand) -> Result<Vec<BookEvent>, PromotionRefusal> {
        let unlisted = |promotion_id: &PromotionId| BookEvent::PromotionUnlisted {
            promotion_id: promotion_id.clone(),
        };
        match command {
            BookCommand::List { plan, today } => {
                let id = &plan.terms.promotion_id;
                let others: Vec<_> = self.plans.iter().filter(|(other, _)| *other != id).collect();
                let mut events = Vec::new();
                // What is over stays as long as there is room: an order of an earlier day gets it.
                if others.len() >= MAX_LISTED {
                    let over =
                        |(_, plan): &&(&PromotionId, &Plan)| plan.terms.window.is_over(today);
                    events.extend(others.iter().filter(over).map(|(id, _)| unlisted(id)));
                }
                if others.len() - events.len() >= MAX_LISTED {
                    return Err(PromotionRefusal::TooManyPromotions);
                }
                if self.plans.get(id) != Some(&*plan) {
                    events.push(BookEvent::PromotionListed(plan));
                }
                Ok(events)
            }
            BookCommand::Unlist { promotion_id } => {
                let listed = self.plans.contains_key(&promotion_id);
                Ok(listed.then(|| unlisted(&promotion_id)).into_iter().collect())
            }
        }
    }

    fn evolve(&mut self, event: BookEvent) {
        match event {
            BookEvent::PromotionListed(plan) => {
                self.plans.insert(plan.terms.promotion_id.clone(), *plan);
            }
            BookEvent::PromotionUnlisted { promotion_id } => {
                self.plans.remove(&promotion_id);
            }
        }
    }
}

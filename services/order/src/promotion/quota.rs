//! How often a promotion was given (促销限额), in all and to each dealer.
//!
//! It is an object of its own, so orders that get other promotions do not wait for it. What an
//! order took comes back when the order is cancelled, or closed before anything of it was shipped.

use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{DealerId, OrderId, PromotionId};

use super::terms::Quota;
use crate::order::OrderRefusal;

/// The facts of a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum QuotaEvent {
    /// An order was given the promotion.
    QuotaTaken(QuotaUse),
    /// The order does not need it any more; others can have it.
    QuotaReturned(QuotaUse),
}

/// How often an order was given a promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct QuotaUse {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub dealer_id: DealerId,
    /// How often, at least 1.
    pub times: u32,
}

impl DomainEvent for QuotaEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::QuotaTaken(QuotaUse { promotion_id, order_id, times, .. }) => Text::new(
                format!("订单 {order_id} 享受促销 {promotion_id} {times} 次"),
                format!("order {order_id} was given promotion {promotion_id} {times} times"),
            ),
            Self::QuotaReturned(QuotaUse { promotion_id, order_id, times, .. }) => Text::new(
                format!("订单 {order_id} 退回促销 {promotion_id} {times} 次"),
                format!("order {order_id} gave back promotion {promotion_id}, {times} times"),
            ),
        }
    }
}

/// What can be asked of a quota.
#[derive(Clone, Debug)]
pub enum QuotaCommand {
    /// Counts what an order is given.
    Take {
        /// By whom, and how often.
        by: QuotaUse,
        /// What there is.
        quota: Quota,
    },
    /// Gives back what an order had and does not need any more.
    Return(QuotaUse),
}

/// A quota; its object id is that of the promotion.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PromotionQuota {
    taken: u64,
    by_dealer: BTreeMap<DealerId, u32>,
}

impl PromotionQuota {
    /// How often a dealer can still have it.
    pub fn left(&self, quota: &Quota, dealer_id: &DealerId) -> u32 {
        let own = self.by_dealer.get(dealer_id).copied().unwrap_or_default();
        let of_all = quota.total.map_or(u32::MAX, |total| {
            u32::try_from(u64::from(total.get()).saturating_sub(self.taken)).unwrap_or(u32::MAX)
        });
        let of_own = quota.per_dealer.map_or(u32::MAX, |most| most.get().saturating_sub(own));
        of_all.min(of_own)
    }
}

impl Decider for PromotionQuota {
    const AGGREGATE: &'static str = "promotion_quota";
    type Command = QuotaCommand;
    type Event = QuotaEvent;
    type Refusal = OrderRefusal;

    fn decide(&self, command: QuotaCommand) -> Result<Vec<QuotaEvent>, OrderRefusal> {
        match command {
            QuotaCommand::Take { by, quota } if self.left(&quota, &by.dealer_id) < by.times => {
                Err(OrderRefusal::PromotionRanOut { promotion_id: by.promotion_id })
            }
            QuotaCommand::Take { by, .. } => Ok(vec![QuotaEvent::QuotaTaken(by)]),
            // Of a promotion without a quota nothing was counted.
            QuotaCommand::Return(by) => {
                let had = self.by_dealer.get(&by.dealer_id).copied().unwrap_or_default();
                Ok((had >= by.times).then_some(QuotaEvent::QuotaReturned(by)).into_iter().collect())
            }
        }
    }

    fn evolve(&mut self, event: QuotaEvent) {
        match event {
            QuotaEvent::QuotaTaken(by) => {
                self.taken += u64::from(by.times);
                *self.by_dealer.entry(by.dealer_id).or_default() += by.times;
            }
            QuotaEvent::QuotaReturned(by) => {
                self.taken = self.taken.saturating_sub(u64::from(by.times));
                if let Some(own) = self.by_dealer.get_mut(&by.dealer_id) {
                    *own = own.saturating_sub(by.times);
                }
                self.by_dealer.retain(|_, times| *times > 0);
            }
        }
    }
}

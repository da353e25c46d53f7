//! What a brand keeps of a dealer's money for its orders (资金账户): prepaid money (预存款) and
//! rebates (返利).
//!
//! One object a dealer, so no two orders spend the same money. What is kept for an order is still
//! there, and not available; it is used up as the goods are delivered.

pub mod event;

use std::collections::BTreeMap;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, Currency, DealerId, Minor, OrderId};

pub use event::{Balance, DebitCause, Purse, Source, WalletEvent};

use crate::funds::FundsRefusal;
use crate::shift::Shift;

/// What can be asked of a wallet.
#[derive(Clone, Debug)]
pub enum WalletCommand {
    /// Puts money in.
    Credit {
        /// Whose it is.
        dealer_id: DealerId,
        /// Where it goes.
        purse: Purse,
        /// How much.
        amount: Minor,
        /// In this currency.
        currency: Currency,
        /// Where it comes from.
        source: Source,
    },
    /// Takes money out, not for an order.
    Debit {
        /// Whose it is.
        dealer_id: DealerId,
        /// From where.
        purse: Purse,
        /// How much.
        amount: Minor,
        /// In this currency.
        currency: Currency,
        /// What for.
        cause: DebitCause,
        /// In the words of the person who does it.
        reason: String,
    },
    /// Gives money back for goods of an order.
    Refund {
        /// Whose it is.
        dealer_id: DealerId,
        /// By this after-sale case.
        after_sale_id: AfterSaleId,
        /// For goods of this order.
        order_id: OrderId,
        /// In this currency.
        currency: Currency,
        /// How much, purse by purse.
        parts: Vec<(Purse, Minor)>,
    },
    /// Follows an order.
    Follow {
        /// Whose it is.
        dealer_id: DealerId,
        /// The order.
        order_id: OrderId,
        /// In this currency.
        currency: Currency,
        /// What changes, purse by purse.
        shifts: Vec<(Purse, Shift)>,
    },
}

/// A wallet; its object id is the dealer's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Wallet {
    /// Of all that is in it; none while nothing ever was.
    currency: Option<Currency>,
    prepaid: Pocket,
    rebate: Pocket,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Pocket {
    balance: Minor,
    held: Minor,
    holds: BTreeMap<OrderId, Minor>,
}

impl Pocket {
    fn available(&self) -> Minor {
        Minor(self.balance.0.saturating_sub(self.held.0).max(0))
    }

    fn is_empty(&self) -> bool {
        self.balance == Minor::ZERO && self.held == Minor::ZERO
    }

    fn told(&self) -> Balance {
        Balance { balance_minor: self.balance, held_minor: self.held }
    }

    /// What is there after a fact about an order, and what is kept for it.
    fn becomes(&mut self, order_id: OrderId, kept: Minor, after: Balance) {
        (self.balance, self.held) = (after.balance_minor, after.held_minor);
        match kept > Minor::ZERO {
            true => self.holds.insert(order_id, kept),
            false => self.holds.remove(&order_id),
        };
    }
}

impl Wallet {
    /// What an order in this currency can take of a purse.
    pub fn available(&self, purse: Purse, currency: &Currency) -> Minor {
        let fits = self.currency.as_ref() == Some(currency);
        if fits { self.pocket(purse).available() } else { Minor::ZERO }
    }

    /// What is kept of a purse for an order.
    pub fn held_for(&self, purse: Purse, order_id: &OrderId) -> Minor {
        self.pocket(purse).holds.get(order_id).copied().unwrap_or_default()
    }

    /// What is in a purse, with what is kept of it.
    pub fn balance(&self, purse: Purse) -> Balance {
        self.pocket(purse).told()
    }

    fn pocket(&self, purse: Purse) -> &Pocket {
        match purse {
            Purse::Prepaid => &self.prepaid,
            Purse::Rebate => &self.rebate,
        }
    }

    fn pocket_mut(&mut self, purse: Purse) -> &mut Pocket {
        match purse {
            Purse::Prepaid => &mut self.prepaid,
            Purse::Rebate => &mut self.rebate,
        }
    }

    /// One currency at a time: another one only when there is nothing left of the one before.
    fn must_take(&self, currency: &Currency) -> Result<(), FundsRefusal> {
        match &self.currency {
            Some(own)
                if own != currency && !(self.prepaid.is_empty() && self.rebate.is_empty()) =>
            {
                Err(FundsRefusal::OtherCurrency { currency: own.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn must_be_of(&self, currency: &Currency, purse: Purse) -> Result<(), FundsRefusal> {
        match &self.currency {
            Some(own) if own == currency => Ok(()),
            Some(own) => Err(FundsRefusal::OtherCurrency { currency: own.clone() }),
            None => Err(not_enough(purse, Minor::ZERO, currency)),
        }
    }

    fn debit(
        &self,
        (dealer_id, purse, amount): (DealerId, Purse, Minor),
        currency: Currency,
        (cause, reason): (DebitCause, String),
    ) -> Result<Vec<WalletEvent>, FundsRefusal> {
        let pocket = self.pocket(purse);
        match cause {
            // A deduction of rebates nobody can refuse: what is missing is made up for later.
            DebitCause::Deduction => self.must_take(&currency)?,
            DebitCause::PayBack => {
                self.must_be_of(&currency, purse)?;
                if amount > pocket.available() {
                    return Err(not_enough(purse, pocket.available(), &currency));
                }
            }
        }
        let balance = pocket.balance.minus(amount).map_err(|_| FundsRefusal::BalanceTooLarge)?;
        let after = Balance { balance_minor: balance, ..pocket.told() };
        Ok(vec![WalletEvent::FundsDebited {
            dealer_id,
            purse,
            currency,
            amount_minor: amount,
            cause,
            reason,
            after,
        }])
    }

    fn follow(
        &self,
        dealer_id: &DealerId,
        order_id: &OrderId,
        currency: &Currency,
        shifts: Vec<(Purse, Shift)>,
    ) -> Result<Vec<WalletEvent>, FundsRefusal> {
        let mut events = Vec::new();
        for (purse, Shift { hold, capture, release }) in shifts {
            if hold.0 > 0 {
                self.must_be_of(currency, purse)?;
                let available = self.pocket(purse).available();
                if hold > available {
                    return Err(not_enough(purse, available, currency));
                }
            }
            if capture.0.saturating_add(release.0) > self.held_for(purse, order_id).0 {
                return Err(FundsRefusal::NotHeld);
            }
            let mut after = self.balance(purse);
            // What is kept, used up and free again, with how each changes what is there and kept.
            type Made = fn(event::OrderFunds) -> WalletEvent;
            for (amount, made, there, kept) in [
                (hold, WalletEvent::FundsHeld as Made, 0, 1),
                (capture, WalletEvent::FundsCaptured, -1, -1),
                (release, WalletEvent::FundsReleased, 0, -1),
            ] {
                if amount == Minor::ZERO {
                    continue;
                }
                after.balance_minor.0 += there * amount.0;
                after.held_minor.0 += kept * amount.0;
                events.push(made(event::OrderFunds {
                    dealer_id: dealer_id.clone(),
                    order_id: order_id.clone(),
                    purse,
                    currency: currency.clone(),
                    amount_minor: amount,
                    after,
                }));
            }
        }
        Ok(events)
    }
}

fn not_enough(purse: Purse, available: Minor, currency: &Currency) -> FundsRefusal {
    FundsRefusal::NotEnoughFunds { purse, available, currency: currency.clone() }
}

impl Decider for Wallet {
    const AGGREGATE: &'static str = "wallet";
    type Command = WalletCommand;
    type Event = WalletEvent;
    type Refusal = FundsRefusal;

    fn decide(&self, command: WalletCommand) -> Result<Vec<WalletEvent>, FundsRefusal> {
        match command {
            WalletCommand::Credit { dealer_id, purse, amount, currency, source } => {
                self.must_take(&currency)?;
                let before = self.balance(purse);
                let balance = before.balance_minor.plus(amount);
                let balance_minor = balance.map_err(|_| FundsRefusal::BalanceTooLarge)?;
                Ok(vec![WalletEvent::FundsCredited {
                    dealer_id,
                    purse,
                    currency,
                    amount_minor: amount,
                    source,
                    after: Balance { balance_minor, ..before },
                }])
            }
            WalletCommand::Debit { dealer_id, purse, amount, currency, cause, reason } => {
                self.debit((dealer_id, purse, amount), currency, (cause, reason))
            }
            WalletCommand::Refund { dealer_id, after_sale_id, order_id, currency, parts } => {
                self.must_take(&currency)?;
                let refunded = |(purse, amount_minor): (Purse, Minor)| {
                    let before = self.balance(purse);
                    let balance = before.balance_minor.plus(amount_minor);
                    let balance_minor = balance.map_err(|_| FundsRefusal::BalanceTooLarge)?;
                    Ok(WalletEvent::FundsRefunded {
                        dealer_id: dealer_id.clone(),
                        after_sale_id: after_sale_id.clone(),
                        order_id: order_id.clone(),
                        purse,
                        currency: currency.clone(),
                        amount_minor,
                        after: Balance { balance_minor, ..before },
                    })
                };
                parts.into_iter().map(refunded).collect()
            }
            WalletCommand::Follow { dealer_id, order_id, currency, shifts } => {
                self.follow(&dealer_id, &order_id, &currency, shifts)
            }
        }
    }

    fn evolve(&mut self, event: WalletEvent) {
        match event {
            WalletEvent::FundsCredited { purse, currency, after, .. }
            | WalletEvent::FundsDebited { purse, currency, after, .. }
            | WalletEvent::FundsRefunded { purse, currency, after, .. } => {
                self.currency = Some(currency);
                self.pocket_mut(purse).balance = after.balance_minor;
            }
            WalletEvent::FundsHeld(it) => {
                let kept = self.held_for(it.purse, &it.order_id).0 + it.amount_minor.0;
                self.pocket_mut(it.purse).becomes(it.order_id, Minor(kept), it.after);
            }
            WalletEvent::FundsReleased(it) | WalletEvent::FundsCaptured(it) => {
                let kept = self.held_for(it.purse, &it.order_id).0 - it.amount_minor.0;
                self.pocket_mut(it.purse).becomes(it.order_id, Minor(kept), it.after);
            }
        }
    }
}

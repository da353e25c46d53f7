//! An after-sale case (售后单): goods of an order that a dealer has something to say about.
//!
//! It is asked for, or begins by itself when goods arrive otherwise than they were shipped. The brand
//! approves or refuses it; where it wants the goods back, they come back and are looked at; then finance
//! settles what was accepted: a refund, a credit note, goods sent again, or nothing. How much of each
//! line can be in a case, and what it is worth, the order says: see [`crate::order::claims`].

pub mod event;
pub mod refusal;
pub mod told;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, Currency, DealerId, Minor, OrderId, Quantity, WarehouseId};

pub use event::{
    AfterSaleEvent, AfterSaleStatus, CaseLine, Cause, Payout, Requested, ReturnedLine, Settled,
    Settlement,
};
pub use refusal::AfterSaleRefusal;

use crate::order::LineQuantity;
use crate::rating::Rating;

/// What can be asked of a case.
#[derive(Clone, Debug)]
pub enum AfterSaleCommand {
    /// Begins it.
    Request(Box<Requested>),
    /// The brand agrees.
    Approve {
        /// Whether the goods that the dealer has come back first.
        goods_return: bool,
        /// For the dealer to know.
        remark: String,
    },
    /// The brand does not agree.
    Refuse {
        /// Why.
        reason: String,
    },
    /// The dealer does not want it any more.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// The goods are on their way back.
    ShipReturn {
        /// Who carries them.
        carrier: String,
        /// What the carrier calls them.
        tracking_number: String,
    },
    /// A warehouse has them, or some of them.
    ReceiveReturn {
        /// Where.
        warehouse_id: WarehouseId,
        /// What came.
        lines: Vec<ReturnedLine>,
        /// Whether nothing more is expected.
        last: bool,
    },
    /// Ends it.
    Settle(Box<Settled>),
    /// The dealer says how content it is.
    Rate(Rating),
}

/// An after-sale case; its object id is its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum AfterSale {
    /// Nobody has asked for it.
    #[default]
    Unasked,
    /// Somebody has.
    Asked(Box<Case>),
}

/// A case as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub after_sale_id: AfterSaleId,
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What it is about, with what came back.
    pub lines: Vec<Goods>,
    /// Whether the goods that the dealer has come back.
    pub goods_return: bool,
    /// What people see of it.
    pub status: AfterSaleStatus,
    /// Whether the dealer has said how content it is.
    pub rated: bool,
}

/// Goods of one line with one cause, and how far they have got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goods {
    /// What they are.
    pub line: CaseLine,
    /// Base units that came back and are accepted.
    pub accepted: Quantity,
    /// Base units that came back and are not.
    pub rejected: Quantity,
}

impl Goods {
    /// Whether the dealer has them.
    fn can_return(&self) -> bool {
        self.line.cause != Cause::Short
    }

    fn expected(&self) -> Quantity {
        self.line.quantity.less(self.accepted).less(self.rejected)
    }
}

type Decision = Result<Vec<AfterSaleEvent>, AfterSaleRefusal>;

impl AfterSale {
    /// The case.
    ///
    /// # Errors
    /// When there is none.
    pub fn case(&self) -> Result<&Case, AfterSaleRefusal> {
        match self {
            Self::Unasked => Err(AfterSaleRefusal::AfterSaleNotFound),
            Self::Asked(case) => Ok(case),
        }
    }
}

impl Case {
    /// What is settled of it, line by line: what was accepted, or all where nothing comes back.
    pub fn accepted(&self) -> Vec<LineQuantity> {
        let accepted = self.lines.iter().map(|goods| {
            let back = self.goods_return && goods.can_return();
            (goods.line.line_no, if back { goods.accepted } else { goods.line.quantity })
        });
        let mut all = LineQuantity::per_line(accepted);
        all.retain(|line| !line.quantity.is_zero());
        all
    }

    fn approve(&self, goods_return: bool, remark: String) -> Decision {
        self.must_be(&[AfterSaleStatus::Requested], AfterSaleRefusal::AfterSaleDecided)?;
        let goods_return = goods_return && self.lines.iter().any(Goods::can_return);
        let status = match goods_return {
            true => AfterSaleStatus::AwaitingReturn,
            false => AfterSaleStatus::ToSettle,
        };
        let after_sale_id = self.after_sale_id.clone();
        Ok(vec![AfterSaleEvent::AfterSaleApproved { after_sale_id, goods_return, remark, status }])
    }

    /// Whether it can be called off: nothing was sent back for it.
    fn must_be_open(&self) -> Result<(), AfterSaleRefusal> {
        match self.status {
            AfterSaleStatus::Requested | AfterSaleStatus::AwaitingReturn => Ok(()),
            // Nothing was to come back, so nothing is on its way.
            AfterSaleStatus::ToSettle if !self.goods_return => Ok(()),
            AfterSaleStatus::InTransit
            | AfterSaleStatus::PartlyReturned
            | AfterSaleStatus::ToSettle => Err(AfterSaleRefusal::CaseUnderWay),
            AfterSaleStatus::Settled | AfterSaleStatus::Refused | AfterSaleStatus::Withdrawn => {
                Err(AfterSaleRefusal::AfterSaleDecided)
            }
        }
    }

    fn must_be(
        &self,
        statuses: &[AfterSaleStatus],
        refusal: AfterSaleRefusal,
    ) -> Result<(), AfterSaleRefusal> {
        if statuses.contains(&self.status) { Ok(()) } else { Err(refusal) }
    }

    fn must_expect_goods(&self) -> Result<(), AfterSaleRefusal> {
        let statuses = [
            AfterSaleStatus::AwaitingReturn,
            AfterSaleStatus::InTransit,
            AfterSaleStatus::PartlyReturned,
        ];
        self.must_be(&statuses, AfterSaleRefusal::NoReturnExpected)
    }

    fn receive(&self, warehouse_id: WarehouseId, lines: Vec<ReturnedLine>, last: bool) -> Decision {
        self.must_expect_goods()?;
        let mut after = self.clone();
        for (index, line) in lines.iter().enumerate() {
            let line_no = line.line_no;
            let same = |it: &ReturnedLine| (it.line_no, it.cause) == (line_no, line.cause);
            if lines[..index].iter().any(same) {
                return Err(AfterSaleRefusal::CaseLineTwice { line_no });
            }
            let goods = after.goods(line).filter(|goods| goods.can_return());
            let goods = goods.ok_or(AfterSaleRefusal::LineNotInCase { line_no })?;
            let open = goods.expected();
            let came = Quantity::total([line.sellable, line.scrap, line.rejected]);
            if came > open {
                return Err(AfterSaleRefusal::MoreThanExpected { line_no, open });
            }
        }
        let units = |line: &ReturnedLine| line.sellable.plus(line.scrap).plus(line.rejected);
        if !last && Quantity::total(lines.iter().map(units)).is_zero() {
            return Err(AfterSaleRefusal::NothingCame);
        }
        after.came_back(&lines);
        let all = after.lines.iter().filter(|goods| goods.can_return());
        let done = last || all.into_iter().all(|goods| goods.expected().is_zero());
        let status = match done {
            true => AfterSaleStatus::ToSettle,
            false => AfterSaleStatus::PartlyReturned,
        };
        let after_sale_id = self.after_sale_id.clone();
        Ok(vec![AfterSaleEvent::ReturnReceived {
            after_sale_id,
            warehouse_id,
            lines,
            last,
            status,
        }])
    }

    fn goods(&mut self, told: &ReturnedLine) -> Option<&mut Goods> {
        let same = |goods: &&mut Goods| {
            (goods.line.line_no, goods.line.cause) == (told.line_no, told.cause)
        };
        self.lines.iter_mut().find(same)
    }

    fn came_back(&mut self, lines: &[ReturnedLine]) {
        for line in lines {
            if let Some(goods) = self.goods(line) {
                goods.accepted = goods.accepted.plus(line.sellable).plus(line.scrap);
                goods.rejected = goods.rejected.plus(line.rejected);
            }
        }
    }

    /// Whether it may end so.
    ///
    /// # Errors
    /// When it is not ready, or has nothing to end so.
    pub fn may_settle(
        &self,
        settlement: Settlement,
        amount: Minor,
    ) -> Result<(), AfterSaleRefusal> {
        self.must_be(&[AfterSaleStatus::ToSettle], AfterSaleRefusal::NotReadyToSettle)?;
        match settlement {
            Settlement::WriteOff => Ok(()),
            _ if self.accepted().is_empty() => Err(AfterSaleRefusal::NothingTakenBack),
            Settlement::Replacement => Ok(()),
            Settlement::Refund | Settlement::CreditNote => match amount > Minor::ZERO {
                true => Ok(()),
                false => Err(AfterSaleRefusal::WorthNothing),
            },
        }
    }

    fn rate(&self, rating: Rating) -> Decision {
        self.must_be(&[AfterSaleStatus::Settled], AfterSaleRefusal::NotSettled)?;
        if self.rated {
            return Err(AfterSaleRefusal::CaseRated);
        }
        Ok(vec![AfterSaleEvent::AfterSaleRated {
            after_sale_id: self.after_sale_id.clone(),
            dealer_id: self.dealer_id.clone(),
            rating,
            status: self.status,
        }])
    }
}

impl Decider for AfterSale {
    const AGGREGATE: &'static str = "after_sale";
    type Command = AfterSaleCommand;
    type Event = AfterSaleEvent;
    type Refusal = AfterSaleRefusal;

    fn decide(&self, command: AfterSaleCommand) -> Decision {
        if let AfterSaleCommand::Request(requested) = command {
            return match self {
                Self::Unasked => Ok(vec![AfterSaleEvent::AfterSaleRequested(requested)]),
                Self::Asked(_) => Err(AfterSaleRefusal::AfterSaleExists),
            };
        }
        let case = self.case()?;
        let after_sale_id = case.after_sale_id.clone();
        match command {
            AfterSaleCommand::Request(_) => Err(AfterSaleRefusal::AfterSaleExists),
            AfterSaleCommand::Approve { goods_return, remark } => {
                case.approve(goods_return, remark)
            }
            AfterSaleCommand::Refuse { reason } => {
                case.must_be_open()?;
                let status = AfterSaleStatus::Refused;
                Ok(vec![AfterSaleEvent::AfterSaleRefused { after_sale_id, reason, status }])
            }
            AfterSaleCommand::Withdraw { reason } => {
                case.must_be_open()?;
                let status = AfterSaleStatus::Withdrawn;
                Ok(vec![AfterSaleEvent::AfterSaleWithdrawn { after_sale_id, reason, status }])
            }
            AfterSaleCommand::ShipReturn { carrier, tracking_number } => {
                case.must_expect_goods()?;
                let partly = case.status == AfterSaleStatus::PartlyReturned;
                let status = if partly { case.status } else { AfterSaleStatus::InTransit };
                Ok(vec![AfterSaleEvent::ReturnShipped {
                    after_sale_id,
                    carrier,
                    tracking_number,
                    status,
                }])
            }
            AfterSaleCommand::ReceiveReturn { warehouse_id, lines, last } => {
                case.receive(warehouse_id, lines, last)
            }
            AfterSaleCommand::Settle(settled) => {
                case.may_settle(settled.settlement, settled.amount_minor)?;
                Ok(vec![AfterSaleEvent::AfterSaleSettled(settled)])
            }
            AfterSaleCommand::Rate(rating) => case.rate(rating),
        }
    }

    fn evolve(&mut self, event: AfterSaleEvent) {
        match (self, event) {
            (case, AfterSaleEvent::AfterSaleRequested(requested)) => {
                *case = Self::Asked(Box::new((*requested).into()));
            }
            (Self::Asked(case), AfterSaleEvent::AfterSaleApproved { goods_return, status, .. }) => {
                (case.goods_return, case.status) = (goods_return, status);
            }
            (
                Self::Asked(case),
                AfterSaleEvent::AfterSaleRefused { status, .. }
                | AfterSaleEvent::AfterSaleWithdrawn { status, .. }
                | AfterSaleEvent::ReturnShipped { status, .. },
            ) => case.status = status,
            (Self::Asked(case), AfterSaleEvent::ReturnReceived { lines, status, .. }) => {
                case.came_back(&lines);
                case.status = status;
            }
            (Self::Asked(case), AfterSaleEvent::AfterSaleSettled(settled)) => {
                case.status = settled.status;
            }
            (Self::Asked(case), AfterSaleEvent::AfterSaleRated { .. }) => case.rated = true,
            (Self::Unasked, _) => (),
        }
    }
}

impl From<Requested> for Case {
    fn from(it: Requested) -> Self {
        let goods = |line| Goods { line, accepted: Quantity::ZERO, rejected: Quantity::ZERO };
        Self {
            after_sale_id: it.after_sale_id,
            order_id: it.order_id,
            dealer_id: it.dealer_id,
            currency: it.currency,
            lines: it.lines.into_iter().map(goods).collect(),
            goods_return: false,
            status: it.status,
            rated: false,
        }
    }
}

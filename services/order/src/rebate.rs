//! Rebates by plans (返利政策): what a dealer gets back for what it has bought in a month, a quarter
//! or a year.
//!
//! Read in this order: [`terms`] (what a plan says), [`cycle`] (the periods), [`facts`] (what of an
//! order counts), [`engine`] (what that comes to, and why), [`plan`] (who makes a plan count),
//! [`settlement`] (what a dealer was given for a period), [`refusal`] (the words of a no).
//!
//! An order counts on its business date, as far as its goods were delivered and not given back; so
//! what comes back later is taken off the period that it had counted in.

pub mod cycle;
pub mod engine;
pub mod facts;
pub mod plan;
pub mod refusal;
pub mod settlement;
pub mod terms;

pub use cycle::{Cycle, Period};
pub use engine::{Counted, Next, NotCounted, Part, Reached};
pub use facts::{Goods, OrderFacts};
pub use plan::{Draft, PlanStatus, RebatePlan, RebatePlanCommand, RebatePlanEvent};
pub use refusal::RebateRefusal;
pub use settlement::{
    CountedOrder, RebateSettlement, RebateSettlementEvent, Settle, settlement_id,
};
pub use terms::{Basis, Fault, Ladder, Ppm, RebateTerms, RebateTier, Reward};

//! The books of a brand (企业资源计划): documents of the channel handed over to 金蝶云星空 by its
//! WebAPI, or to 用友 YonBIP by its open platform, and what both know of products, customers and
//! stock.
//!
//! A document has a number of ours, its [`BizId`], which stands in the document's own field for
//! numbers there. It is what makes handing over safe to repeat: [`Client::hand_over`] looks for the
//! number before it saves anything, and looks again when saving is refused, so a document whose
//! answer was lost is found and not made twice. When two attempts meet all the same, the number may
//! stand there only once, so the second one is refused, and finds the first.
//!
//! # How it is meant to be used
//!
//! By a role of its own, in the way of the role `payments` (decision 27): facts that the books
//! should know become rows of a table, one errand for a document, in the transaction of the
//! checkpoint; a worker takes what is due and asks.
//!
//! - The [`BizId`] is made from the event that the document follows, by [`BizId::at`] with its
//!   position, or it is the document's own number. It must come out the same each time.
//! - [`Answer::Accepted`] ends the errand; the number goes on record.
//! - [`Answer::Unknown`] says nothing: the errand is due again, a little later each time.
//! - [`Answer::Refused`] is due again in the same way when it is not `permanent`: the books are
//!   busy, or the contract does not work. A permanent one waits for a person, who mends the
//!   document or the books; handing it over again then goes on from wherever it is.
//! - One document is handed over by one worker at a time. Two that meet make one document, too,
//!   where the books let a number stand there once; where they do not, this is what keeps it one.
//! - Codes in documents are those of the books: who maps a dealer to a customer there, and a
//!   product to a material, is the role. [`Client::products`], [`Client::customers`] and
//!   [`Client::stock`] tell what there is to map to.
//! - [`Contracts::read`] reads the contracts from a file, once, at the start of the role.
//!   [`Contracts::trial`] takes the one of a simulator instead, `erp-simulator`, for tests and
//!   trials.
//!
//! Amounts are whole minor units and quantities whole base units; systems write both with a point,
//! which ends here. No number passes through floating point.
//!
//! What is known of both systems was read from public documents and clients, and has not been tried
//! against an installation. Where these were silent or contradict each other, the comment says so.
//!
//! Read in this order: [`document`] (what is handed over), [`answer`] (what comes back), [`Client`]
//! (the asking), [`master`] (what is read), [`contract`] (who we are to a system), [`contracts`]
//! (the file).

#![warn(missing_docs)]

pub mod answer;
mod china;
mod client;
pub mod contract;
pub mod contracts;
mod decimal;
pub mod document;
mod kingdee;
pub mod master;
mod said;
mod system;
mod yonyou;

pub use answer::{Answer, ErpError, Found, Stage, Unclear};
pub use client::{Client, OTHER_DOCUMENT};
pub use contract::{Contract, ContractError, Kingdee, KingdeeAuth, Secret, Yonyou};
pub use contracts::{ContractFile, Contracts, ContractsError, TenantContract};
pub use document::{BizId, Body, Document, Flaw, Kind, Line};
pub use master::{Customer, Page, Product, StockLevel};
pub use system::System;

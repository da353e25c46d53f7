//! The asking: one client for one contract, whichever system it is with.

use std::fmt;

use chrono::{DateTime, Utc};
use kernel::outbound::Outbound;

use crate::answer::{Answer, ErpError, Found, Stage};
use crate::contract::{Contract, ContractError};
use crate::decimal;
use crate::document::{BizId, Document, Flaw, Kind, check_code};
use crate::kingdee::Kingdee;
use crate::master::{Customer, Page, Product, StockLevel};
use crate::system::System;
use crate::yonyou::Yonyou;

/// Most products that are asked about at once: an answer about them fits into what is read of one.
const PRODUCTS: usize = 100;

/// The code of a refusal that is not the system's own: another document has the number, with another
/// customer or amount.
pub const OTHER_DOCUMENT: &str = "OTHER_DOCUMENT";

/// What speaks with a system for a contract.
pub struct Client {
    address: String,
    books: String,
    until: Stage,
    with: With,
}

enum With {
    Kingdee(Box<Kingdee>),
    Yonyou(Box<Yonyou>),
}

impl fmt::Debug for Client {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = to.debug_struct("Client");
        shown.field("system", &self.system()).field("books", &self.books).finish()
    }
}

impl Client {
    /// A client for a contract, which calls by `outbound`.
    ///
    /// # Errors
    /// See [`ContractError`].
    pub fn new(contract: Contract, outbound: Outbound) -> Result<Self, ContractError> {
        let (address, books) = contract.books();
        let (address, books) = (address.to_owned(), books.to_owned());
        let (until, with) = match contract {
            Contract::Kingdee(it) => {
                (it.until, With::Kingdee(Box::new(Kingdee::new(it, outbound)?)))
            }
            Contract::Yonyou(it) => (it.until, With::Yonyou(Box::new(Yonyou::new(it, outbound)?))),
        };
        Ok(Self { address, books, until, with })
    }

    /// With which system.
    pub fn system(&self) -> System {
        match &self.with {
            With::Kingdee(_) => System::Kingdee,
            With::Yonyou(_) => System::Yonyou,
        }
    }

    /// Where that is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How far documents are brought.
    pub fn until(&self) -> Stage {
        self.until
    }

    /// Hands a document over, and brings it as far as the contract says. The same document again
    /// changes nothing, and finishes what an attempt before has left.
    pub async fn hand_over(&self, document: &Document) -> Answer {
        match self.brought(document).await {
            Ok(number) => Answer::Accepted { number },
            Err(error) => error.into(),
        }
    }

    async fn brought(&self, document: &Document) -> Result<String, ErpError> {
        document.check().map_err(flawed)?;
        let found = match self.found(document).await? {
            Some(found) => found,
            None => self.saved(document).await?,
        };
        self.finished(document, found).await
    }

    /// The document, when it is there; another one of its number is refused.
    async fn found(&self, document: &Document) -> Result<Option<Found>, ErpError> {
        let found = self.look_up(document.kind(), &document.biz_id).await?;
        let Some(found) = found else { return Ok(None) };
        let (total, currency) = (document.total(), &document.currency);
        let is_other = found.customer.as_ref().is_some_and(|it| *it != document.customer)
            || found.amount.as_ref().is_some_and(|it| decimal::amount(it, currency) != Some(total));
        if is_other {
            let text = "there is another document of this number, with another customer or amount";
            return Err(ErpError::refused(OTHER_DOCUMENT, text));
        }
        Ok(Some(found))
    }

    async fn saved(&self, document: &Document) -> Result<Found, ErpError> {
        let saved = match &self.with {
            With::Kingdee(it) => it.save(document).await,
            With::Yonyou(it) => it.save(document).await,
        };
        match saved {
            // That the number stands there already has no code of its own. It may be that of an
            // attempt which arrived after it was looked for.
            Err(refusal) if refusal.is_permanent() => self.found(document).await?.ok_or(refusal),
            saved => saved,
        }
    }

    /// Brings a document to where the contract wants it.
    async fn finished(&self, document: &Document, mut found: Found) -> Result<String, ErpError> {
        for next in [Stage::Submitted, Stage::Audited] {
            if found.stage.has_reached(next) || next > self.until {
                continue;
            }
            let kind = document.kind();
            let done = match &self.with {
                With::Kingdee(it) => it.bring(kind, &found, next).await,
                With::Yonyou(it) => it.bring(kind, &found, next).await,
            };
            match done {
                Ok(()) => found.stage = next,
                // Somebody there, or an attempt before, may have done it meanwhile.
                Err(refusal) if refusal.is_permanent() => match self.found(document).await? {
                    Some(now) if now.stage.has_reached(next) => found = now,
                    _ => return Err(refusal),
                },
                Err(error) => return Err(error),
            }
        }
        Ok(found.number)
    }

    /// A document by our number; none when the system has not heard of it.
    ///
    /// # Errors
    /// See [`ErpError`].
    pub async fn look_up(&self, kind: Kind, biz_id: &BizId) -> Result<Option<Found>, ErpError> {
        match &self.with {
            With::Kingdee(it) => it.look_up(kind, biz_id).await,
            With::Yonyou(it) => it.look_up(kind, biz_id).await,
        }
    }

    /// Products, a page from 1 on; with `since`, those that were changed from then on.
    ///
    /// # Errors
    /// See [`ErpError`].
    pub async fn products(
        &self,
        page: u32,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page<Product>, ErpError> {
        match &self.with {
            With::Kingdee(it) => it.products(page, since).await,
            With::Yonyou(it) => it.products(page, since).await,
        }
    }

    /// Customers, a page from 1 on; with `since`, those that were changed from then on.
    ///
    /// # Errors
    /// See [`ErpError`].
    pub async fn customers(
        &self,
        page: u32,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page<Customer>, ErpError> {
        match &self.with {
            With::Kingdee(it) => it.customers(page, since).await,
            With::Yonyou(it) => it.customers(page, since).await,
        }
    }

    /// How much of each of these products is in a warehouse, in their order; of what the system
    /// does not list there is none.
    ///
    /// # Errors
    /// See [`ErpError`].
    pub async fn stock(
        &self,
        warehouse: &str,
        products: &[String],
    ) -> Result<Vec<StockLevel>, ErpError> {
        check_code(warehouse).map_err(flawed)?;
        products.iter().try_for_each(|code| check_code(code)).map_err(flawed)?;
        let mut levels = Vec::with_capacity(products.len());
        for some in products.chunks(PRODUCTS) {
            let rows = match &self.with {
                With::Kingdee(it) => it.stock(warehouse, some).await?,
                With::Yonyou(it) => it.stock(warehouse, some).await?,
            };
            levels.extend(some.iter().map(|product| sum(product, &rows)));
        }
        Ok(levels)
    }
}

/// All lots of a product together.
fn sum(product: &str, rows: &[StockLevel]) -> StockLevel {
    let own = rows.iter().filter(|row| row.product == product);
    own.fold(StockLevel { product: product.to_owned(), on_hand: 0, available: None }, |all, row| {
        StockLevel {
            on_hand: all.on_hand.saturating_add(row.on_hand),
            available: match (all.available, row.available) {
                (Some(all), Some(more)) => Some(all.saturating_add(more)),
                (all, more) => all.or(more),
            },
            ..all
        }
    })
}

/// What is not worth sending, because no system would take it.
pub(crate) fn flawed(flaw: Flaw) -> ErpError {
    let (code, text): (&str, _) = (flaw.as_ref(), flaw.to_string());
    ErpError::refused(code, &text)
}

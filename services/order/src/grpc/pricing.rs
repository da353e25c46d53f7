//! What a basket costs now: all that an order is priced from, as it is at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::command::{Rejected, Work};
use values::{BusinessDate, PriceListId, ProductId, PromotionId, Sight};

use crate::account::Account;
use crate::order::pricing::{Basket, price};
use crate::order::promoting::{MAX_GIFTS, Offers, outcome};
use crate::order::{OrderRefusal, Submission};
use crate::price_list::PriceList;
use crate::product::Product;
use crate::promotion::{BOOK, Outcome, PromotionBook, PromotionQuota};
use crate::territory::{TERRITORY, Territory};

/// A basket with its prices and what promotions give for it.
pub(super) struct Priced {
    pub(super) submission: Submission,
    /// Every promotion that was tried, and what came of it.
    pub(super) outcome: Outcome,
    /// Where the terms of the promotions stand.
    pub(super) book: Arc<PromotionBook>,
}

type Products = BTreeMap<ProductId, Arc<Product>>;

/// Who orders, and where its sales count.
pub(super) struct Orderer {
    account: Arc<Account>,
    territory: Arc<Territory>,
}

/// The dealer of a basket, if somebody who sees this much may order for it.
pub(super) async fn orderer(
    work: &mut Work<'_>,
    basket: &Basket,
    sight: &Sight,
    today: BusinessDate,
) -> Result<Orderer, Rejected<OrderRefusal>> {
    if let Sight::Dealer(own) = sight
        && *own != basket.dealer_id
    {
        return Err(Rejected::Refused(OrderRefusal::OtherDealer));
    }
    let account = work.read::<Account>(basket.dealer_id.as_str()).await?;
    let territory = work.read::<Territory>(TERRITORY).await?;
    if !account.is_seen_by(sight, &territory, today) {
        // As if there were none: which dealers other regions have is not told.
        let dealer_id = basket.dealer_id.clone();
        return Err(Rejected::Refused(OrderRefusal::AccountNotOpen { dealer_id }));
    }
    Ok(Orderer { account, territory })
}

/// Prices a basket. A brand sees of every promotion what came of it, a dealer of those that are for
/// it.
pub(super) async fn priced(
    work: &mut Work<'_>,
    basket: &Basket,
    Orderer { account, territory }: &Orderer,
    all: bool,
) -> Result<Priced, Rejected<OrderRefusal>> {
    let list = work.read::<PriceList>(PriceListId::base().as_str()).await?;
    let mut products = Products::new();
    for line in &basket.lines {
        look_at(work, &mut products, &line.product_id).await?;
    }
    let submission =
        price(basket, account, territory, &products, &list).map_err(Rejected::Refused)?;
    let book = work.read::<PromotionBook>(BOOK).await?;
    let offers = Offers::of(&book, &submission, all);
    let left = what_is_left(work, &offers, &submission).await?;
    let mut gone = BTreeSet::new();
    let outcome = loop {
        let outcome = outcome(&submission, &offers, &list, &left, &gone);
        let before = gone.len();
        // Gifts that nobody can order uncover others, as long as there are any.
        if gone.len() > MAX_GIFTS {
            return Err(Rejected::Refused(OrderRefusal::TooManyGifts));
        }
        for gift in &outcome.gifts {
            look_at(work, &mut products, &gift.product_id).await?;
            if products.get(&gift.product_id).and_then(|product| product.orderable()).is_none() {
                gone.insert(gift.product_id.clone());
            }
        }
        // What nobody can order any more is given to nobody either; something else may be.
        if gone.len() == before {
            break outcome;
        }
    };
    let submission = submission.given(&outcome, &offers, &products).map_err(Rejected::Refused)?;
    Ok(Priced { submission, outcome, book })
}

async fn look_at(
    work: &mut Work<'_>,
    products: &mut Products,
    product_id: &ProductId,
) -> Result<(), Rejected<OrderRefusal>> {
    if !products.contains_key(product_id) {
        let product = work.read::<Product>(product_id.as_str()).await?;
        products.insert(product_id.clone(), product);
    }
    Ok(())
}

/// How often the dealer can still be given what has a limit.
async fn what_is_left(
    work: &mut Work<'_>,
    offers: &Offers<'_>,
    submission: &Submission,
) -> Result<BTreeMap<PromotionId, u32>, Rejected<OrderRefusal>> {
    let mut left = BTreeMap::new();
    for terms in offers.limited() {
        let taken = work.read::<PromotionQuota>(terms.promotion_id.as_str()).await?;
        let times = taken.left(&terms.quota, &submission.dealer_id);
        left.insert(terms.promotion_id.clone(), times);
    }
    Ok(left)
}

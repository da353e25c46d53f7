//! What a basket would cost.

use std::collections::BTreeMap;

use kernel::Text;
use kernel::auth::Caller;
use kernel::command::{Question, Rejected, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoQuestion};
use proto::access::v1::Role;
use proto::order::v1 as api;
use tonic::Status;
use values::{BusinessDate, Minor, ProductId, PromotionId, Quantity, Sight};

use super::order_rules::told_back_orders;
use super::orders::sight;
use super::paying::{Bill, choice, means, rules, told_payment};
use super::pricing::{Priced, known, priced};
use super::promotions::units;
use super::{all, parse};
use crate::audience::NotFor;
use crate::order::paying::{Choice, Means};
use crate::order::pricing::{Basket, BasketLine};
use crate::order::{Order, OrderGift, OrderLine, OrderRefusal};
use crate::order_rules::BackOrders;
use crate::promotion::{Applied, Discount, Missing, Plan, Refused, Tried, Verdict};

/// What a basket would cost now.
pub struct QuoteOrder {
    basket: Basket,
    choice: Choice,
    sight: Sight,
    today: BusinessDate,
    /// Whether the caller is told what the dealer has.
    money: bool,
}

/// What it would cost.
pub struct Quote {
    priced: Priced,
    /// What there is to pay it from; none where the brand is paid elsewhere.
    means: Option<Means>,
    /// Whether the brand asks: a dealer is not told how far a price is from its floor.
    all: bool,
    /// Whether it is told what the dealer has.
    money: bool,
    /// Whether what is not there may wait.
    back_orders: BackOrders,
}

impl Question for QuoteOrder {
    type Answer = Quote;
    type Refusal = OrderRefusal;

    async fn look(&self, work: &mut Work<'_>) -> Result<Quote, Rejected<OrderRefusal>> {
        let known = known(work, &self.basket.dealer_id, &self.sight, self.today).await?;
        let all = !matches!(self.sight, Sight::Dealer(_));
        let rules = rules(work).await?;
        let priced = priced(work, &self.basket, &known, (all, rules)).await?;
        let mut priced = if all { priced } else { priced.concealed(work).await? };
        let mut there = None;
        if rules.settled_here {
            let bill = Bill::of(&priced.submission);
            let means = means(work, &known, &bill, rules, self.today).await?;
            priced.submission.payment = Some(means.pay(bill.net, self.choice));
            there = Some(means);
        }
        let back_orders = match rules.stock_checked {
            true => rules.waiting.back_orders,
            false => BackOrders::Off,
        };
        Ok(Quote { priced, means: there, all, money: self.money, back_orders })
    }
}

/// Whether somebody is told what dealers have and owe: who looks after that, and the dealer itself.
pub fn sees_money(caller: &Caller) -> bool {
    use Role::{
        Analyst, Auditor, Finance, HqAdmin, Integration, RegionManager, SalesDirector, SalesRep,
    };
    let roles =
        [HqAdmin, SalesDirector, RegionManager, SalesRep, Finance, Analyst, Auditor, Integration];
    caller.dealer_id.is_some() || roles.into_iter().any(|role| caller.has(role))
}

impl IntoQuestion<Order> for api::QuoteOrderRequest {
    type Question = QuoteOrder;

    fn into_question(self, call: &Call) -> Result<QuoteOrder, Status> {
        let mut wrong = Violations::default();
        let dealer_id = parse(&mut wrong, "dealer_id", &self.dealer_id);
        let today = BusinessDate::from(call.today());
        let on = on_date(&mut wrong, &self.on_date, call, today);
        let lines = all(&self.lines, |index, line| {
            let field = format!("lines[{index}].product_id");
            let product_id = parse(&mut wrong, field, &line.product_id)?;
            Some(BasketLine { product_id, quantity: Quantity::of(line.quantity), seen: None })
        });
        // It has no number: nobody can ask for it afterwards.
        let order_id = parse(&mut wrong, "order_id", "quote");
        let sight = sight(&mut wrong, call);
        let question = (|| {
            Some(QuoteOrder {
                basket: Basket {
                    order_id: order_id?,
                    dealer_id: dealer_id?,
                    lines: lines?,
                    business_date: on?,
                    seen: None,
                    quoted: None,
                    note: String::new(),
                    placed_on_behalf: call.caller.dealer_id.is_none(),
                },
                choice: choice(self.payment),
                sight: sight?,
                today,
                money: sees_money(&call.caller),
            })
        })();
        wrong.finish(question)
    }
}

/// The day of a question; only the brand may ask for another one than today.
pub(super) fn on_date(
    wrong: &mut Violations,
    date: &str,
    call: &Call,
    today: BusinessDate,
) -> Option<BusinessDate> {
    if date.is_empty() {
        return Some(today);
    }
    let date = parse(wrong, "on_date", date);
    if call.caller.dealer_id.is_some() && date != Some(today) {
        let text =
            Text::new("只有品牌方可以查询其他日期", "only the brand may ask for another day");
        wrong.add("on_date", text);
        return None;
    }
    date
}

impl From<Quote> for api::QuoteOrderResponse {
    fn from(quote: Quote) -> Self {
        let Quote { priced, means, all, money, back_orders } = quote;
        let means = means.filter(|_| money);
        let waits = back_orders != BackOrders::Off;
        let lines = priced.submission.lines.iter();
        let lines = lines.map(|line| and_short(quoted(line), &priced, line, waits)).collect();
        let Priced { submission, outcome, book, .. } = priced;
        let fingerprint = submission.fingerprint();
        let net = submission.net_minor();
        let gross = submission.lines.iter().map(|line| line.gross_minor).sum::<Minor>();
        let names: BTreeMap<_, _> = book.plans().map(name_of).collect();
        Self {
            currency_code: submission.currency.to_string(),
            gross_minor: gross.0,
            off_minor: gross.0 - net.0,
            net_minor: net.0,
            lines,
            gifts: submission.gifts.iter().map(given).collect(),
            promotions: outcome.tried.into_iter().map(|tried| told(tried, &names, all)).collect(),
            fingerprint,
            payment: submission.payment.as_ref().filter(|_| money).map(told_payment),
            rebate_available_minor: means.as_ref().map_or(0, |there| there.rebate_for(net).0),
            prepaid_available_minor: means.as_ref().map_or(0, |there| there.prepaid.0),
            credit_available_minor: means
                .and_then(|there| there.credit)
                .filter(|credit| credit.kept_back.is_empty())
                .map_or(0, |credit| credit.left.0.max(0)),
            back_orders: told_back_orders(back_orders).into(),
        }
    }
}

/// With what there is of it, and what would wait, where there is too little.
fn and_short(
    told: api::QuotedLine,
    priced: &Priced,
    line: &OrderLine,
    waits: bool,
) -> api::QuotedLine {
    let Some((there, missing)) = priced.too_little(&line.product_id) else { return told };
    let expected = priced.shelves.expected.get(&line.product_id);
    api::QuotedLine {
        available: Some(units(there)),
        would_wait: if waits { units(missing) } else { 0 },
        expected_on: expected.map(ToString::to_string).unwrap_or_default(),
        ..told
    }
}

fn name_of(plan: &Plan) -> (&PromotionId, &str) {
    (&plan.terms.promotion_id, plan.terms.name.as_str())
}

pub(super) fn quoted(line: &OrderLine) -> api::QuotedLine {
    api::QuotedLine {
        line_no: line.line_no,
        product_id: line.product_id.to_string(),
        product_name: line.product_name.clone(),
        base_unit: line.base_unit.clone(),
        quantity: units(line.quantity),
        unit_price_minor: line.unit_price_minor.0,
        gross_minor: line.gross_minor.0,
        net_minor: line.net_minor().0,
        price_list_id: line.price_list_id.to_string(),
        discounts: line.discounts.iter().map(discount).collect(),
        ..Default::default()
    }
}

fn discount(Discount { promotion_id, off }: &Discount) -> api::LineDiscount {
    api::LineDiscount { promotion_id: promotion_id.to_string(), off_minor: off.0 }
}

pub(super) fn given(gift: &OrderGift) -> api::QuotedGift {
    api::QuotedGift {
        promotion_id: gift.promotion_id.to_string(),
        product_id: gift.product_id.to_string(),
        product_name: gift.product_name.clone(),
        base_unit: gift.base_unit.clone(),
        quantity: units(gift.quantity),
        instead_of_product_id: gift
            .instead_of
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}

fn told(tried: Tried, names: &BTreeMap<&PromotionId, &str>, all: bool) -> api::TriedPromotion {
    let name = names.get(&tried.promotion_id).copied().unwrap_or_default().to_owned();
    let promotion = api::TriedPromotion {
        promotion_id: tried.promotion_id.to_string(),
        name,
        ..Default::default()
    };
    match tried.verdict {
        Verdict::Applied(applied) if all => told_applied(promotion, applied),
        Verdict::Applied(applied) => {
            told_applied(promotion, Applied { kept_by_floor: Minor::ZERO, ..applied })
        }
        Verdict::Refused(refused) => told_refused(promotion, refused),
    }
}

fn told_applied(mut told: api::TriedPromotion, applied: Applied) -> api::TriedPromotion {
    told.set_verdict(api::PromotionVerdict::Applied);
    told.times = applied.times;
    told.tier = u32::try_from(applied.tier + 1).unwrap_or(u32::MAX);
    told.off_minor = applied.off.0;
    told.kept_by_floor_minor = applied.kept_by_floor.0;
    told.ran_out = applied.ran_out;
    told.missing_gifts = goods(applied.missing_gifts);
    match applied.next {
        Some(next) => with_missing(told, next),
        None => told,
    }
}

fn told_refused(mut told: api::TriedPromotion, refused: Refused) -> api::TriedPromotion {
    use api::PromotionVerdict as Told;
    let verdict = match refused {
        Refused::Day => Told::Day,
        Refused::NotFor(NotFor::Dealer) => Told::Dealer,
        Refused::NotFor(NotFor::Region) => Told::Region,
        Refused::NotFor(NotFor::Level) => Told::Level,
        Refused::NotFor(NotFor::Channel) => Told::Channel,
        Refused::Scope => Told::Scope,
        Refused::RanOut => Told::RanOut,
        Refused::Floor => Told::Floor,
        Refused::GiftsGone => Told::GiftsGone,
        Refused::NotAlone => Told::NotAlone,
        Refused::TooLittle(missing) => {
            told = with_missing(told, missing);
            Told::TooLittle
        }
        Refused::AfterOneAlone(other) => {
            told.other_promotion_id = other.to_string();
            Told::AfterOneAlone
        }
        Refused::Group(other) => {
            told.other_promotion_id = other.to_string();
            Told::Group
        }
    };
    told.set_verdict(verdict);
    told
}

fn with_missing(mut told: api::TriedPromotion, missing: Missing) -> api::TriedPromotion {
    match missing {
        Missing::Amount(amount) => told.missing_minor = amount.0,
        Missing::Quantity(quantity) => told.missing_quantity = units(quantity),
        Missing::Parts(parts) => told.missing_parts = goods(parts),
    }
    told
}

fn goods(goods: Vec<(ProductId, Quantity)>) -> Vec<api::MissingGoods> {
    let one = |(product_id, quantity): (ProductId, Quantity)| api::MissingGoods {
        product_id: product_id.to_string(),
        quantity: units(quantity),
    };
    goods.into_iter().map(one).collect()
}

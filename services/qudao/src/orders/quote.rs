//! What goods would cost, in print.

use proto::order::v1::{
    MissingGoods, PromotionVerdict, QuoteOrderResponse, QuotedGift, QuotedLine, TriedPromotion,
};
use serde::Serialize;

use super::payment::Payment;
use crate::client::{failure, money, output};

#[derive(Serialize)]
struct Quote {
    currency: String,
    gross_minor: i64,
    off_minor: i64,
    net_minor: i64,
    fingerprint: String,
    lines: Vec<Line>,
    gifts: Vec<Gift>,
    promotions: Vec<Tried>,
    payment: Option<Payment>,
}

#[derive(Serialize)]
struct Line {
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: u32,
    unit_price_minor: i64,
    gross_minor: i64,
    net_minor: i64,
    price_list_id: String,
}

#[derive(Serialize)]
struct Gift {
    promotion_id: String,
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    instead_of_product_id: String,
}

#[derive(Serialize)]
struct Tried {
    promotion_id: String,
    name: String,
    verdict: &'static str,
    times: u32,
    tier: u32,
    off_minor: i64,
    missing_minor: i64,
    missing_quantity: u32,
    missing_parts: Vec<Missing>,
    missing_gifts: Vec<Missing>,
    kept_by_floor_minor: i64,
    ran_out: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    other_promotion_id: String,
}

#[derive(Serialize)]
struct Missing {
    product_id: String,
    quantity: u32,
}

pub(crate) fn show(answer: QuoteOrderResponse, json: bool) -> anyhow::Result<()> {
    let quote = Quote {
        currency: answer.currency_code,
        gross_minor: answer.gross_minor,
        off_minor: answer.off_minor,
        net_minor: answer.net_minor,
        fingerprint: answer.fingerprint,
        lines: answer.lines.into_iter().map(Line::from).collect(),
        gifts: answer.gifts.into_iter().map(Gift::from).collect(),
        promotions: answer.promotions.into_iter().map(Tried::from).collect(),
        payment: answer.payment.map(Payment::from),
    };
    if json { output::json(&quote) } else { output::text(&page(quote)) }
}

fn page(quote: Quote) -> String {
    let currency = quote.currency;
    let amount = |minor| money::format(minor, &currency);
    let bought = quote.lines.into_iter().map(|line| {
        vec![
            line.product_name,
            format!("{} {}", money::count(line.quantity.into()), line.base_unit),
            amount(line.unit_price_minor),
            amount(line.gross_minor),
            amount(line.net_minor),
        ]
    });
    let given = quote.gifts.into_iter().map(|gift| {
        let units = format!("{} {}", money::count(gift.quantity.into()), gift.base_unit);
        vec![format!("{} (gift)", gift.product_name), units, String::new(), amount(0), amount(0)]
    });
    let sums = [amount(quote.gross_minor), amount(quote.net_minor)];
    let total = ["total".to_owned(), String::new(), String::new()].into_iter().chain(sums);
    let [gross, net] = [">gross", ">net"].map(|title| format!("{title} {currency}"));
    let columns = ["product", ">quantity", ">unit price", &gross, &net];
    let table = output::table(&columns, bought.chain(given).chain([total.collect()]));
    let mut text = output::lines(&table);
    if let Some(paid) = quote.payment {
        text.push_str(&format!("\npaid: {}", paid.shown(&currency)));
    }
    if quote.promotions.is_empty() {
        return text;
    }
    let tried = quote.promotions.into_iter().map(|it| {
        let off =
            if it.off_minor > 0 { format!("−{}", amount(it.off_minor)) } else { String::new() };
        let missing = missing(&it, amount);
        vec![it.promotion_id, it.name, verdict(it.verdict).to_owned(), off, missing]
    });
    let columns = ["promotion", "name", "given", ">off", "missing for more"];
    format!("{text}\n\n{}", output::lines(&output::table(&columns, tried)))
}

/// What is missing for a promotion, for its next tier or for the next time.
fn missing(tried: &Tried, amount: impl Fn(i64) -> String) -> String {
    if tried.missing_minor > 0 {
        return amount(tried.missing_minor);
    }
    if tried.missing_quantity > 0 {
        return money::count(tried.missing_quantity.into());
    }
    let part = |part: &Missing| format!("{} × {}", part.quantity, part.product_id);
    tried.missing_parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// The verdict as people know it.
fn verdict(word: &'static str) -> &'static str {
    if failure::locale() != "zh-CN" {
        return word;
    }
    match word {
        "given" => "已享受",
        "day" => "不在活动期",
        "dealer" => "不适用该经销商",
        "region" => "不适用该区域",
        "level" => "不适用该等级",
        "channel" => "不适用该渠道",
        "scope" => "无适用商品",
        "too-little" => "未达门槛",
        "ran-out" => "已用完",
        "floor" => "已达底价",
        "gifts-gone" => "赠品缺货",
        "not-alone" | "after-one-alone" => "不可同享",
        "group" => "同组已享受其他",
        other => other,
    }
}

/// The verdict as scripts know it.
fn word(verdict: PromotionVerdict) -> &'static str {
    match verdict {
        PromotionVerdict::Unspecified => "unknown",
        PromotionVerdict::Applied => "given",
        PromotionVerdict::Day => "day",
        PromotionVerdict::Dealer => "dealer",
        PromotionVerdict::Region => "region",
        PromotionVerdict::Level => "level",
        PromotionVerdict::Channel => "channel",
        PromotionVerdict::Scope => "scope",
        PromotionVerdict::TooLittle => "too-little",
        PromotionVerdict::RanOut => "ran-out",
        PromotionVerdict::Floor => "floor",
        PromotionVerdict::GiftsGone => "gifts-gone",
        PromotionVerdict::NotAlone => "not-alone",
        PromotionVerdict::AfterOneAlone => "after-one-alone",
        PromotionVerdict::Group => "group",
    }
}

impl From<QuotedLine> for Line {
    fn from(from: QuotedLine) -> Self {
        Self {
            product_id: from.product_id,
            product_name: from.product_name,
            base_unit: from.base_unit,
            quantity: from.quantity,
            unit_price_minor: from.unit_price_minor,
            gross_minor: from.gross_minor,
            net_minor: from.net_minor,
            price_list_id: from.price_list_id,
        }
    }
}

impl From<QuotedGift> for Gift {
    fn from(from: QuotedGift) -> Self {
        Self {
            promotion_id: from.promotion_id,
            product_id: from.product_id,
            product_name: from.product_name,
            base_unit: from.base_unit,
            quantity: from.quantity,
            instead_of_product_id: from.instead_of_product_id,
        }
    }
}

impl From<TriedPromotion> for Tried {
    fn from(from: TriedPromotion) -> Self {
        Self {
            verdict: word(from.verdict()),
            promotion_id: from.promotion_id,
            name: from.name,
            times: from.times,
            tier: from.tier,
            off_minor: from.off_minor,
            missing_minor: from.missing_minor,
            missing_quantity: from.missing_quantity,
            missing_parts: from.missing_parts.into_iter().map(Missing::from).collect(),
            missing_gifts: from.missing_gifts.into_iter().map(Missing::from).collect(),
            kept_by_floor_minor: from.kept_by_floor_minor,
            ran_out: from.ran_out,
            other_promotion_id: from.other_promotion_id,
        }
    }
}

impl From<MissingGoods> for Missing {
    fn from(MissingGoods { product_id, quantity }: MissingGoods) -> Self {
        Self { product_id, quantity }
    }
}

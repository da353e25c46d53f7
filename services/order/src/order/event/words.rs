//! Words that sentences about orders are made of.

use kernel::Text;
use values::{Currency, Minor, OrderId, Quantity};

use super::{Difference, LineQuantity, Payment};
use crate::order::paying::Standing;
use crate::order::status::OrderStatus;
use crate::rating::Rating;

/// What an order is paid from, part by part.
pub(super) fn paid(order_id: &OrderId, currency: &Currency, payment: &Payment) -> Text {
    let waits = payment.standing == Standing::OnHold;
    let credit =
        if waits { ("信用（冻结）", "credit, on hold") } else { ("信用", "credit") };
    let parts = [
        (payment.rebate_minor, ("返利", "rebates")),
        (payment.prepaid_minor, ("预存款", "prepaid money")),
        (payment.credit_minor, credit),
        (payment.online_minor(), ("在线支付", "paid online")),
        (payment.open_minor, ("待付", "still to be paid")),
    ];
    let parts = parts.into_iter().filter(|(amount, _)| *amount > Minor::ZERO);
    let (zh, en): (Vec<_>, Vec<_>) = parts
        .map(|(amount, (zh, en))| {
            let amount = currency.show(amount);
            (format!("{zh} {amount}"), format!("{amount} {en}"))
        })
        .unzip();
    let (mut zh, mut en) = (zh.join("，"), en.join(", "));
    if zh.is_empty() {
        (zh, en) = ("无需付款".into(), "with nothing".into());
    }
    Text::new(format!("订单 {order_id} 付款：{zh}"), format!("order {order_id} is paid: {en}"))
}

/// What did not arrive well, if anything did not.
fn differing(differences: &[Difference]) -> Text {
    let total = Quantity::total(differences.iter().map(|it| it.quantity));
    match differences.is_empty() {
        true => Text::new("", ""),
        false => Text::new(
            format!("，{total} 件有差异"),
            format!(", {total} did not arrive as they were shipped"),
        ),
    }
}

/// How much was moved, for example `3 units of 2 lines were`.
pub(super) fn units(lines: impl ExactSizeIterator<Item = Quantity>) -> Text {
    let count = lines.len();
    let total = Quantity::total(lines);
    let (unit, were) = if total == Quantity::of(1) { ("unit", "was") } else { ("units", "were") };
    let line = if count == 1 { "line" } else { "lines" };
    Text::new(
        format!("{count} 行共 {total} 件"),
        format!("{total} {unit} of {count} {line} {were}"),
    )
}

/// Goods that left.
pub(super) fn left(order_id: &OrderId, lines: &[LineQuantity], status: OrderStatus) -> Text {
    let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
    let status = status.zh();
    Text::new(
        format!("订单 {order_id} 发货 {zh}，{status}"),
        format!("order {order_id}: {en} shipped"),
    )
}

/// Goods that arrived, or should have.
pub(super) fn arrived(
    order_id: &OrderId,
    lines: &[LineQuantity],
    differences: &[Difference],
    status: OrderStatus,
) -> Text {
    let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
    let status = status.zh();
    let differing = differing(differences);
    Text::new(
        format!("订单 {order_id} 签收 {zh}{}，{status}", differing.zh),
        format!("order {order_id}: {en} received{}", differing.en),
    )
}

/// How content the dealer is.
pub(super) fn rated(order_id: &OrderId, rating: &Rating) -> Text {
    let Text { zh, en } = rating.shown();
    Text::new(format!("订单 {order_id} 的评价：{zh}"), format!("order {order_id} was rated: {en}"))
}

//! Each fact in one sentence.

use kernel::{DomainEvent, Text};

use super::changes::{
    approved, asked, by_step, changed, expired, not_agreed, proposed, taken_back, waived,
};
use super::words::{arrived, left, paid, rated, units};
use super::{OrderEvent, OrderSubmitted};

impl DomainEvent for OrderEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::OrderSubmitted(order) => order.sentence(),
            Self::PaymentAllocated { order_id, currency, payment, .. } => {
                paid(order_id, currency, payment)
            }
            Self::CreditHoldReleased { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 已解除信用冻结：{reason}"),
                format!("order {order_id} has the credit that it waited for: {reason}"),
            ),
            Self::CreditRefused { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 不予授信：{reason}"),
                format!("order {order_id} was given no credit: {reason}"),
            ),
            Self::OrderConfirmed { order_id, .. } => Text::new(
                format!("订单 {order_id} 已确认，开始备货"),
                format!("order {order_id} was confirmed for delivery"),
            ),
            Self::OrderShipped { order_id, lines, status } => left(order_id, lines, *status),
            Self::OrderReceived { order_id, lines, differences, status } => {
                arrived(order_id, lines, differences, *status)
            }
            Self::OrderCancelled { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 已取消：{reason}"),
                format!("order {order_id} was cancelled: {reason}"),
            ),
            Self::OrderShortClosed { order_id, currency, lines, net_minor, reason, .. } => {
                let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
                let less = currency.show(*net_minor);
                Text::new(
                    format!("订单 {order_id} 欠量关闭 {zh}，金额减少 {less}：{reason}"),
                    format!("order {order_id}: {en} closed short, {less} less: {reason}"),
                )
            }
            Self::AfterSaleOpened { order_id, after_sale_id, lines, .. } => {
                let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
                Text::new(
                    format!("订单 {order_id} 有 {zh} 进入售后 {after_sale_id}"),
                    format!("order {order_id}: {en} put into after-sale case {after_sale_id}"),
                )
            }
            Self::AfterSaleEnded { order_id, after_sale_id, settled, .. } => {
                let Text { zh, en } = units(settled.iter().map(|line| line.quantity));
                Text::new(
                    format!("订单 {order_id} 的售后 {after_sale_id} 已结束：{zh} 已处理"),
                    format!("order {order_id}: {en} settled by after-sale case {after_sale_id}"),
                )
            }
            Self::OrderExpired { order_id, waited, hours, .. } => {
                expired(order_id, *waited, *hours)
            }
            Self::OrderReviewAsked { order_id, steps, note, .. } => asked(order_id, steps, note),
            Self::OrderStepApproved { order_id, step, note, .. } => approved(order_id, *step, note),
            Self::OrderStepWaived { order_id, step, .. } => waived(order_id, *step),
            Self::OrderSentBack { order_id, step, reason, .. } => {
                by_step(order_id, *step, ("退回", "was sent back by"), reason)
            }
            Self::OrderRefused { order_id, step, reason, .. } => {
                by_step(order_id, *step, ("拒绝", "was refused by"), reason)
            }
            Self::OrderChangeProposed(told) => proposed(told),
            Self::OrderChangeWithdrawn { order_id, .. } => taken_back(order_id),
            Self::OrderChangeRefused { order_id, reason, .. } => not_agreed(order_id, reason),
            Self::OrderChanged(told) => changed(told),
            Self::OrderRated { order_id, rating, .. } => rated(order_id, rating),
        }
    }
}

impl OrderSubmitted {
    fn sentence(&self) -> Text {
        let Self { order_id, dealer_name, lines, .. } = self;
        let net = self.currency.show(self.net_minor());
        let (count, s) = (lines.len(), if lines.len() == 1 { "" } else { "s" });
        let (zh, en) =
            if self.placed_on_behalf { ("（代下单）", " on behalf") } else { ("", "") };
        Text::new(
            format!("{dealer_name} 提交了订单 {order_id}{zh}：{count} 行，合计 {net}"),
            format!("{dealer_name} submitted order {order_id}{en}: {count} line{s}, {net}"),
        )
    }
}

//! What is said of reviews and changes, and of waiting that ends.

use kernel::Text;
use values::{OrderId, Quantity};

use crate::order::changing::{OrderChangeProposed, OrderChanged};
use crate::order::expiring::Waited;
use crate::order::review::{Step, StepKind, told as steps};

pub(super) fn asked(order_id: &OrderId, asked: &[Step], note: &str) -> Text {
    with_note(steps(order_id, asked), note)
}

pub(super) fn approved(order_id: &OrderId, step: StepKind, note: &str) -> Text {
    let (zh, en) = step.shown();
    let text = (format!("订单 {order_id} 已通过{zh}"), format!("order {order_id} has passed {en}"));
    with_note(text, note)
}

pub(super) fn waived(order_id: &OrderId, step: StepKind) -> Text {
    let (zh, en) = step.shown();
    Text::new(
        format!("订单 {order_id} 已全额付款，无需{zh}"),
        format!("order {order_id} is paid in full and needs no {en}"),
    )
}

/// What a step says that does not let the order pass.
pub(super) fn by_step(
    order_id: &OrderId,
    step: StepKind,
    (zh, en): (&str, &str),
    reason: &str,
) -> Text {
    let (step_zh, step_en) = step.shown();
    Text::new(
        format!("订单 {order_id} 被{step_zh}{zh}：{reason}"),
        format!("order {order_id} {en} {step_en}: {reason}"),
    )
}

pub(super) fn proposed(told: &OrderChangeProposed) -> Text {
    let OrderChangeProposed { order_id, currency, proposal, previous_net_minor, .. } = told;
    let (before, after) = (currency.show(*previous_net_minor), currency.show(proposal.net_minor));
    let lines = proposal.changes.len();
    let text = (
        format!("订单 {order_id} 申请修改 {lines} 处，合计由 {before} 变为 {after}"),
        format!("{lines} changes of order {order_id} were proposed: {after} instead of {before}"),
    );
    with_note(text, &proposal.note)
}

pub(super) fn changed(told: &OrderChanged) -> Text {
    let OrderChanged { order_id, currency, net_minor, previous_net_minor, quantity, .. } = told;
    let (before, after) = (currency.show(*previous_net_minor), currency.show(*net_minor));
    let units = units(*quantity);
    let text = (
        format!("订单 {order_id} 已修改：共 {quantity} 件，合计由 {before} 变为 {after}"),
        format!("order {order_id} was changed to {units}: {after} instead of {before}"),
    );
    with_note(text, &told.note)
}

fn units(quantity: Quantity) -> String {
    let unit = if quantity == Quantity::of(1) { "unit" } else { "units" };
    format!("{quantity} {unit}")
}

fn with_note((zh, en): (String, String), note: &str) -> Text {
    match note.is_empty() {
        true => Text::new(zh, en),
        false => Text::new(format!("{zh}（{note}）"), format!("{en} ({note})")),
    }
}

pub(super) fn taken_back(order_id: &OrderId) -> Text {
    Text::new(
        format!("订单 {order_id} 的修改申请已撤回"),
        format!("the change of order {order_id} was withdrawn"),
    )
}

pub(super) fn not_agreed(order_id: &OrderId, reason: &str) -> Text {
    Text::new(
        format!("订单 {order_id} 的修改申请被拒绝：{reason}"),
        format!("the change of order {order_id} was refused: {reason}"),
    )
}

pub(super) fn expired(order_id: &OrderId, waited: Waited, hours: u32) -> Text {
    let (zh, en) = match waited {
        Waited::Payment => ("付款", "payment"),
        Waited::Credit => ("授信", "credit"),
        Waited::Review => ("审核", "review"),
    };
    Text::new(
        format!("订单 {order_id} 等待{zh}超过 {hours} 小时，已过期"),
        format!("order {order_id} waited more than {hours} hours for {en}"),
    )
}

//! How everything follows a change of an order, in the append that makes it.

use kernel::Decider as _;
use kernel::command::{Rejected, Work};
use values::{BusinessDate, ProductId};

use super::order_changes::Worked;
use super::paying::paid_on;
use super::payments::{give_back_money, may_give_back};
use super::shipments::{goods, loads, release, released};
use crate::credit::Lending;
use crate::order::changing::ChangeCommand;
use crate::order::stocking::StockShifts;
use crate::order::{Commercial, Order, OrderCommand, OrderRefusal, Placed};
use crate::order_rules::Rules;
use crate::promotion::{PromotionBook, PromotionQuota, QuotaCommand, QuotaUse};
use crate::shipment::rearranging::{cuts, goes_on, sends};
use crate::shipment::{Shipment, ShipmentCommand};
use crate::stock::{StockCommand, StockItem};

/// Why money goes back, and shipments become less, in the words that they are told.
const REASON: &str = "订单修改 · the order was changed";

/// Makes a change, and lets promotions, money, stock and shipments follow the difference.
pub(super) async fn make(
    work: &mut Work<'_>,
    (order, placed): (&Order, &Placed),
    Worked { change, book, .. }: Worked,
    (rules, today): (Rules, BusinessDate),
) -> Result<(), Rejected<OrderRefusal>> {
    let command = OrderCommand::Change(ChangeCommand::Make(Box::new(change)));
    work.decide::<Order>(placed.order_id.as_str(), command.clone()).await?;
    let after = order.after(command).map_err(Rejected::Refused)?;
    let Order::Placed(changed) = &after else { return Ok(()) };
    if changed.proposal.is_some() {
        // It has passed a step, and waits for the next one.
        return Ok(());
    }
    may_give_back(work, order, &after).await?;
    counted(work, (placed, changed), book.as_deref()).await?;
    let lending = Lending { grace_days: rules.overdue_grace_days, grant: None };
    paid_on(work, order, &after, (today, lending)).await?;
    give_back_money(work, order, &after, REASON).await?;
    sent(work, (placed, changed), order.stock_shifts(&after), rules).await
}

/// Counts what is given of promotions more or less often.
async fn counted(
    work: &mut Work<'_>,
    (before, after): (&Placed, &Placed),
    book: Option<&PromotionBook>,
) -> Result<(), Rejected<OrderRefusal>> {
    for (promotion_id, change) in after.quota_changes(before) {
        let by = QuotaUse {
            promotion_id: promotion_id.clone(),
            order_id: after.order_id.clone(),
            dealer_id: after.dealer_id.clone(),
            times: u32::try_from(change.unsigned_abs()).unwrap_or(u32::MAX),
        };
        let command = match change > 0 {
            true => {
                let plan = book.and_then(|book| book.find(&promotion_id));
                let Some(plan) = plan.filter(|it| !it.terms.quota.is_without_limit()) else {
                    continue;
                };
                QuotaCommand::Take { by, quota: plan.terms.quota }
            }
            false => QuotaCommand::Return(by),
        };
        work.decide::<PromotionQuota>(promotion_id.as_str(), command).await?;
    }
    Ok(())
}

/// Lets stock and shipments follow.
async fn sent(
    work: &mut Work<'_>,
    (before, after): (&Placed, &Placed),
    shifts: StockShifts,
    rules: Rules,
) -> Result<(), Rejected<OrderRefusal>> {
    let mut all = loads(work, before).await?;
    let cuts = cuts(before, after, &all).map_err(|no| Rejected::Refused(no.into()))?;
    all.iter_mut().zip(&cuts).for_each(|(load, cut)| load.shorten(cut));
    let sends = sends(&all);
    let follow = |product_id: &ProductId| {
        let shift = *shifts.get(product_id)?;
        let sends = sends.get(product_id).cloned().unwrap_or_default();
        let (order_id, waits) = (after.order_id.clone(), after.back_order);
        Some(StockCommand::Rearrange { order_id, shift, waits, sends })
    };
    let confirmed = after.commercial == Commercial::Confirmed;
    let begins = confirmed && before.commercial != after.commercial && rules.hands_over;
    if begins || goes_on(after, &all, rules.hands_over) {
        let mut goods = goods(work, after, follow).await?;
        all.iter().for_each(|load| goods.beside(load));
        let more = released(work, after, goods).await?;
        release(work, more).await?;
    }
    for (load, lines) in all.iter().zip(cuts).filter(|(_, lines)| !lines.is_empty()) {
        let command = ShipmentCommand::Lessen { lines, reason: REASON.to_owned() };
        let lessened = work.decide::<Shipment>(load.shipment_id.as_str(), command).await;
        lessened.map_err(Rejected::from_other)?;
    }
    for product_id in shifts.keys() {
        let Some(command) = follow(product_id) else { continue };
        let followed = work.decide::<StockItem>(product_id.as_str(), command).await;
        followed.map_err(Rejected::from_other)?;
    }
    Ok(())
}

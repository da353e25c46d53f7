//! How everything follows a change of an order, in the append that makes it.

use std::collections::BTreeMap;

use kernel::Decider as _;
use kernel::command::{Rejected, Work};
use values::{BusinessDate, ProductId, Quantity, WarehouseId};

use super::order_changes::Worked;
use super::paying::paid_on;
use super::payments::give_back_money;
use super::shipments::{goods, loads, release, released};
use crate::credit::Lending;
use crate::order::changing::ChangeCommand;
use crate::order::stocking::StockShifts;
use crate::order::{Commercial, LineQuantity, Order, OrderCommand, OrderRefusal, Placed};
use crate::order_rules::Rules;
use crate::promotion::{PromotionBook, PromotionQuota, QuotaCommand, QuotaUse};
use crate::shipment::{Load, Shipment, ShipmentCommand, ShipmentRefusal, Standing};
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
    let cuts = cuts(before, after, &all).map_err(Rejected::Refused)?;
    let freed = freed(&all, &cuts);
    let follow = |product_id: &ProductId| {
        let shift = *shifts.get(product_id)?;
        let freed = freed.get(product_id).cloned().unwrap_or_default();
        let (order_id, waits) = (after.order_id.clone(), after.back_order);
        Some(StockCommand::Rearrange { order_id, shift, waits, freed })
    };
    let begins = before.commercial != after.commercial && rules.hands_over;
    if after.commercial == Commercial::Confirmed && (begins || !all.is_empty()) {
        let mut goods = goods(work, after, follow).await?;
        for (load, cut) in all.iter_mut().zip(&cuts) {
            load.shorten(cut);
            goods.beside(load);
        }
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

/// What each shipment sends less: first what no shipment has goes, then what the last ones have. What a
/// warehouse has taken on stays.
fn cuts(
    before: &Placed,
    after: &Placed,
    loads: &[Load],
) -> Result<Vec<Vec<LineQuantity>>, OrderRefusal> {
    let mut cuts = vec![Vec::new(); loads.len()];
    if loads.is_empty() {
        return Ok(cuts);
    }
    for line in &before.lines {
        let line_no = line.line_no;
        let now = after.lines.iter().find(|it| it.line_no == line_no);
        let now = now.map_or(Quantity::ZERO, |it| it.ordered);
        let open = |load: &Load| {
            let all = load.open().into_iter().filter(|it| it.line_no == line_no);
            Quantity::total(all.map(|it| it.quantity))
        };
        let handed = Quantity::total(loads.iter().map(open));
        let beside = line.ordered.less(line.shipped).less(handed);
        let mut left = line.ordered.less(now).less(beside);
        for (load, cut) in loads.iter().zip(&mut cuts).rev() {
            let there = if load.standing == Standing::Waiting { open(load) } else { continue };
            let quantity = there.min(left);
            left = left.less(quantity);
            if !quantity.is_zero() {
                cut.push(LineQuantity { line_no, quantity });
            }
        }
        if let Some(load) = loads.iter().find(|load| !open(load).is_zero())
            && !left.is_zero()
        {
            let taken = loads.iter().find(|it| it.standing != Standing::Waiting).unwrap_or(load);
            let shipment_id = taken.shipment_id.clone();
            return Err(ShipmentRefusal::WarehouseHasIt { shipment_id }.into());
        }
    }
    Ok(cuts)
}

/// Where goods become free by that.
fn freed(
    loads: &[Load],
    cuts: &[Vec<LineQuantity>],
) -> BTreeMap<ProductId, Vec<(WarehouseId, Quantity)>> {
    let mut freed: BTreeMap<ProductId, Vec<(WarehouseId, Quantity)>> = BTreeMap::new();
    for (load, cut) in loads.iter().zip(cuts) {
        let Some(warehouse_id) = &load.warehouse_id else { continue };
        for LineQuantity { line_no, quantity } in cut {
            let Some(line) = load.lines.iter().find(|it| it.line_no == *line_no) else { continue };
            let parts = freed.entry(line.product_id.clone()).or_default();
            match parts.iter_mut().find(|(warehouse, _)| warehouse == warehouse_id) {
                Some((_, part)) => *part = part.plus(*quantity),
                None => parts.push((warehouse_id.clone(), *quantity)),
            }
        }
    }
    freed
}

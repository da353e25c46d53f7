//! What a change makes of an order and its lines.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError};
use order::order::ClosedLine;
use order::order::changing::OrderChanged;
use serde_json::json;
use values::Minor;

use crate::orders_taxes;

use super::orders::{LINES, ORDERS, gift_row, line_row, paid, shown};

/// The order as it is from now on. What was closed of it before stays told beside it.
pub(super) async fn changed(
    db: &mut Db<'_>,
    recorded: &Recorded,
    it: &OrderChanged,
) -> Result<(), ProjectError> {
    let key = || json!({ "tenant_id": recorded.tenant, "order_id": recorded.object_id });
    for line in &it.less {
        let mut row = key();
        row["line_no"] = line.line_no.into();
        row["quantity"] = (-line.quantity.get()).into();
        row["gross_minor"] = (-line.gross_minor.0).into();
        row["off_minor"] = (-line.off_minor.0).into();
        db.add(&LINES, row)?;
    }
    for line in &it.lines {
        db.upsert(&LINES, line_row(recorded, line))?;
    }
    for gift in &it.gifts {
        db.upsert(&LINES, gift_row(recorded, gift))?;
    }
    if let Some(payment) = &it.payment {
        db.update(&ORDERS, paid(recorded, payment, it.status))?;
    }
    let sum = |of: fn(&ClosedLine) -> Minor| it.less.iter().map(|line| of(line).0).sum::<i64>();
    let added: i64 = it.lines.iter().map(|line| line.gross_minor.0).sum();
    let off: i64 = it.lines.iter().map(|line| line.off_minor().0).sum();
    let mut row = key();
    row["gross_minor"] = (added - sum(|line| line.gross_minor)).into();
    row["off_minor"] = (off - sum(|line| line.off_minor)).into();
    db.add(&ORDERS, row)?;
    let mut row = key();
    row["status"] = shown(it.status).into();
    row["version"] = json!(recorded.version);
    row["quantity"] = it.quantity.get().into();
    if it.anew {
        row["promotions"] = json!(it.promotions);
    }
    db.update(&ORDERS, row)?;
    counted(db, recorded, it).await
}

/// How many lines there are, what of them is tax, and which promotions besides those that it had.
async fn counted(
    db: &mut Db<'_>,
    recorded: &Recorded,
    it: &OrderChanged,
) -> Result<(), ProjectError> {
    let more = if it.anew { json!([]) } else { json!(it.promotions) };
    let sql = db.sql().await?;
    let tax_minor = orders_taxes::of_lines(sql, &recorded.tenant, &recorded.object_id).await?;
    sqlx::query(
        "UPDATE orders SET promotions = promotions || $3, tax_minor = $4, line_count = (
             SELECT count(*) FROM order_lines l WHERE l.tenant_id = $1 AND l.order_id = $2
                 AND l.gift_of IS NULL AND l.quantity > 0)
         WHERE tenant_id = $1 AND order_id = $2",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(more)
    .bind(tax_minor)
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

//! What of an order is tax.

use order::grpc::told_tax;
use order::tax::{self, LineTax};
use proto::order::v1 as pb;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use values::Minor;

/// All of the tax of an order, as its lines are now: where it is known of each line that was bought.
pub(crate) async fn of_lines(
    db: &mut PgConnection,
    tenant: &str,
    order_id: &str,
) -> sqlx::Result<Option<i64>> {
    let lines: Vec<(i64, Option<Json<LineTax>>, bool)> = sqlx::query_as(
        "SELECT gross_minor - off_minor, tax, gift_of IS NULL FROM order_lines
         WHERE tenant_id = $1 AND order_id = $2 AND quantity > 0 ORDER BY line_no",
    )
    .bind(tenant)
    .bind(order_id)
    .fetch_all(db)
    .await?;
    let amount = |(net, tax, _): &(i64, Option<Json<LineTax>>, bool)| {
        (Minor(*net), tax.as_ref().map(|Json(told)| told.tax))
    };
    let amounts: Vec<_> = lines.iter().map(amount).collect();
    let mut bought = tax::contained(&amounts)
        .into_iter()
        .zip(&lines)
        .filter_map(|(tax, (_, _, is_bought))| is_bought.then_some(tax));
    let sum = bought.try_fold(0, |sum, tax| tax.map(|it| sum + it.tax_minor.0));
    Ok(sum.filter(|_| !lines.is_empty()))
}

/// Tells what of the lines is tax, as they are today: a change takes some of a line away. Of an order
/// that never changed it is what the order itself has told. Answers with all of it, where that is known
/// of each line that was bought.
pub(crate) fn tell(lines: &mut [pb::OrderLine], rows: &[PgRow]) -> sqlx::Result<Option<i64>> {
    let mut amounts = Vec::with_capacity(rows.len());
    for (line, row) in lines.iter().zip(rows) {
        let told = row.try_get::<Option<Json<LineTax>>, _>("tax")?;
        let tax = told.map(|Json(told)| told.tax);
        amounts.push((Minor(line.gross_minor - line.off_minor), tax));
    }
    let mut sum = Some(0);
    for (line, tax) in lines.iter_mut().zip(tax::contained(&amounts)) {
        line.tax = tax.map(|it| told_tax(it.tax));
        line.tax_minor = tax.map_or(0, |it| it.tax_minor.0);
        if line.gift_promotion_id.is_empty() {
            sum = sum.zip(tax).map(|(sum, it)| sum + it.tax_minor.0);
        }
    }
    Ok(sum.filter(|_| !lines.is_empty()))
}

//! How dealers order: some of them keep a cart first, and some order what is not there.

use chrono::NaiveDate;
use proto::order::v1 as order;
use proto::order::v1::cart_service_client::CartServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use tokio::time::Instant;
use world::acts::NewOrder;
use world::dealers::{Dealer, Pay};

use super::released::{listed, milliseconds};
use super::stage::{Stage, ask};
use crate::client::{failure, retry};
use crate::import::commands::request_id;

/// Orders for what it has to cost; another price or amount is refused.
pub(super) async fn submit(
    stage: &Stage,
    dealer: &Dealer,
    date: NaiveDate,
    new: &NewOrder,
) -> anyhow::Result<()> {
    let mut request = submission(stage, dealer, date, new);
    if new.from_cart {
        request.cart_id = cart(stage, dealer, new).await?;
    }
    let sent = Instant::now();
    let submitted = ask!(stage, mall, OrderServiceClient<_>, submit_order, &new.id, request)?;
    let Some(receipt) = submitted.filter(|it| new.untouched && stage.is_new(it)) else {
        return Ok(());
    };
    if dealer.pay == Pay::Online {
        stage.released.borrow_mut().sent.insert(new.id.clone(), sent);
    } else if let Some(at) = listed(stage, &new.id, receipt.position).await? {
        stage.released.borrow_mut().at_once.push(milliseconds(sent, at));
    }
    Ok(())
}

/// Orders something of which there is nothing left today. At a later play there is again, so nothing
/// is asked then.
pub(super) async fn in_vain(
    stage: &Stage,
    dealer: &Dealer,
    date: NaiveDate,
    new: &NewOrder,
) -> anyhow::Result<()> {
    if !stage.runs_out_now.get() {
        return Ok(());
    }
    let mut request = submission(stage, dealer, date, new);
    request.request_id = request_id(&stage.tenant, &new.id, &request);
    let answer = retry::until_answered(&["ACCOUNT_NOT_OPEN"], async || {
        OrderServiceClient::new(stage.cast.mall.wire()).submit_order(request.clone()).await
    })
    .await;
    match answer {
        Err(status) if failure::reason(&status) == "OUT_OF_STOCK" => stage.out_of_stock(),
        Err(status) if retry::ends_all(&status) => {
            return Err(anyhow::Error::from(status).context(format!("submit_order {}", new.id)));
        }
        Err(status) => {
            let why = failure::Failure::of(&status).line();
            stage.refused(&format!("submit_order {} of what is not there", new.id), &why);
        }
        Ok(_) => stage.refused(&format!("submit_order {}", new.id), "took what is not there"),
    }
    Ok(())
}

fn submission(
    stage: &Stage,
    dealer: &Dealer,
    date: NaiveDate,
    new: &NewOrder,
) -> order::SubmitOrderRequest {
    let lines = new.lines.iter().map(|line| order::SubmitOrderLine {
        product_id: stage.product(line.product),
        quantity: line.quantity,
        unit_price_minor: Some(line.unit_price_minor),
    });
    let (on_credit, ahead) = match dealer.pay {
        Pay::Credit { .. } => (true, false),
        Pay::Prepaid => (false, true),
        Pay::Online => (false, false),
    };
    let payment = order::PaymentChoice {
        without_rebate: !ahead,
        without_prepaid: !ahead,
        without_credit: !on_credit,
    };
    order::SubmitOrderRequest {
        order_id: new.id.clone(),
        dealer_id: dealer.id.clone(),
        lines: lines.collect(),
        business_date: date.to_string(),
        net_minor: Some(new.net_minor),
        payment: Some(payment),
        ..Default::default()
    }
}

/// Keeps a cart with the first line, and then with all of them; gives its number.
async fn cart(stage: &Stage, dealer: &Dealer, new: &NewOrder) -> anyhow::Result<String> {
    let lines = new.lines.iter().map(|line| order::CartLine {
        product_id: stage.product(line.product),
        quantity: line.quantity,
    });
    let lines: Vec<_> = lines.collect();
    let save = |cart_id: String, lines| order::SaveCartRequest {
        cart_id,
        dealer_id: dealer.id.clone(),
        kind: order::CartKind::Cart.into(),
        name: "本周订货".to_owned(),
        lines,
        ..Default::default()
    };
    let (id, first) = (&new.id, lines.iter().take(1).cloned().collect());
    let request = save(String::new(), first);
    let kept = ask!(stage, mall, CartServiceClient<_>, save_cart, id, request)?;
    let cart_id = kept.unwrap_or_default().object_id;
    let request = save(cart_id.clone(), lines);
    ask!(stage, mall, CartServiceClient<_>, save_cart, id, request)?;
    Ok(cart_id)
}

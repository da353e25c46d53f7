//! What people see: a page on which a payment is paid, and a list of everything.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;
use psp::Provider;
use url::form_urlencoded;
use values::Minor;

use crate::books::{Payment, RefundState, State as Payed};
use crate::money::{plain, yuan};
use crate::world::World;

const HEAD: &str = include_str!("pages/head.html");

/// `GET /pay/{page_id}`: whoever looks has scanned the code.
pub(crate) async fn show(State(world): State<Arc<World>>, Path(page_id): Path<String>) -> Response {
    let payment = world.books().paged(&page_id).map(|payment| {
        payment.is_seen = true;
        payment.clone()
    });
    page(&world, payment.as_ref(), "")
}

/// `POST /pay/{page_id}`: pays, unless the form says `action=cancel`.
pub(crate) async fn decide(
    State(world): State<Arc<World>>,
    Path(page_id): Path<String>,
    form: String,
) -> Response {
    let mut fields = form_urlencoded::parse(form.as_bytes());
    let is_cancelled = fields.any(|(name, value)| name == "action" && value == "cancel");
    // Why it can not be paid shows on the page.
    let notice = if is_cancelled {
        "已取消，可重新扫码支付。<br><small>Cancelled. The code can be scanned again.</small>"
    } else {
        let paid = world.pay(&page_id);
        tracing::debug!(?paid, "somebody paid at the simulator");
        ""
    };
    let payment = world.books().paged(&page_id).cloned();
    page(&world, payment.as_ref(), notice)
}

fn page(world: &World, payment: Option<&Payment>, notice: &str) -> Response {
    let Some(payment) = payment else {
        let text = "<main class=card><h1>没有这笔支付</h1><p>There is no such payment.</p></main>";
        let html = format!("{HEAD}<body>{text}</body></html>");
        return (StatusCode::NOT_FOUND, Html(html)).into_response();
    };
    let account = world.merchants.find(payment.provider, |it| it.id == payment.merchant_id);
    let merchant = account.map_or("", |account| account.name);
    let foot = match payment.state {
        Payed::Waiting if notice.is_empty() => concat!(
            "<form method=post><button name=action value=pay>支付 <small>Pay</small></button>",
            "<button class=quiet name=action value=cancel>取消 <small>Cancel</small></button></form>",
        )
        .to_owned(),
        Payed::Waiting => format!("<p class=state>{notice}</p>"),
        Payed::Paid => state("ok", "✓ 支付成功", "Paid"),
        Payed::Closed => state("off", "已关闭或已过期", "Closed or expired"),
    };
    let class = payment.provider.as_ref();
    let (zh, en) = (payment.provider.zh(), payment.provider.en());
    let html = format!(
        "{HEAD}<body class={class}><main class=card>\
         <header>{zh} <small>{en} · 模拟 simulated</small></header>\
         <p class=who>{}<small>商户 Merchant {}</small></p><p class=what>{}</p>\
         <p class=amount>¥{}</p>{foot}\
         <footer>{}<br>请于 {} 前支付 <small>Pay before this time (Beijing)</small></footer>\
         </main></body></html>",
        escaped(merchant),
        escaped(&payment.merchant_id),
        escaped(&payment.subject),
        grouped(payment.amount),
        escaped(&payment.payment_id),
        plain(payment.expires_at),
    );
    Html(html).into_response()
}

fn state(class: &str, zh: &str, en: &str) -> String {
    format!("<p class='state {class}'>{zh}<br><small>{en}</small></p>")
}

/// `GET /`
pub(crate) async fn list(State(world): State<Arc<World>>) -> Html<String> {
    let all = world.transactions();
    let part = |of: Payed| all.payments.iter().rev().filter(move |it| it.state == of);
    let mut html = format!(
        "{HEAD}<body><main class=list><h1>支付模拟器 <small>Payment simulator</small></h1>"
    );
    section(&mut html, "待支付", "Waiting", part(Payed::Waiting).map(payment_row));
    section(&mut html, "已支付", "Paid", part(Payed::Paid).map(payment_row));
    section(&mut html, "已关闭", "Closed", part(Payed::Closed).map(payment_row));
    let refunds = all.refunds.iter().rev().map(|refund| {
        let state = match refund.state {
            RefundState::Processing => "处理中 Processing",
            RefundState::Done => "已退款 Refunded",
            RefundState::Failed => "失败 Failed",
        };
        let what = format!("{} · {state}", escaped(&refund.payment_id));
        row(refund.provider, &escaped(&refund.refund_id), &what, refund.amount)
    });
    section(&mut html, "退款", "Refunds", refunds);
    html.push_str("</main></body></html>");
    Html(html)
}

fn section(html: &mut String, zh: &str, en: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<_> = rows.collect();
    // Writing to a text does not fail.
    let _ = write!(html, "<h2>{zh} <small>{en} · {}</small></h2>", rows.len());
    let none = "<p class=none>暂无 <small>None</small></p>".to_owned();
    html.push_str(&if rows.is_empty() { none } else { rows.concat() });
}

fn payment_row(payment: &Payment) -> String {
    let name = format!("<a href='/pay/{}'>{}</a>", payment.page_id, escaped(&payment.payment_id));
    row(payment.provider, &name, &escaped(&payment.subject), payment.amount)
}

fn row(provider: Provider, name: &str, what: &str, amount: Minor) -> String {
    let (class, zh) = (provider.as_ref(), provider.zh());
    let amount = grouped(amount);
    format!(
        "<div class='row {class}'><i></i><div>{name}<small>{zh} · {what}</small></div>\
         <b>¥{amount}</b></div>"
    )
}

/// Yuan with commas.
fn grouped(amount: Minor) -> String {
    let text = yuan(amount);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
    let mut shown = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    format!("{shown}.{fraction}")
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            other => shown.push(other),
        }
    }
    shown
}

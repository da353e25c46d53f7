//! What people see: a list of everything that arrived.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use erp::{Kind, Stage, System};

use crate::books::{Call, Held};
use crate::numbers::yuan;
use crate::world::World;

const HEAD: &str = include_str!("pages/head.html");
/// Calls that are shown.
const CALLS: usize = 50;

/// `GET /`
pub(crate) async fn list(State(world): State<Arc<World>>) -> Html<String> {
    let received = world.books().received.clone();
    let mut html = format!("{HEAD}<body><main><h1>账套模拟器 <small>ERP simulator</small></h1>");
    for kind in [Kind::SalesOrder, Kind::Delivery, Kind::Return, Kind::Receipt] {
        let own = received.documents.iter().rev().filter(|held| held.kind == kind);
        section(&mut html, kind.zh(), kind.en(), own.map(document));
    }
    let calls = received.calls.iter().rev().take(CALLS).map(call);
    section(&mut html, "最近调用", "Last calls", calls);
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

fn document(held: &Held) -> String {
    let stage = match held.stage {
        Stage::Saved => "已保存 Saved",
        Stage::Submitted => "已提交 Submitted",
        Stage::Audited => "已审核 Audited",
        Stage::TakenOver => "已收回 Taken over",
    };
    let lines = held.lines.iter().map(|line| format!("{} × {}", line.product, line.quantity));
    let lines: Vec<_> = lines.collect();
    let what = [&held.customer, &held.day, &held.warehouse, stage, &lines.join("，")];
    let what: Vec<_> = what.into_iter().filter(|text| !text.is_empty()).collect();
    row(held.system, &held.number, &what.join(" · "), &format!("¥{}", yuan(held.total)))
}

fn call(call: &Call) -> String {
    let at = call.at.format("%H:%M:%S%.3f").to_string();
    row(call.system, &call.what, &call.fault, &at)
}

fn row(system: System, name: &str, what: &str, right: &str) -> String {
    let (class, zh) = (system.as_ref(), system.zh());
    let (name, what, right) = (escaped(name), escaped(what), escaped(right));
    format!(
        "<div class='row {class}'><i></i><div>{name}<small>{zh} · {what}</small></div>\
         <b>{right}</b></div>"
    )
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

//! Numbers as both systems take and write them.

use serde_json::Value;
use values::Minor;

/// `88.88`
pub(crate) fn yuan(amount: Minor) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    let minor = amount.0.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// A text, or a number as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// A number not below zero, as so many parts of one, ten to the power of `digits`.
pub(crate) fn scaled(value: &Value, digits: usize) -> Option<i128> {
    let text = text(value)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > digits || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

/// An amount of whole minor units.
pub(crate) fn amount(value: &Value) -> Option<Minor> {
    scaled(value, 2).and_then(|minor| i64::try_from(minor).ok()).map(Minor)
}

/// A quantity of whole units, above zero.
pub(crate) fn quantity(value: &Value) -> Option<i64> {
    let whole = scaled(value, 0).and_then(|units| i64::try_from(units).ok());
    whole.filter(|units| *units > 0)
}

/// What so many cost at a price of ten digits after the point, rounded.
pub(crate) fn cost(price: i128, quantity: i64) -> Option<Minor> {
    let rounded = (price * i128::from(quantity) + 50_000_000) / 100_000_000;
    i64::try_from(rounded).ok().map(Minor)
}

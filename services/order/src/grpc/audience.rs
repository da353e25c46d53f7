//! For whom, when and for which goods: parsed, and told.

use std::collections::BTreeSet;
use std::str::FromStr;

use kernel::Text;
use kernel::failure::Violations;
use proto::order::v1 as api;
use tonic::Status;
use values::{BusinessDate, Explain};

use super::{all, parse, words};
use crate::audience::{Audience, Scope, Window};

/// The days of two fields whose names begin so.
pub(super) fn window(
    wrong: &mut Violations,
    begin: &str,
    from: &str,
    until: &str,
) -> Option<Window> {
    let from: Option<BusinessDate> = parse(wrong, format!("{begin}from"), from);
    let until = match until {
        "" => Some(None),
        until => parse(wrong, format!("{begin}until"), until).map(Some),
    };
    Some(Window { from: from?, until: until? })
}

/// The last day as callers are told it.
pub fn told_until(window: &Window) -> String {
    window.until.map(|until| until.to_string()).unwrap_or_default()
}

/// Whom a message names.
pub(super) fn audience(
    wrong: &mut Violations,
    field: &str,
    audience: Option<&api::PromotionAudience>,
) -> Option<Audience> {
    let Some(audience) = audience else { return Some(Audience::default()) };
    let regions = set(wrong, format!("{field}.region_ids"), &audience.region_ids);
    let levels = set(wrong, format!("{field}.level_ids"), &audience.level_ids);
    let channels = set(wrong, format!("{field}.channel_ids"), &audience.channel_ids);
    let dealers = set(wrong, format!("{field}.dealer_ids"), &audience.dealer_ids);
    let denied = set(wrong, format!("{field}.denied_dealer_ids"), &audience.denied_dealer_ids);
    Some(Audience {
        regions: regions?,
        levels: levels?,
        channels: channels?,
        dealers: dealers?,
        denied: denied?,
    })
}

/// Which goods a message names.
pub(super) fn scope(
    wrong: &mut Violations,
    field: &str,
    scope: Option<&api::PromotionScope>,
) -> Option<Scope> {
    let Some(scope) = scope else { return Some(Scope::default()) };
    let products = set(wrong, format!("{field}.product_ids"), &scope.product_ids);
    let except = set(wrong, format!("{field}.except_product_ids"), &scope.except_product_ids);
    let categories = scope.categories.iter().map(|category| category.path.clone()).collect();
    Some(Scope { products: products?, categories, except: except? })
}

/// Ids, each once.
pub(super) fn set<T>(wrong: &mut Violations, field: String, ids: &[String]) -> Option<BTreeSet<T>>
where
    T: FromStr<Err: Explain> + Ord,
{
    let ids = all(ids, |index, id| parse(wrong, format!("{field}[{index}]"), id));
    Some(ids?.into_iter().collect())
}

/// A place among others.
pub(super) fn rank(wrong: &mut Violations, field: &str, rank: u32) -> Option<u16> {
    let text = |_| Text::new("不能大于 1000", "must be 1000 at most");
    wrong.take(field, u16::try_from(rank).map_err(text))
}

/// One of several choices.
pub(super) fn chosen<T>(wrong: &mut Violations, field: &str, choice: Option<T>) -> Option<T> {
    wrong.take(field, choice.ok_or_else(|| Text::new("须选择一项", "must be one of the choices")))
}

/// Why something is done, in the words of whoever does it.
pub(super) fn reason(text: &str) -> Result<String, Status> {
    let mut wrong = Violations::default();
    let reason = words(&mut wrong, "reason", text, 1..=200);
    wrong.finish(reason)
}

/// Whom something is for, as callers are told it.
pub fn told_audience(audience: &Audience) -> api::PromotionAudience {
    api::PromotionAudience {
        region_ids: texts(&audience.regions),
        level_ids: texts(&audience.levels),
        channel_ids: texts(&audience.channels),
        dealer_ids: texts(&audience.dealers),
        denied_dealer_ids: texts(&audience.denied),
    }
}

/// For which goods it is, as callers are told it.
pub(super) fn told_scope(scope: &Scope) -> api::PromotionScope {
    let categories = scope.categories.iter().map(|path| api::Category { path: path.clone() });
    api::PromotionScope {
        product_ids: texts(&scope.products),
        categories: categories.collect(),
        except_product_ids: texts(&scope.except),
    }
}

pub(super) fn texts<'a, T: ToString + 'a>(ids: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    ids.into_iter().map(ToString::to_string).collect()
}

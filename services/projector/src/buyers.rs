//! What a dealer sees and pays today, by the same rules as orders.

use order::assortment::{Assortment, Range, Rule};
use order::audience::{Buyer, Scope};
use order::price_book::{Placement, PriceBook};
use serde_json::json;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use values::{BusinessDate, ChannelId, DealerClass, DealerId, InvalidId, LevelId, PriceListId};

use crate::tree::Tree;

/// A dealer as it buys on a day, with its region; none where the dealer is not known.
pub(crate) async fn buyer(
    db: &mut PgConnection,
    tenant: &str,
    dealer_id: &str,
    on: BusinessDate,
) -> sqlx::Result<Option<(Buyer, String)>> {
    let row = sqlx::query(
        "SELECT d.region_id, c.level_id, c.channel_id FROM dealers d
         LEFT JOIN LATERAL (
             SELECT level_id, channel_id FROM dealer_class_changes
             WHERE tenant_id = d.tenant_id AND dealer_id = d.dealer_id AND effective_on <= $3
             ORDER BY effective_on DESC LIMIT 1) c ON true
         WHERE d.tenant_id = $1 AND d.dealer_id = $2",
    )
    .bind(tenant)
    .bind(dealer_id)
    .bind(on.day())
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let region_id: String = row.try_get("region_id")?;
    let tree = Tree::load(db, tenant).await?;
    let path = tree.places.path(&region_id.parse().map_err(wrong)?, on);
    let buyer = Buyer {
        dealer_id: dealer_id.parse::<DealerId>().map_err(wrong)?,
        class: DealerClass {
            level_id: id::<LevelId>(row.try_get("level_id")?)?,
            channel_id: id::<ChannelId>(row.try_get("channel_id")?)?,
        },
        region_ids: path.iter().flat_map(|path| path.ids()).cloned().collect(),
    };
    Ok(Some((buyer, region_id)))
}

fn id<T: std::str::FromStr<Err = InvalidId>>(text: Option<&str>) -> sqlx::Result<Option<T>> {
    text.map(|text| text.parse().map_err(wrong)).transpose()
}

fn wrong(error: InvalidId) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}

/// What there is for whoever asks, in the words of a statement.
pub(crate) struct Shown {
    /// The lists that prices come from, the closest one first.
    pub(crate) lists: Vec<String>,
    /// Which products; none: all.
    pub(crate) range: Option<Scopes>,
}

/// The scopes of a visible range.
pub(crate) struct Scopes {
    pub(crate) hidden: serde_json::Value,
    pub(crate) for_us: serde_json::Value,
    pub(crate) for_others: serde_json::Value,
    /// Null: no limit.
    pub(crate) limits: serde_json::Value,
}

impl Shown {
    /// Everything, at base prices.
    pub(crate) fn everything() -> Self {
        Self { lists: vec![PriceListId::base().to_string()], range: None }
    }

    /// What a buyer sees and pays on a day.
    pub(crate) async fn to(
        db: &mut PgConnection,
        tenant: &str,
        buyer: &Buyer,
        on: BusinessDate,
    ) -> sqlx::Result<Self> {
        let placed = sqlx::query_scalar::<_, Json<Placement>>(
            "SELECT placement FROM price_lists WHERE tenant_id = $1 AND placement IS NOT NULL",
        );
        let placed = placed.bind(tenant).fetch_all(&mut *db).await?;
        let book: PriceBook = placed.into_iter().map(|Json(placed)| placed).collect();
        let rules = sqlx::query_scalar::<_, Json<Rule>>(
            "SELECT rule FROM assortment_rules WHERE tenant_id = $1",
        );
        let rules = rules.bind(tenant).fetch_all(&mut *db).await?;
        let assortment: Assortment = rules.into_iter().map(|Json(rule)| rule).collect();
        let base = sqlx::query_scalar::<_, String>(
            "SELECT currency_code FROM price_lists WHERE tenant_id = $1 AND price_list_id = $2",
        );
        let base_list = PriceListId::base();
        let base = base.bind(tenant).bind(base_list.as_str()).fetch_optional(db).await?;
        let chain = book.chain(buyer, on);
        let chain = chain.iter().map(|it| (it.price_list_id.to_string(), it.currency.to_string()));
        let chain: Vec<_> = chain.chain(base.map(|code| (base_list.to_string(), code))).collect();
        // As orders do: all prices are in the currency of the first list.
        let first = chain.first().map(|(_, currency)| currency.clone());
        let lists = chain.into_iter().filter(|(_, code)| Some(code) == first.as_ref());
        let range = Some(Scopes::of(&assortment.range(buyer, on)));
        Ok(Self { lists: lists.map(|(id, _)| id).collect(), range })
    }
}

impl Scopes {
    fn of(range: &Range<'_>) -> Self {
        let scopes = |rules: &[&Rule]| -> Vec<Scope> {
            rules.iter().map(|rule| rule.scope.clone()).collect()
        };
        Self {
            hidden: json!(scopes(&range.hidden)),
            for_us: json!(scopes(&range.for_us)),
            for_others: json!(scopes(&range.for_others)),
            limits: json!(range.limits.as_deref().map(scopes)),
        }
    }
}

//! Products and their base prices.

use kernel::Recorded;
use kernel::projection::{ProjectError, Projection};
use order::price_list::{PriceList, PriceListEvent};
use order::product::{Product, ProductEvent};
use sqlx::PgConnection;
use values::PriceListId;

kernel::facts!(
    pub(crate) enum Catalogue {
        Product(Product),
        PriceList(PriceList),
    }
);

pub(crate) struct Products;

impl Projection for Products {
    const NAME: &'static str = "products";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static str] = &["products", "base_prices"];
    type Facts = Catalogue;

    async fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        fact: Catalogue,
    ) -> Result<(), ProjectError> {
        match fact {
            Catalogue::Product(event) => product(db, &recorded.tenant, event).await?,
            Catalogue::PriceList(event) => prices(db, &recorded.tenant, event).await?,
        }
        Ok(())
    }
}

async fn product(db: &mut PgConnection, tenant: &str, event: ProductEvent) -> sqlx::Result<()> {
    match event {
        ProductEvent::ProductPublished(sku) => {
            sqlx::query("INSERT INTO products VALUES ($1, $2, $3, $4, $5, false)")
                .bind(tenant)
                .bind(sku.product_id.as_str())
                .bind(sku.name)
                .bind(sku.category_path)
                .bind(sku.base_unit)
                .execute(db)
                .await?;
        }
        ProductEvent::ProductRenamed { product_id, name } => {
            sqlx::query("UPDATE products SET name = $3 WHERE tenant_id = $1 AND product_id = $2")
                .bind(tenant)
                .bind(product_id.as_str())
                .bind(name)
                .execute(db)
                .await?;
        }
        ProductEvent::ProductRetired { product_id, .. } => {
            sqlx::query(
                "UPDATE products SET retired = true WHERE tenant_id = $1 AND product_id = $2",
            )
            .bind(tenant)
            .bind(product_id.as_str())
            .execute(db)
            .await?;
        }
    }
    Ok(())
}

async fn prices(db: &mut PgConnection, tenant: &str, event: PriceListEvent) -> sqlx::Result<()> {
    match event {
        PriceListEvent::BasePricesSet { price_list_id, currency, prices }
            if price_list_id == PriceListId::base() =>
        {
            for price in prices {
                sqlx::query(
                    "INSERT INTO base_prices VALUES ($1, $2, $3, $4)
                     ON CONFLICT (tenant_id, product_id) DO UPDATE SET
                     unit_price_minor = $3, currency_code = $4",
                )
                .bind(tenant)
                .bind(price.product_id.as_str())
                .bind(price.unit_price_minor.0)
                .bind(currency.as_str())
                .execute(&mut *db)
                .await?;
            }
        }
        // Only the base list is shown, and it shows from its first price on.
        PriceListEvent::BasePricesSet { .. } | PriceListEvent::PriceListCreated { .. } => (),
    }
    Ok(())
}

//! Products and their base prices.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::price_list::{PriceList, PriceListEvent};
use order::product::{Product, ProductEvent};
use serde_json::json;
use values::PriceListId;

kernel::facts!(
    pub(crate) enum Catalogue {
        Product(Product),
        PriceList(PriceList),
    }
);

const PRODUCTS: Table = Table { name: "products", key: &["tenant_id", "product_id"] };
const PRICES: Table = Table { name: "base_prices", key: &["tenant_id", "product_id"] };
const FLOORS: Table = Table { name: "floor_prices", key: &["tenant_id", "product_id"] };

pub(crate) struct Products;

impl Projection for Products {
    const NAME: &'static str = "products";
    const CONTEXT: &'static str = "order";
    const VERSION: u32 = 2;
    const TABLES: &'static [&'static Table] = &[&PRODUCTS, &PRICES, &FLOORS];
    const SCHEMA: &'static str = include_str!("products.sql");
    type Facts = Catalogue;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Catalogue,
    ) -> Result<(), ProjectError> {
        match fact {
            Catalogue::Product(event) => product(db, &recorded.tenant, event),
            Catalogue::PriceList(event) => prices(db, &recorded.tenant, event),
        }
    }
}

fn product(db: &mut Db<'_>, tenant: &str, event: ProductEvent) -> Result<(), ProjectError> {
    match event {
        ProductEvent::ProductPublished(sku) => {
            let row = json!({
                "tenant_id": tenant,
                "product_id": sku.product_id,
                "name": sku.name,
                "category_path": sku.category_path,
                "base_unit": sku.base_unit,
            });
            db.insert(&PRODUCTS, row)
        }
        ProductEvent::ProductRenamed { product_id, name } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "name": name }),
        ),
        ProductEvent::ProductRetired { product_id, .. } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "retired": true }),
        ),
    }
}

fn prices(db: &mut Db<'_>, tenant: &str, event: PriceListEvent) -> Result<(), ProjectError> {
    match event {
        PriceListEvent::BasePricesSet { price_list_id, currency, prices }
            if price_list_id == PriceListId::base() =>
        {
            for price in prices {
                let row = json!({
                    "tenant_id": tenant,
                    "product_id": price.product_id,
                    "unit_price_minor": price.unit_price_minor.0,
                    "currency_code": currency,
                });
                db.upsert(&PRICES, row)?;
            }
        }
        PriceListEvent::FloorPricesSet { price_list_id, floors, .. }
            if price_list_id == PriceListId::base() =>
        {
            for floor in floors {
                let row = json!({
                    "tenant_id": tenant,
                    "product_id": floor.product_id,
                    "floor_price_minor": floor.floor_price_minor.0,
                });
                db.upsert(&FLOORS, row)?;
            }
        }
        // Only the base list is shown, and it shows from its first price on.
        PriceListEvent::BasePricesSet { .. }
        | PriceListEvent::FloorPricesSet { .. }
        | PriceListEvent::PriceListCreated { .. } => (),
    }
    Ok(())
}

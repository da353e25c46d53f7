//! Products, price lists, and who sees what.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::assortment::{Assortment, AssortmentEvent};
use order::price_book::{PriceBook, PriceBookEvent};
use order::price_list::{PriceList, PriceListEvent};
use order::product::{Details, Product, ProductEvent};
use serde_json::json;

use super::since;

kernel::facts!(
    pub(crate) enum Catalogue {
        Product(Product),
        PriceList(PriceList),
        PriceBook(PriceBook),
        Assortment(Assortment),
    }
);

const PRODUCTS: Table = Table { name: "products", key: &["tenant_id", "product_id"] };
const LISTS: Table = Table { name: "price_lists", key: &["tenant_id", "price_list_id"] };
const PRICES: Table =
    Table { name: "prices", key: &["tenant_id", "price_list_id", "product_id", "effective_on"] };
const FLOORS: Table =
    Table { name: "floor_prices", key: &["tenant_id", "price_list_id", "product_id"] };
const RULES: Table = Table { name: "assortment_rules", key: &["tenant_id", "rule_id"] };

pub(crate) struct Products;

impl Projection for Products {
    const NAME: &'static str = "products";
    const CONTEXT: &'static str = "order";
    const VERSION: u32 = 5;
    const TABLES: &'static [&'static Table] = &[&PRODUCTS, &LISTS, &PRICES, &FLOORS, &RULES];
    const SCHEMA: &'static str = include_str!("products.sql");
    type Facts = Catalogue;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Catalogue,
    ) -> Result<(), ProjectError> {
        match fact {
            Catalogue::Product(event) => product(db, recorded, event),
            Catalogue::PriceList(event) => prices(db, &recorded.tenant, event),
            Catalogue::PriceBook(event) => book(db, &recorded.tenant, event),
            Catalogue::Assortment(event) => range(db, &recorded.tenant, event),
        }
    }
}

fn product(db: &mut Db<'_>, recorded: &Recorded, event: ProductEvent) -> Result<(), ProjectError> {
    let tenant = &recorded.tenant;
    match event {
        ProductEvent::ProductPublished(sku) => {
            let row = json!({
                "tenant_id": tenant,
                "product_id": sku.product_id,
                "name": sku.name,
                "category_path": sku.category_path,
                "base_unit": sku.base_unit,
                "packagings": sku.packagings,
                "published_at": recorded.recorded_at,
                "details": Details::default(),
                "barcodes": [],
                "barcode_keys": [],
                "taxes": [],
                "pictures": [],
                "successor_id": null,
            });
            db.insert(&PRODUCTS, row)
        }
        ProductEvent::ProductRenamed { product_id, name } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "name": name }),
        ),
        ProductEvent::ProductDescribed { product_id, details } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "details": details }),
        ),
        ProductEvent::ProductPackaged { product_id, packagings, barcodes } => {
            let keys: Vec<_> = barcodes.iter().map(|it| it.barcode.key()).collect();
            let row = json!({
                "tenant_id": tenant,
                "product_id": product_id,
                "packagings": packagings,
                "barcodes": barcodes,
                "barcode_keys": keys,
            });
            db.update(&PRODUCTS, row)
        }
        ProductEvent::ProductTaxSet { product_id, taxes, .. } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "taxes": taxes }),
        ),
        ProductEvent::ProductPicturesArranged { product_id, pictures } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "pictures": pictures }),
        ),
        ProductEvent::ProductSucceeded { product_id, successor_id } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "successor_id": successor_id }),
        ),
        ProductEvent::ProductRetired { product_id, .. } => db.update(
            &PRODUCTS,
            json!({ "tenant_id": tenant, "product_id": product_id, "retired": true }),
        ),
    }
}

fn prices(db: &mut Db<'_>, tenant: &str, event: PriceListEvent) -> Result<(), ProjectError> {
    match event {
        PriceListEvent::PriceListCreated { price_list_id, name, currency } => {
            let row = json!({
                "tenant_id": tenant,
                "price_list_id": price_list_id,
                "name": name,
                "currency_code": currency,
                "placement": null,
            });
            db.insert(&LISTS, row)?;
        }
        PriceListEvent::BasePricesSet { price_list_id, prices, .. } => {
            for price in prices {
                let row = json!({
                    "tenant_id": tenant,
                    "price_list_id": price_list_id,
                    "product_id": price.product_id,
                    "effective_on": since(price.effective_on),
                    "unit_price_minor": price.unit_price_minor.0,
                    "breaks": price.breaks,
                });
                db.upsert(&PRICES, row)?;
            }
        }
        PriceListEvent::PricesWithdrawn { price_list_id, product_ids } => {
            for product_id in product_ids {
                let key = json!({
                    "tenant_id": tenant,
                    "price_list_id": price_list_id,
                    "product_id": product_id,
                });
                db.delete(&PRICES, key.clone())?;
                db.delete(&FLOORS, key)?;
            }
        }
        PriceListEvent::FloorPricesSet { price_list_id, floors, .. } => {
            for floor in floors {
                let row = json!({
                    "tenant_id": tenant,
                    "price_list_id": price_list_id,
                    "product_id": floor.product_id,
                    "floor_price_minor": floor.floor_price_minor.0,
                });
                db.upsert(&FLOORS, row)?;
            }
        }
    }
    Ok(())
}

fn book(db: &mut Db<'_>, tenant: &str, event: PriceBookEvent) -> Result<(), ProjectError> {
    let (price_list_id, placement) = match event {
        PriceBookEvent::PriceListPlaced(placed) => (placed.price_list_id.clone(), Some(placed)),
        PriceBookEvent::PriceListTakenOut { price_list_id, .. } => (price_list_id, None),
    };
    let row = json!({
        "tenant_id": tenant, "price_list_id": price_list_id, "placement": placement,
    });
    db.update(&LISTS, row)
}

fn range(db: &mut Db<'_>, tenant: &str, event: AssortmentEvent) -> Result<(), ProjectError> {
    match event {
        AssortmentEvent::AssortmentRuleSet(rule) => {
            let row = json!({
                "tenant_id": tenant, "rule_id": rule.rule_id, "name": rule.name, "rule": rule,
            });
            db.upsert(&RULES, row)
        }
        AssortmentEvent::AssortmentRuleRemoved { rule_id, .. } => {
            db.delete(&RULES, json!({ "tenant_id": tenant, "rule_id": rule_id }))
        }
    }
}

//! Products, price lists, and who sees what.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::assortment::{Assortment, AssortmentEvent};
use order::price_book::{PriceBook, PriceBookEvent};
use order::price_list::{PriceList, PriceListEvent};
use order::product::{Details, Product, ProductEvent};
use serde_json::{Value, json};

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
    const VERSION: u32 = 6;
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
    let is_new = matches!(event, ProductEvent::ProductPublished(_));
    let mut row = told(event);
    row["tenant_id"] = json!(recorded.tenant);
    row["product_id"] = json!(recorded.object_id);
    row["version"] = json!(recorded.version);
    if is_new {
        row["published_at"] = json!(recorded.recorded_at);
        return db.insert(&PRODUCTS, row);
    }
    db.update(&PRODUCTS, row)
}

/// What a fact says of its product.
fn told(event: ProductEvent) -> Value {
    match event {
        ProductEvent::ProductPublished(sku) => json!({
            "name": sku.name,
            "category_path": sku.category_path,
            "base_unit": sku.base_unit,
            "packagings": sku.packagings,
            "details": Details::default(),
            "barcodes": [],
            "barcode_keys": [],
            "taxes": [],
            "pictures": [],
            "successor_id": null,
        }),
        ProductEvent::ProductRenamed { name, .. } => json!({ "name": name }),
        ProductEvent::ProductDescribed { details, .. } => json!({ "details": details }),
        ProductEvent::ProductPackaged { packagings, barcodes, .. } => {
            let keys: Vec<_> = barcodes.iter().map(|it| it.barcode.key()).collect();
            json!({ "packagings": packagings, "barcodes": barcodes, "barcode_keys": keys })
        }
        ProductEvent::ProductTaxSet { taxes, .. } => json!({ "taxes": taxes }),
        ProductEvent::ProductPicturesArranged { pictures, .. } => json!({ "pictures": pictures }),
        ProductEvent::ProductSucceeded { successor_id, .. } => {
            json!({ "successor_id": successor_id })
        }
        // Its barcodes are free for other products: nothing finds it by them any more.
        ProductEvent::ProductRetired { .. } => {
            json!({ "retired": true, "barcodes": [], "barcode_keys": [] })
        }
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

#[cfg(test)]
mod tests {
    use order::product::UnitBarcode;

    use super::*;

    #[test]
    fn a_retired_product_gives_back_its_barcodes() {
        let product_id: values::ProductId = "tea-500".parse().unwrap();
        let coded =
            UnitBarcode { unit: "瓶".to_owned(), barcode: "2000000000008".parse().unwrap() };
        let packaged = ProductEvent::ProductPackaged {
            product_id: product_id.clone(),
            packagings: Vec::new(),
            barcodes: vec![coded],
        };
        assert_eq!(told(packaged)["barcode_keys"], json!(["02000000000008"]));
        let retired =
            told(ProductEvent::ProductRetired { product_id, reason: "换装".to_owned() });
        assert_eq!(retired, json!({ "retired": true, "barcodes": [], "barcode_keys": [] }));
    }
}

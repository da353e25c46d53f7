//! Requests about products.

use kernel::Text;
use kernel::command::{Addressed, Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::product_service_server::ProductService;
use tonic::{Request, Status};
use uuid::Uuid;
use values::{ProductId, Quantity};

use super::{Api, all, given, name, parse, unsaid, words};
use crate::barcode::{Barcode, BarcodeCommand};
use crate::product::{
    Details, Packaging, Packed, Product, ProductCommand, ProductRefusal, Sku, UnitBarcode,
};
use crate::tax::Tax;

#[tonic::async_trait]
impl ProductService for Api {
    async fn publish_product(
        &self,
        r: Request<api::PublishProductRequest>,
    ) -> Reply<api::PublishProductResponse> {
        self.0.run(r).await
    }

    async fn rename_product(
        &self,
        r: Request<api::RenameProductRequest>,
    ) -> Reply<api::RenameProductResponse> {
        self.0.run(r).await
    }

    async fn retire_product(
        &self,
        r: Request<api::RetireProductRequest>,
    ) -> Reply<api::RetireProductResponse> {
        self.0.run(r).await
    }

    async fn describe_product(
        &self,
        r: Request<api::DescribeProductRequest>,
    ) -> Reply<api::DescribeProductResponse> {
        self.0.run(r).await
    }

    async fn package_product(
        &self,
        r: Request<api::PackageProductRequest>,
    ) -> Reply<api::PackageProductResponse> {
        self.0.run(r).await
    }

    async fn set_product_tax(
        &self,
        r: Request<api::SetProductTaxRequest>,
    ) -> Reply<api::SetProductTaxResponse> {
        self.0.run(r).await
    }

    async fn arrange_product_pictures(
        &self,
        r: Request<api::ArrangeProductPicturesRequest>,
    ) -> Reply<api::ArrangeProductPicturesResponse> {
        self.0.run(r).await
    }

    async fn name_product_successor(
        &self,
        r: Request<api::NameProductSuccessorRequest>,
    ) -> Reply<api::NameProductSuccessorResponse> {
        self.0.run(r).await
    }
}

impl IntoCommand<Product> for api::PublishProductRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let name = name(&mut wrong, "name", &self.name);
        let category_path = all(&self.category_path, |index, category| {
            words(&mut wrong, format!("category_path[{index}]"), category, 1..=50)
        });
        let base_unit = words(&mut wrong, "base_unit", &self.base_unit, 1..=20);
        let packagings = all(&self.packagings, |index, unit| packaging(&mut wrong, index, unit));
        let sku = (|| {
            Some(Sku {
                product_id: product_id?,
                name: name?,
                category_path: category_path?,
                base_unit: base_unit?,
                packagings: packagings?,
            })
        })();
        let command = ProductCommand::Publish(wrong.finish(sku)?);
        Ok(Addressed { object_id: self.product_id, command })
    }
}

fn packaging(wrong: &mut Violations, index: usize, unit: &api::Packaging) -> Option<Packaging> {
    let field = |part| format!("packagings[{index}].{part}");
    let name = words(wrong, field("unit"), &unit.unit, 1..=20);
    Some(Packaging { unit: name?, base_quantity: Quantity::of(unit.base_quantity) })
}

impl IntoCommand<Product> for api::RenameProductRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let name = name(&mut wrong, "name", &self.name);
        let command = ProductCommand::Rename { name: wrong.finish(name)? };
        Ok(Addressed { object_id: self.product_id, command })
    }
}

/// Takes a product out of the range; its barcodes can be another one's from now on. Nobody takes it
/// back into the range, so it needs them no more.
pub struct RetireProduct {
    product_id: ProductId,
    reason: String,
}

impl Transaction for RetireProduct {
    type Refusal = ProductRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<ProductRefusal>> {
        let id = self.product_id.as_str();
        let before = work.read::<Product>(id).await?;
        let retire = ProductCommand::Retire { reason: self.reason.clone() };
        work.decide::<Product>(id, retire).await?;
        free(work, &before, &self.product_id, &[]).await
    }
}

/// Gives a product's barcodes away, but for those that it keeps.
async fn free(
    work: &mut Work<'_>,
    before: &Product,
    product_id: &ProductId,
    kept: &[String],
) -> Result<(), Rejected<ProductRefusal>> {
    for UnitBarcode { barcode, .. } in before.item().into_iter().flat_map(|it| &it.barcodes) {
        if !kept.contains(&barcode.key()) {
            let free = BarcodeCommand::Free { product_id: product_id.clone() };
            work.decide::<Barcode>(&barcode.key(), free).await?;
        }
    }
    Ok(())
}

impl IntoCommand<Product> for api::RetireProductRequest {
    type Command = RetireProduct;

    fn into_command(self, _: &Call) -> Result<RetireProduct, Status> {
        let mut wrong = Violations::default();
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = (|| Some(RetireProduct { product_id: product_id?, reason: reason? }))();
        wrong.finish(command)
    }
}

impl IntoCommand<Product> for api::DescribeProductRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let description_zh = words(&mut wrong, "description_zh", &self.description_zh, 0..=2000);
        let description_en = words(&mut wrong, "description_en", &self.description_en, 0..=2000);
        let brand = words(&mut wrong, "brand", &self.brand, 0..=50);
        let series = words(&mut wrong, "series", &self.series, 0..=50);
        let storage = words(&mut wrong, "storage", &self.storage, 0..=200);
        let new_until = given(&mut wrong, "new_until", &self.new_until);
        let details = (|| {
            Some(Details {
                description_zh: description_zh?,
                description_en: description_en?,
                brand: brand?,
                series: series?,
                shelf_life_days: Some(self.shelf_life_days).filter(|&days| days > 0),
                storage: storage?,
                new_until: new_until?,
            })
        })();
        let command = ProductCommand::Describe(Box::new(wrong.finish(details)?));
        Ok(Addressed { object_id: self.product_id, command })
    }
}

/// Says how a product is packed and marked; its barcodes are no other product's.
pub struct PackageProduct {
    product_id: ProductId,
    packed: Packed,
}

impl Transaction for PackageProduct {
    type Refusal = ProductRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<ProductRefusal>> {
        let id = self.product_id.as_str();
        let before = work.read::<Product>(id).await?;
        work.decide::<Product>(id, ProductCommand::Package(self.packed.clone())).await?;
        let keys: Vec<_> = self.packed.barcodes.iter().map(|it| it.barcode.key()).collect();
        free(work, &before, &self.product_id, &keys).await?;
        for UnitBarcode { unit, barcode } in &self.packed.barcodes {
            let take = BarcodeCommand::Take {
                barcode: barcode.clone(),
                product_id: self.product_id.clone(),
                unit: unit.clone(),
            };
            work.decide::<Barcode>(&barcode.key(), take).await?;
        }
        Ok(())
    }
}

impl IntoCommand<Product> for api::PackageProductRequest {
    type Command = PackageProduct;

    fn into_command(self, _: &Call) -> Result<PackageProduct, Status> {
        let mut wrong = Violations::default();
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let packagings = all(&self.packagings, |index, unit| packaging(&mut wrong, index, unit));
        let barcodes = all(&self.barcodes, |index, told| {
            let field = |part| format!("barcodes[{index}].{part}");
            let unit = words(&mut wrong, field("unit"), &told.unit, 1..=20);
            let barcode = parse(&mut wrong, field("barcode"), &told.barcode);
            Some(UnitBarcode { unit: unit?, barcode: barcode? })
        });
        let command = (|| {
            let packed = Packed { packagings: packagings?, barcodes: barcodes? };
            Some(PackageProduct { product_id: product_id?, packed })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<Product> for api::SetProductTaxRequest {
    type Command = Addressed<Product>;

    fn into_command(self, call: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let effective_on = given(&mut wrong, "effective_on", &self.effective_on);
        let tax = match &self.tax {
            Some(told) => tax(&mut wrong, told),
            None => unsaid(&mut wrong, "tax"),
        };
        let command = (|| {
            let (tax, effective_on) = (tax?, effective_on?);
            Some(ProductCommand::SetTax { tax, effective_on, today: call.today().into() })
        })();
        Ok(Addressed { object_id: self.product_id, command: wrong.finish(command)? })
    }
}

/// What is exempt has no rate.
fn tax(wrong: &mut Violations, told: &api::Tax) -> Option<Tax> {
    match (told.exempt, told.rate_ppm) {
        (true, 0) => Some(Tax::Exempt),
        (false, rate) => Some(Tax::RatePpm(rate)),
        (true, _) => {
            let text = Text::new("免税商品不能有税率", "what is exempt has no rate");
            wrong.add("tax.rate_ppm", text);
            None
        }
    }
}

/// A tax as the contract tells it.
pub fn told_tax(tax: Tax) -> api::Tax {
    api::Tax { rate_ppm: tax.rate_ppm(), exempt: tax == Tax::Exempt }
}

impl IntoCommand<Product> for api::ArrangeProductPicturesRequest {
    type Command = Addressed<Product>;

    fn into_command(self, _: &Call) -> Result<Addressed<Product>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let pictures = all(&self.picture_ids, |index, id| {
            let uuid = id.parse::<Uuid>().map_err(|_| Text::new("必须是 UUID", "must be a UUID"));
            wrong.take(format!("picture_ids[{index}]"), uuid)
        });
        let command = ProductCommand::ArrangePictures(wrong.finish(pictures)?);
        Ok(Addressed { object_id: self.product_id, command })
    }
}

/// Names the product that takes the place of another one.
pub struct NameSuccessor {
    product_id: ProductId,
    successor_id: ProductId,
}

impl Transaction for NameSuccessor {
    type Refusal = ProductRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<ProductRefusal>> {
        let successor_id = self.successor_id.clone();
        let successor = work.read::<Product>(successor_id.as_str()).await?;
        if successor.orderable().is_none() {
            return Err(Rejected::Refused(ProductRefusal::NoSuccessor { successor_id }));
        }
        let command = ProductCommand::Succeed { successor_id };
        work.decide::<Product>(self.product_id.as_str(), command).await
    }
}

impl IntoCommand<Product> for api::NameProductSuccessorRequest {
    type Command = NameSuccessor;

    fn into_command(self, _: &Call) -> Result<NameSuccessor, Status> {
        let mut wrong = Violations::default();
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let successor_id = parse(&mut wrong, "successor_product_id", &self.successor_product_id);
        let command =
            (|| Some(NameSuccessor { product_id: product_id?, successor_id: successor_id? }))();
        wrong.finish(command)
    }
}

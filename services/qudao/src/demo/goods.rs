//! What is told of the demonstration's products: barcodes for use inside a company, packaging, taxes,
//! how long they keep, and pictures that are drawn here.

use std::io::Cursor;

use anyhow::Context as _;
use image::{ImageFormat, Rgb, RgbImage};
use proto::collab::v1 as files;
use proto::collab::v1::file_service_client::FileServiceClient;
use proto::order::v1 as order;
use proto::order::v1::product_service_client::ProductServiceClient;
use serde::Deserialize;

use super::once;
use crate::client::{Session, failure, retry};
use crate::import::commands::request_id;

/// What the file tells of a product.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    description_zh: String,
    description_en: String,
    brand: String,
    series: String,
    shelf_life_days: u32,
    storage: String,
    /// Millionths of the price without it.
    tax_ppm: u32,
    /// Whether it is shown as new.
    #[serde(default)]
    new_until: String,
    /// The colour of what is in the bottle, as 3 bytes.
    colour: [u8; 3],
}

/// A product of which more is told, and its units from the smallest.
pub(super) struct Goods<'a> {
    pub(super) tenant: &'a str,
    pub(super) product_id: &'a str,
    pub(super) units: [(&'a str, u32); 3],
    /// Its place in the file, from which its barcodes follow.
    pub(super) place: usize,
    pub(super) told: &'a Told,
}

impl Goods<'_> {
    /// Tells all of it; what was told before is told again, and changes nothing.
    pub(super) async fn load(&self, admin: &Session) -> anyhow::Result<()> {
        self.describe(admin).await?;
        self.package(admin).await?;
        self.tax(admin).await?;
        let picture = self.store(admin).await?;
        let mut request = order::ArrangeProductPicturesRequest {
            product_id: self.product_id.to_owned(),
            picture_ids: vec![picture],
            ..Default::default()
        };
        request.request_id = request_id(self.tenant, self.product_id, &request);
        once(&self.doing("showing"), async || {
            ProductServiceClient::new(admin.wire()).arrange_product_pictures(request.clone()).await
        })
        .await
    }

    fn doing(&self, what: &str) -> String {
        format!("{what} the product {}", self.product_id)
    }

    async fn describe(&self, admin: &Session) -> anyhow::Result<()> {
        let told = self.told;
        let mut request = order::DescribeProductRequest {
            product_id: self.product_id.to_owned(),
            description_zh: told.description_zh.clone(),
            description_en: told.description_en.clone(),
            brand: told.brand.clone(),
            series: told.series.clone(),
            shelf_life_days: told.shelf_life_days,
            storage: told.storage.clone(),
            new_until: told.new_until.clone(),
            ..Default::default()
        };
        request.request_id = request_id(self.tenant, self.product_id, &request);
        once(&self.doing("describing"), async || {
            ProductServiceClient::new(admin.wire()).describe_product(request.clone()).await
        })
        .await
    }

    async fn package(&self, admin: &Session) -> anyhow::Result<()> {
        let larger = self.units.iter().skip(1);
        let packaging = |&(unit, base_quantity): &(&str, u32)| order::Packaging {
            unit: unit.to_owned(),
            base_quantity,
        };
        let [base, case, pallet] = self.units.map(|(unit, _)| unit);
        let coded =
            |(unit, barcode): (&str, String)| order::UnitBarcode { unit: unit.to_owned(), barcode };
        let [one, in_case, on_pallet] = barcodes(self.place);
        let mut request = order::PackageProductRequest {
            product_id: self.product_id.to_owned(),
            packagings: larger.map(packaging).collect(),
            barcodes: [(base, one), (case, in_case), (pallet, on_pallet)].map(coded).to_vec(),
            ..Default::default()
        };
        request.request_id = request_id(self.tenant, self.product_id, &request);
        once(&self.doing("packaging"), async || {
            ProductServiceClient::new(admin.wire()).package_product(request.clone()).await
        })
        .await
    }

    async fn tax(&self, admin: &Session) -> anyhow::Result<()> {
        let tax = order::Tax { rate_ppm: self.told.tax_ppm, exempt: false };
        let mut request = order::SetProductTaxRequest {
            product_id: self.product_id.to_owned(),
            tax: Some(tax),
            ..Default::default()
        };
        request.request_id = request_id(self.tenant, self.product_id, &request);
        once(&self.doing("taxing"), async || {
            ProductServiceClient::new(admin.wire()).set_product_tax(request.clone()).await
        })
        .await
    }

    /// Its picture as a file; one that is there is the same.
    async fn store(&self, admin: &Session) -> anyhow::Result<String> {
        let data = png(self.told.colour).with_context(|| self.doing("drawing"))?;
        let kind = files::ObjectKind::Product.into();
        let object = files::ObjectRef { kind, id: self.product_id.to_owned() };
        let mut start = files::StartUploadRequest {
            name: format!("{}.png", self.product_id),
            size: data.len() as u64,
            purpose: files::FilePurpose::ProductPicture.into(),
            object: Some(object),
            ..Default::default()
        };
        start.request_id = request_id(self.tenant, self.product_id, &start);
        let client = || FileServiceClient::new(admin.wire());
        let begun =
            retry::until_answered(&[], async || client().start_upload(start.clone()).await).await;
        let begun = begun.with_context(|| self.doing("picturing"))?.into_inner().upload;
        let upload_id = begun.unwrap_or_default().upload_id;
        let piece = files::AppendUploadRequest { upload_id: upload_id.clone(), offset: 0, data };
        let sent = retry::until_answered(&[], async || client().append_upload(piece.clone()).await);
        if let Err(status) = sent.await
            // The bytes are there from the last time.
            && failure::reason(&status) != "WRONG_OFFSET"
        {
            return Err(anyhow::Error::from(status).context(self.doing("picturing")));
        }
        let mut finish =
            files::FinishUploadRequest { upload_id: upload_id.clone(), ..Default::default() };
        finish.request_id = request_id(self.tenant, self.product_id, &finish);
        once(&self.doing("picturing"), async || client().finish_upload(finish.clone()).await)
            .await?;
        Ok(upload_id)
    }
}

/// Numbers of the range that GS1 leaves for use inside a company (20 to 29): of one, of a case and of a
/// pallet.
fn barcodes(place: usize) -> [String; 3] {
    let digits = format!("20{:010}", place + 1);
    [checked(&digits), checked(&format!("1{digits}")), checked(&format!("2{digits}"))]
}

/// With the digit that checks the others.
fn checked(digits: &str) -> String {
    let weighed = digits.bytes().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = weighed.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Pixels on each side.
const SIDE: u32 = 640;

/// A bottle with something of a colour in it.
fn png(colour: [u8; 3]) -> image::ImageResult<Vec<u8>> {
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| Rgb(pixel(x, y, colour)));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// Half as wide as the bottle is at a height; none above and below it.
fn half_width(y: u32) -> Option<u32> {
    match y {
        60..100 => Some(38),
        100..170 => Some(34),
        // The shoulder is a quarter of a circle, more or less.
        170..250 => Some(34 + (66 * (y - 170)).isqrt()),
        250..570 => Some(106),
        570..590 => Some(106 - (590 - y).min(20) / 4),
        _ => None,
    }
}

fn pixel(x: u32, y: u32, colour: [u8; 3]) -> [u8; 3] {
    const PAPER: [u8; 3] = [246, 248, 250];
    const LABEL: [u8; 3] = [255, 255, 255];
    let off = x.abs_diff(SIDE / 2);
    let Some(half) = half_width(y).filter(|half| off <= *half) else { return PAPER };
    let edge = half - off < 4;
    match y {
        _ if edge => shaded(colour, 55),
        60..100 => shaded(colour, 70),
        340..460 if (390..410).contains(&y) => colour,
        340..460 => LABEL,
        // Light falls on it from the left.
        _ if x + 60 < SIDE / 2 && x + 80 > SIDE / 2 => lit(colour),
        _ => colour,
    }
}

fn shaded(colour: [u8; 3], percent: u16) -> [u8; 3] {
    colour.map(|part| u8::try_from(u16::from(part) * percent / 100).unwrap_or(u8::MAX))
}

fn lit(colour: [u8; 3]) -> [u8; 3] {
    colour.map(|part| part + (u8::MAX - part) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barcodes_are_right_and_all_different() {
        let all: Vec<String> = (0..50).flat_map(barcodes).collect();
        for barcode in &all {
            let code = barcode.parse::<values::Gtin>();
            assert!(code.is_ok(), "{barcode}: {code:?}");
        }
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len());
        assert!(all.iter().step_by(3).all(|one| one.starts_with("20")));
    }

    #[test]
    fn a_bottle_is_drawn_the_same_each_time() {
        let [one, again] = [png([200, 60, 40]), png([200, 60, 40])].map(Result::unwrap);
        assert_eq!(one, again);
        assert!(one.starts_with(b"\x89PNG"));
        // There is paper around the bottle, and what is in it is inside.
        assert_ne!(pixel(10, 10, [200, 60, 40]), [200, 60, 40]);
        assert_eq!(pixel(SIDE / 2, 500, [200, 60, 40]), [200, 60, 40]);
    }
}

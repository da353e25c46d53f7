//! What a mall and a warehouse need of products: barcodes that are one product's, pictures that are
//! as hidden as their product, taxes that orders contain.

use cluster_tests::support::files::{self, Browser, known, png};
use cluster_tests::support::shop::{self, PRICE, open_account, product, reason, retire};
use cluster_tests::support::system::{System, User, id};
use proto::access::v1::Role;
use proto::collab::v1 as pb;
use proto::collab::v1::file_query_service_client::FileQueryServiceClient;
use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::assortment_service_client::AssortmentServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Status};

const ONE: &str = "2000000000008";
const CASE: &str = "12000000000005";

fn products(user: &User) -> ProductServiceClient<Channel> {
    ProductServiceClient::new(user.channel.clone())
}

fn lists(user: &User) -> OrderQueryServiceClient<Channel> {
    OrderQueryServiceClient::new(user.channel.clone())
}

fn of(receipt: Option<Receipt>) -> u64 {
    receipt.unwrap().position
}

async fn package(admin: &User, product_id: &str, barcodes: &[(&str, &str)]) -> Result<u64, Status> {
    let coded = |&(unit, barcode): &(&str, &str)| order::UnitBarcode {
        unit: unit.to_owned(),
        barcode: barcode.to_owned(),
    };
    let asked = order::PackageProductRequest {
        request_id: id(),
        product_id: product_id.to_owned(),
        packagings: vec![order::Packaging { unit: "箱".to_owned(), base_quantity: 24 }],
        barcodes: barcodes.iter().map(coded).collect(),
        ..Default::default()
    };
    let done = products(admin).package_product(admin.says(asked)).await?;
    Ok(of(done.into_inner().receipt))
}

/// What a search or a barcode finds, by their ids.
async fn found(user: &User, asked: order::ListProductsRequest) -> Vec<String> {
    let answer = lists(user).list_products(user.says(asked)).await.unwrap().into_inner();
    answer.products.into_iter().map(|product| product.product_id).collect()
}

async fn one(
    user: &User,
    product_id: &str,
    min_position: u64,
) -> Result<order::GetProductResponse, Status> {
    let asked = order::GetProductRequest {
        product_id: product_id.to_owned(),
        min_position,
        ..Default::default()
    };
    lists(user).get_product(user.says(asked)).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_barcode_finds_the_product_that_has_it_and_no_other_can_have_it() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    product(&admin, "water-550", "山泉水 550ml", &["饮用水"]).await;
    let position = package(&admin, "tea-500", &[("瓶", ONE), ("箱", CASE)]).await.unwrap();
    for barcode in [ONE, CASE, "02000000000008"] {
        let by_field = order::ListProductsRequest {
            barcode: barcode.to_owned(),
            min_position: position,
            ..Default::default()
        };
        let by_search =
            order::ListProductsRequest { search: barcode.to_owned(), ..Default::default() };
        for asked in [by_field, by_search] {
            assert_eq!(found(&admin, asked).await, ["tea-500"], "{barcode}");
        }
    }
    let no = package(&admin, "water-550", &[("瓶", ONE)]).await.unwrap_err();
    assert_eq!((no.code(), reason(&no)), (Code::AlreadyExists, "BARCODE_IN_USE".to_owned()));
    for (barcode, code) in [("2000000000009", Code::InvalidArgument), ("12", Code::InvalidArgument)]
    {
        let no = package(&admin, "water-550", &[("瓶", barcode)]).await.unwrap_err();
        assert_eq!(no.code(), code, "{barcode}");
    }
    // Of many that want it at once, one gets it.
    package(&admin, "tea-500", &[("箱", CASE)]).await.unwrap();
    let both = tokio::join!(
        package(&admin, "water-550", &[("瓶", ONE)]),
        package(&admin, "tea-500", &[("瓶", ONE), ("箱", CASE)])
    );
    assert_eq!([both.0.is_ok(), both.1.is_ok()].into_iter().filter(|it| *it).count(), 1);
    // What has left the range needs its barcodes no more.
    let no = package(&admin, "water-550", &[("瓶", CASE)]).await.unwrap_err();
    assert_eq!(reason(&no), "BARCODE_IN_USE");
    retire(&admin, "tea-500").await;
    package(&admin, "water-550", &[("瓶", CASE)]).await.unwrap();
    let position = package(&admin, "water-550", &[("瓶", ONE)]).await.unwrap();
    let now = order::ListProductsRequest {
        barcode: ONE.to_owned(),
        min_position: position,
        ..Default::default()
    };
    assert_eq!(found(&admin, now).await, ["water-550"], "it finds the one that has it");
}

/// A picture of a product, stored and named by it.
async fn pictured(admin: &User, product_id: &str) -> Receipt {
    let bytes = png(64, 64);
    let object = pb::ObjectRef { kind: pb::ObjectKind::Product.into(), id: product_id.to_owned() };
    let asked = pb::StartUploadRequest {
        request_id: id(),
        name: "瓶.png".to_owned(),
        size: bytes.len() as u64,
        purpose: pb::FilePurpose::ProductPicture.into(),
        object: Some(object),
        ..Default::default()
    };
    files::store(admin, asked, &bytes).await.unwrap()
}

async fn arrange(admin: &User, product_id: &str, pictures: &[&str]) -> u64 {
    let asked = order::ArrangeProductPicturesRequest {
        request_id: id(),
        product_id: product_id.to_owned(),
        picture_ids: pictures.iter().map(ToString::to_string).collect(),
        ..Default::default()
    };
    let done = products(admin).arrange_product_pictures(admin.says(asked)).await.unwrap();
    of(done.into_inner().receipt)
}

async fn hide(admin: &User, product_id: &str, dealer_id: &str) -> u64 {
    let terms = order::AssortmentTerms {
        name: "不给".to_owned(),
        effect: order::AssortmentEffect::Hide.into(),
        from: "2026-01-01".to_owned(),
        audience: Some(order::PromotionAudience {
            dealer_ids: vec![dealer_id.to_owned()],
            ..Default::default()
        }),
        scope: Some(order::PromotionScope {
            product_ids: vec![product_id.to_owned()],
            ..Default::default()
        }),
        ..Default::default()
    };
    let set = order::SetAssortmentRuleRequest {
        request_id: id(),
        rule_id: "hidden".to_owned(),
        terms: Some(terms),
        ..Default::default()
    };
    let mut rules = AssortmentServiceClient::new(admin.channel.clone());
    of(rules.set_assortment_rule(admin.says(set)).await.unwrap().into_inner().receipt)
}

/// Every way to a file, each of which has to know nothing of it.
async fn is_nowhere(system: &System, user: &User, picture: &Receipt) {
    let file_id = picture.object_id.as_str();
    for rendition in [pb::Rendition::Unspecified, pb::Rendition::Thumbnail, pb::Rendition::Preview]
    {
        let no = files::read(user, file_id, rendition).await.unwrap_err();
        assert_eq!((no.code(), reason(&no)), (Code::NotFound, "FILE_NOT_FOUND".to_owned()));
    }
    let no = files::original(user, file_id).await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied);
    assert_eq!(reason(&known(user, picture).await.unwrap_err()), "FILE_NOT_FOUND");
    let mut listed = FileQueryServiceClient::new(user.channel.clone());
    let asked = pb::ListFilesRequest { min_position: picture.position, ..Default::default() };
    let listed = listed.list_files(user.says(asked)).await.unwrap().into_inner().files;
    assert!(listed.iter().all(|file| file.file_id != file_id));
    let browser = Browser::new(&system.web, &user.token);
    for query in ["", "?as=thumbnail", "?as=preview", "?as=original"] {
        let answer = browser.ask("GET", &format!("/files/{file_id}{query}")).send().await.unwrap();
        assert!([403, 404].contains(&answer.status().as_u16()), "{query}: {}", answer.status());
    }
}

#[tokio::test]
async fn a_picture_is_seen_by_whoever_sees_the_product_and_over_no_way_by_others() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    let dealer = system.user("acme", &[Role::DealerStaff], Some("hengtong"));
    let stranger = system.user("zenith", &[Role::HqAdmin], None);
    let [main, second] = [pictured(&admin, "tea-500").await, pictured(&admin, "tea-500").await];
    // It is no product's yet.
    is_nowhere(&system, &dealer, &main).await;
    let position = arrange(&admin, "tea-500", &[&main.object_id, &second.object_id]).await;
    let told = one(&dealer, "tea-500", position).await.unwrap();
    assert_eq!(told.picture_ids, [main.object_id.clone(), second.object_id.clone()]);
    assert_eq!(told.product.unwrap().picture_id, main.object_id);
    for picture in [&main, &second] {
        for user in [&dealer, &admin] {
            let read = files::read(user, &picture.object_id, pb::Rendition::Thumbnail).await;
            let (head, bytes) = read.unwrap();
            assert_eq!(head.size, bytes.len() as u64);
        }
        let no = files::read(&stranger, &picture.object_id, pb::Rendition::Thumbnail).await;
        assert_eq!(no.unwrap_err().code(), Code::NotFound);
    }
    let browser = Browser::new(&system.web, &dealer.token);
    let path = format!("/files/{}?as=thumbnail", main.object_id);
    assert_eq!(browser.ask("GET", &path).send().await.unwrap().status().as_u16(), 200);

    // One that the product does not name any more is shown no more, and neither is one that it names
    // though it is another's.
    let secret = files::attachment("SO-1", "内部.png", png(40, 40).len());
    let secret = files::store(&admin, secret, &png(40, 40)).await.unwrap();
    let position = arrange(&admin, "tea-500", &[&main.object_id, &secret.object_id]).await;
    one(&dealer, "tea-500", position).await.unwrap();
    is_nowhere(&system, &dealer, &second).await;
    is_nowhere(&system, &dealer, &secret).await;

    // What is hidden hides its pictures.
    let position = hide(&admin, "tea-500", "hengtong").await;
    let asked = order::ListProductsRequest { min_position: position, ..Default::default() };
    assert!(found(&dealer, asked).await.is_empty());
    let no = one(&dealer, "tea-500", position).await.unwrap_err();
    assert_eq!((no.code(), reason(&no)), (Code::NotFound, "NO_SUCH_PRODUCT".to_owned()));
    is_nowhere(&system, &dealer, &main).await;
    assert!(files::read(&admin, &main.object_id, pb::Rendition::Thumbnail).await.is_ok());
}

#[tokio::test]
async fn orders_tell_the_tax_that_they_contain() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    product(&admin, "milk-250", "鲜牛奶 250ml", &["乳品"]).await;
    shop::set_prices(&admin, "base", &[("milk-250", 333)]).await;
    open_account(&admin, "hengtong").await;
    let untaxed = ordered(&admin).await;
    assert!(untaxed.lines.iter().all(|line| line.tax.is_none()));
    assert_eq!(untaxed.summary.unwrap().tax_minor, None);
    for (product_id, rate_ppm) in [("tea-500", 130_000), ("milk-250", 90_000)] {
        let asked = order::SetProductTaxRequest {
            request_id: id(),
            product_id: product_id.to_owned(),
            tax: Some(order::Tax { rate_ppm, exempt: false }),
            ..Default::default()
        };
        products(&admin).set_product_tax(admin.says(asked)).await.unwrap();
    }
    let told = ordered(&admin).await;
    let taxes: Vec<i64> = told.lines.iter().map(|line| line.tax_minor).collect();
    // 7 × 3.50 with 13 %, 7 × 3.33 with 9 %.
    assert_eq!(taxes, [282, 192]);
    let summary = told.summary.unwrap();
    assert_eq!((summary.net_minor, summary.tax_minor), (7 * (PRICE + 333), Some(474)));
}

#[tokio::test]
async fn what_is_told_of_a_product_is_shown_and_another_takes_its_place() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    product(&admin, "tea-550", "冰红茶 550ml", &["茶饮"]).await;
    let described = order::DescribeProductRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        description_zh: "柠檬红茶".to_owned(),
        description_en: "Black tea with lemon".to_owned(),
        brand: "清泉".to_owned(),
        shelf_life_days: 365,
        storage: "常温".to_owned(),
        new_until: "2099-12-31".to_owned(),
        ..Default::default()
    };
    let done = products(&admin).describe_product(admin.says(described.clone())).await.unwrap();
    let receipt = done.into_inner().receipt.unwrap();
    let told = one(&admin, "tea-500", receipt.position).await.unwrap();
    assert_eq!(told.version, receipt.version);
    // Who rests on what was there before overwrites nothing.
    let late = order::DescribeProductRequest {
        request_id: id(),
        expected_version: Some(told.version - 1),
        brand: "山泉".to_owned(),
        ..described
    };
    let no = products(&admin).describe_product(admin.says(late)).await.unwrap_err();
    assert_eq!((no.code(), reason(&no)), (Code::Aborted, "STALE_VERSION".to_owned()));
    let known = told.product.clone().unwrap();
    assert_eq!((known.brand.as_str(), known.shelf_life_days, known.is_new), ("清泉", 365, true));
    assert_eq!(
        (told.description_en.as_str(), told.storage.as_str()),
        ("Black tea with lemon", "常温")
    );
    let by_brand = order::ListProductsRequest { search: "清泉".to_owned(), ..Default::default() };
    assert_eq!(found(&admin, by_brand).await, ["tea-500"]);

    let successor = || order::NameProductSuccessorRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        successor_product_id: "tea-550".to_owned(),
        ..Default::default()
    };
    let no = products(&admin).name_product_successor(admin.says(successor())).await.unwrap_err();
    assert_eq!(reason(&no), "STILL_IN_THE_RANGE");
    retire(&admin, "tea-500").await;
    let named = products(&admin).name_product_successor(admin.says(successor())).await.unwrap();
    let told = one(&admin, "tea-500", of(named.into_inner().receipt)).await.unwrap();
    assert_eq!(told.successor_product_id, "tea-550");
    let nobodys = order::NameProductSuccessorRequest {
        successor_product_id: "tea-999".to_owned(),
        ..successor()
    };
    let no = products(&admin).name_product_successor(admin.says(nobodys)).await.unwrap_err();
    assert_eq!(reason(&no), "NO_SUCCESSOR");
}

/// An order of two products, as it is told.
async fn ordered(admin: &User) -> order::GetOrderResponse {
    let line = |product_id: &str| order::SubmitOrderLine {
        product_id: product_id.to_owned(),
        quantity: 7,
        unit_price_minor: None,
    };
    let asked = order::SubmitOrderRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        lines: vec![line("tea-500"), line("milk-250")],
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let receipt = orders.submit_order(admin.says(asked)).await.unwrap().into_inner().receipt;
    let receipt = receipt.unwrap();
    let asked =
        order::GetOrderRequest { order_id: receipt.object_id, min_position: receipt.position };
    lists(admin).get_order(admin.says(asked)).await.unwrap().into_inner()
}

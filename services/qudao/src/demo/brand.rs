//! A small brand of the demonstration, described by a file: regions, products with prices and stock,
//! dealers, and orders that are paid here.

use std::path::Path;

use anyhow::{Context as _, bail};
use proto::order::v1 as order;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use serde::{Deserialize, Serialize};

use super::goods::Goods;
use super::people::{self, Person};
use super::{goods, money, once, stock};
use crate::client::Session;
use crate::client::operator::Operator;
use crate::import::commands::request_id;
use crate::import::mapping::{PriceList, Region};
use crate::stream::log_position;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Brand {
    tenant: String,
    name: String,
    currency: String,
    time_zone: String,
    root_region: String,
    base_unit: String,
    packaging: Packaging,
    pallet: Packaging,
    warehouse: String,
    price_list: PriceList,
    /// Parents before children.
    regions: Vec<Region>,
    products: Vec<Product>,
    /// Their accounts are opened in this order, so those who have credit come last.
    dealers: Vec<Dealer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packaging {
    unit: String,
    base_quantity: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    id: String,
    name: String,
    categories: Vec<String>,
    price_minor: i64,
    /// None: nobody has told.
    on_hand: Option<u32>,
    /// What is told of it besides.
    told: goods::Told,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dealer {
    id: String,
    name: String,
    region: String,
    city: String,
    /// None: the dealer has no credit.
    credit_minor: Option<i64>,
}

/// What was loaded of it.
#[derive(Serialize)]
pub(super) struct BrandLoaded {
    tenant: String,
    /// All was there before.
    pub(super) unchanged: bool,
    people: usize,
    dealers: usize,
    products: usize,
}

impl BrandLoaded {
    pub(super) fn text(&self) -> String {
        let Self { tenant, people, dealers, products, .. } = self;
        format!("tenant {tenant} with {people} people, {dealers} dealers and {products} products")
    }
}

impl Brand {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not a brand", path.display()))
    }

    /// Everybody must be of a brand that is loaded.
    pub(super) fn check(&self, people: &[Person]) -> anyhow::Result<()> {
        match people.iter().find(|person| person.tenant != self.tenant) {
            Some(stranger) => bail!("users.json: {} is of no brand here", stranger.login),
            None => Ok(()),
        }
    }

    /// Founds the brand and loads what it has, unless it is there.
    pub(super) async fn load(
        &self,
        session: &Session,
        operator: &Operator,
        people: &[Person],
    ) -> anyhow::Result<BrandLoaded> {
        let unchanged = self.is_there(session, people).await?;
        if !unchanged {
            let operator = session.clone().with_token(&operator.token()?)?;
            super::found(&operator, self.founding()).await?;
            people::register(&operator, people.iter().filter(|it| it.dealer_id.is_none())).await?;
            let admin = people::find(people, super::ADMIN)?.account();
            let finance = people::find(people, super::FINANCE)?.account();
            let admin = session.clone().sign_in(&admin).await?;
            let finance = session.clone().sign_in(&finance).await?;
            self.places(&admin).await?;
            self.goods(&admin).await?;
            people::register(&operator, people.iter().filter(|it| it.dealer_id.is_some())).await?;
            self.funds(&finance).await?;
            // The first page that people open shows all of it.
            money::dealers(&admin, log_position(&admin, "ORDER").await?).await?;
        }
        Ok(BrandLoaded {
            tenant: self.tenant.clone(),
            unchanged,
            people: people.len(),
            dealers: self.dealers.len(),
            products: self.products.len(),
        })
    }

    /// The rules come last, and people of dealers after the brand's.
    async fn is_there(&self, session: &Session, people: &[Person]) -> anyhow::Result<bool> {
        let admin = people::find(people, super::ADMIN)?;
        match super::present::signed_in(session, people, admin).await? {
            Some(session) => money::is_there(&session).await,
            None => Ok(false),
        }
    }

    fn founding(&self) -> partner::FoundTenantRequest {
        partner::FoundTenantRequest {
            tenant_id: self.tenant.clone(),
            name: self.name.clone(),
            currency_code: self.currency.clone(),
            time_zone: self.time_zone.clone(),
            root_region_name: self.root_region.clone(),
            ..Default::default()
        }
    }

    /// Regions and the dealers in them.
    async fn places(&self, admin: &Session) -> anyhow::Result<()> {
        for region in &self.regions {
            let mut request = partner::AddRegionRequest {
                region_id: region.id.clone(),
                name: region.name.clone(),
                parent_id: region.parent.clone(),
                ..Default::default()
            };
            request.request_id = request_id(&self.tenant, &region.id, &request);
            once(&format!("adding the region {}", region.id), async || {
                RegionServiceClient::new(admin.wire()).add_region(request.clone()).await
            })
            .await?;
        }
        for dealer in &self.dealers {
            let mut request = partner::RegisterDealerRequest {
                dealer_id: dealer.id.clone(),
                name: dealer.name.clone(),
                region_id: dealer.region.clone(),
                city: dealer.city.clone(),
                ..Default::default()
            };
            request.request_id = request_id(&self.tenant, &dealer.id, &request);
            once(&format!("registering the dealer {}", dealer.id), async || {
                DealerServiceClient::new(admin.wire()).register_dealer(request.clone()).await
            })
            .await?;
        }
        Ok(())
    }

    /// Products, what they cost, and what there is of them.
    async fn goods(&self, admin: &Session) -> anyhow::Result<()> {
        for product in &self.products {
            let Packaging { unit, base_quantity } = &self.packaging;
            let mut request = order::PublishProductRequest {
                product_id: product.id.clone(),
                name: product.name.clone(),
                category_path: product.categories.clone(),
                base_unit: self.base_unit.clone(),
                packagings: vec![order::Packaging {
                    unit: unit.clone(),
                    base_quantity: *base_quantity,
                }],
                ..Default::default()
            };
            request.request_id = request_id(&self.tenant, &product.id, &request);
            once(&format!("publishing the product {}", product.id), async || {
                ProductServiceClient::new(admin.wire()).publish_product(request.clone()).await
            })
            .await?;
        }
        for (place, product) in self.products.iter().enumerate() {
            let Packaging { unit, base_quantity } = &self.packaging;
            let pallet = (self.pallet.unit.as_str(), self.pallet.base_quantity);
            let units = [(self.base_unit.as_str(), 1), (unit.as_str(), *base_quantity), pallet];
            let (product_id, told) = (product.id.as_str(), &product.told);
            Goods { tenant: &self.tenant, product_id, units, place, told }.load(admin).await?;
        }
        self.prices(admin).await?;
        let counted = self.products.iter().filter_map(|product| {
            let on_hand = product.on_hand?;
            Some(order::CountedStock { product_id: product.id.clone(), on_hand })
        });
        stock::tell(admin, &self.tenant, &self.warehouse, counted.collect()).await
    }

    async fn prices(&self, admin: &Session) -> anyhow::Result<()> {
        let list = &self.price_list;
        let mut request = order::CreatePriceListRequest {
            price_list_id: list.id.clone(),
            name: list.name.clone(),
            currency_code: self.currency.clone(),
            ..Default::default()
        };
        request.request_id = request_id(&self.tenant, &list.id, &request);
        once("creating the price list", async || {
            PriceListServiceClient::new(admin.wire()).create_price_list(request.clone()).await
        })
        .await?;
        let prices = self.products.iter().map(|product| order::BasePrice {
            product_id: product.id.clone(),
            unit_price_minor: product.price_minor,
            breaks: Vec::new(),
        });
        let mut request = order::SetBasePricesRequest {
            price_list_id: list.id.clone(),
            prices: prices.collect(),
            ..Default::default()
        };
        request.request_id = request_id(&self.tenant, &list.id, &request);
        once("setting the prices", async || {
            PriceListServiceClient::new(admin.wire()).set_base_prices(request.clone()).await
        })
        .await
    }

    /// Credit of those who have any, and how orders are paid: here, and confirmed once they are.
    async fn funds(&self, finance: &Session) -> anyhow::Result<()> {
        for dealer in &self.dealers {
            let Some(limit_minor) = dealer.credit_minor else { continue };
            let limit = order::SetCreditLimitRequest {
                dealer_id: dealer.id.clone(),
                currency_code: self.currency.clone(),
                limit_minor,
                ..Default::default()
            };
            money::limit(finance, &self.tenant, limit).await?;
        }
        money::rules(finance, &self.tenant, false).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_says_fits_together() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo");
        let brand = Brand::read(&Path::new(folder).join("drinks.toml")).unwrap();
        let people = people::read(&Path::new(folder).join("users.json")).unwrap();

        let regions: Vec<_> = brand.regions.iter().map(|region| &region.id).collect();
        assert!(brand.dealers.iter().all(|dealer| regions.contains(&&dealer.region)));
        let theirs: Vec<_> = people.iter().filter(|person| person.tenant == brand.tenant).collect();
        let mut of_dealers = theirs.iter().filter_map(|person| person.dealer_id.as_ref());
        let dealer = of_dealers.next().unwrap();
        let dealer = brand.dealers.iter().find(|known| &known.id == dealer).unwrap();
        assert_eq!(dealer.credit_minor, None, "whoever signs in for a dealer pays online");
        assert_eq!(brand.currency, "CNY", "which is what can be paid online");
    }
}

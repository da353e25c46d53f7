//! The brand before its first day: people, regions, dealers, products and what they cost.

use std::collections::BTreeMap;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use proto::partner::v1::service_account_service_client::ServiceAccountServiceClient;
use tonic::Status;
use uuid::Uuid;
use world::World;
use world::dealers::{Dealer, Level, Pay};
use world::goods::price_for;
use world::places::{ROOT, Region};

use super::brand::{self, tariff};
use super::stage::{self, Cast, Stage, ask};
use super::{IN_FLIGHT, dealer};
use crate::client::endpoints::Login;
use crate::client::{Session, retry};
use crate::demo;
use crate::demo::people::{self, Person};
use crate::import::commands::request_id;

/// Who may do everything.
pub(super) const ADMIN: &str = "admin";
/// Rpcs whose facts are in the log of partners.
pub(super) const OF_PARTNERS: [&str; 4] =
    ["add_region", "register_dealer", "define_dealer_classes", "classify_dealer"];

/// The program that dealers order with.
const MALL: &str = "mall";
/// Days for which its key is good: longer than any play takes.
const KEY_DAYS: u32 = 30;

/// Founds the brand unless it is there, and signs its people in.
pub(super) async fn cast(
    session: &Session,
    operator: &Session,
    tenant: &str,
    password: &str,
) -> anyhow::Result<Cast> {
    let founding = partner::FoundTenantRequest {
        tenant_id: tenant.to_owned(),
        name: format!("云岭饮品（{tenant}）"),
        currency_code: brand::CURRENCY.to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        root_region_name: "全国".to_owned(),
        ..Default::default()
    };
    demo::found(operator, founding).await?;
    let account = |login: &str| login_of(tenant, login, password);
    let people = [
        (ADMIN, "谢宁", Role::HqAdmin),
        ("director", "韩松", Role::SalesDirector),
        ("finance", "唐悦", Role::Finance),
        ("warehouse", "彭涛", Role::Warehouse),
    ];
    let people = people.map(|(login, name, role)| Person::of_brand(account(login), name, role));
    people::register(operator, people.iter()).await?;
    let enter = async |login: &str| stage::enter(session, &account(login)).await;
    let admin = enter(ADMIN).await?;
    Ok(Cast {
        mall: mall(session, &admin, tenant).await?,
        admin,
        director: enter("director").await?,
        finance: enter("finance").await?,
        warehouse: enter("warehouse").await?,
        session: session.clone(),
        password: password.to_owned(),
    })
}

fn login_of(tenant: &str, login: &str, password: &str) -> Login {
    let [tenant, login, password] = [tenant, login, password].map(str::to_owned);
    Login { tenant, login, password }
}

/// Dealers order with a program of the brand, which has a key of its own. A key is told once, so each play
/// gets another one and ends those of the plays before.
async fn mall(session: &Session, admin: &Session, tenant: &str) -> anyhow::Result<Session> {
    let client = || ServiceAccountServiceClient::new(admin.wire());
    let mut request = partner::AddServiceAccountRequest {
        account_id: MALL.to_owned(),
        name: "订货商城".to_owned(),
        roles: vec![Role::Integration.into()],
        ..Default::default()
    };
    request.request_id = request_id(tenant, MALL, &request);
    demo::once("adding the program of the dealers", async || {
        client().add_service_account(request.clone()).await
    })
    .await?;
    let listed = retry::until_answered(&[], async || {
        client().list_service_accounts(partner::ListServiceAccountsRequest {}).await
    });
    let accounts = listed.await.context("asking for programs")?.into_inner().accounts;
    let keys = accounts.into_iter().filter(|it| it.account_id == MALL).flat_map(|it| it.keys);
    for key in keys {
        let request = partner::RevokeServiceKeyRequest {
            request_id: Uuid::new_v4().to_string(),
            account_id: MALL.to_owned(),
            key_id: key.key_id,
            reason: "重新演练".to_owned(),
            ..Default::default()
        };
        let revoked =
            retry::until_answered(&[], async || client().revoke_service_key(request.clone()).await);
        revoked.await.context("ending a key")?;
    }
    let request = partner::IssueServiceKeyRequest {
        request_id: Uuid::new_v4().to_string(),
        account_id: MALL.to_owned(),
        days: KEY_DAYS,
        ..Default::default()
    };
    let issued =
        retry::until_answered(&[], async || client().issue_service_key(request.clone()).await);
    let key = issued.await.context("making a key")?.into_inner().key;
    session.clone().exchange_key(key).await
}

/// What the owner of a dealer signs in with.
pub(super) fn owner_of(dealer_id: &str) -> String {
    format!("owner.{dealer_id}")
}

/// Owners of the dealers that say how content they are.
pub(super) async fn owners(stage: &Stage, world: &World, operator: &Session) -> anyhow::Result<()> {
    let asked = world.dealers.iter().step_by(world.settings.size.one_who_rates());
    let owner = |dealer: &Dealer| {
        let login = login_of(&stage.tenant, &owner_of(&dealer.id), &stage.cast.password);
        Person::of_dealer(login, &dealer.name, &dealer.id)
    };
    let owners: Vec<Person> = asked.map(owner).collect();
    people::register(operator, owners.iter()).await
}

/// How much there is to do, for whoever watches.
pub(super) fn steps(world: &World) -> u64 {
    (world.places.regions.len() + world.dealers.len() + world.goods.products.len()) as u64
}

/// Everything else that the brand has.
pub(super) async fn brand(stage: &Stage, world: &World) -> anyhow::Result<()> {
    regions(stage, &world.places.regions).await?;
    classes(stage).await?;
    at_once(stage, world.goods.products.iter(), async |product| {
        let request = order::PublishProductRequest {
            product_id: product.id.clone(),
            name: product.name.clone(),
            category_path: product.categories.map(str::to_owned).to_vec(),
            base_unit: product.unit.to_owned(),
            ..Default::default()
        };
        let id = &product.id;
        ask!(stage, admin, ProductServiceClient<_>, publish_product, id, request).map(drop)
    })
    .await?;
    prices(stage, world).await?;
    at_once(stage, world.dealers.iter(), async |it| dealer(stage, it).await).await?;
    let first = world.goods.products.first().context("the world sells nothing")?;
    // What a dealer is has to be known before it orders.
    let known = async |it: &Dealer| until_classified(stage, it, &first.id).await;
    stream::iter(world.dealers.iter().map(known))
        .buffer_unordered(IN_FLIGHT)
        .try_collect::<()>()
        .await
}

/// Does the same for many, some at a time.
async fn at_once<'a, T: 'a>(
    stage: &Stage,
    items: impl Iterator<Item = &'a T>,
    work: impl AsyncFn(&'a T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let work = async |item| {
        work(item).await?;
        stage.progress.one_more();
        anyhow::Ok(())
    };
    stream::iter(items.map(work)).buffer_unordered(IN_FLIGHT).try_collect::<()>().await
}

/// Level by level: a region needs its parent.
async fn regions(stage: &Stage, all: &[Region]) -> anyhow::Result<()> {
    let mut depths: BTreeMap<&str, usize> = BTreeMap::from([(ROOT, 0)]);
    let mut levels: BTreeMap<usize, Vec<&Region>> = BTreeMap::new();
    for region in all {
        let depth = depths.get(region.parent.as_str()).copied().unwrap_or_default() + 1;
        depths.insert(&region.id, depth);
        levels.entry(depth).or_default().push(region);
    }
    for level in levels.values() {
        at_once(stage, level.iter().copied(), async |region| {
            let request = partner::AddRegionRequest {
                region_id: region.id.clone(),
                name: region.name.clone(),
                parent_id: region.parent.clone(),
                ..Default::default()
            };
            let id = &region.id;
            ask!(stage, admin, RegionServiceClient<_>, add_region, id, request).map(drop)
        })
        .await?;
    }
    Ok(())
}

async fn classes(stage: &Stage) -> anyhow::Result<()> {
    let level = |level: Level| partner::DealerLevel {
        level_id: level.id().to_owned(),
        name: level.name().to_owned(),
    };
    let levels = Level::ALL.map(level).to_vec();
    let request = partner::DefineDealerClassesRequest { levels, ..Default::default() };
    let client = "classes";
    ask!(stage, admin, DealerServiceClient<_>, define_dealer_classes, client, request).map(drop)
}

/// The base list, and those of the higher levels.
async fn prices(stage: &Stage, world: &World) -> anyhow::Result<()> {
    let products = world.goods.products.iter();
    let all: Vec<_> = products.map(|product| (product.id.clone(), product.price_minor)).collect();
    let list = brand::List { id: "base".to_owned(), name: "基准价".to_owned() };
    brand::price_list(stage, &list, all.clone()).await?;
    for level in [Level::A, Level::B] {
        let list = tariff(level, None);
        let less = all.iter().map(|(id, price)| (id.clone(), price_for(level, *price)));
        brand::price_list(stage, &list, less.collect()).await?;
        brand::place(stage, &list, Some(level), world::calendar::FIRST_DAY).await?;
    }
    Ok(())
}

async fn dealer(stage: &Stage, dealer: &Dealer) -> anyhow::Result<()> {
    let request = partner::RegisterDealerRequest {
        dealer_id: dealer.id.clone(),
        name: dealer.name.clone(),
        region_id: dealer.region_id.clone(),
        city: dealer.city.clone(),
        ..Default::default()
    };
    let id = &dealer.id;
    ask!(stage, admin, DealerServiceClient<_>, register_dealer, id, request)?;
    classify(stage, dealer, dealer.level, id).await?;
    match dealer.pay {
        Pay::Credit { limit_minor } => dealer::limit(stage, id, id, limit_minor).await,
        Pay::Prepaid | Pay::Online => Ok(()),
    }
}

/// Says of which level a dealer is.
pub(super) async fn classify(
    stage: &Stage,
    dealer: &Dealer,
    level: Level,
    about: &str,
) -> anyhow::Result<()> {
    let request = partner::ClassifyDealerRequest {
        dealer_id: dealer.id.clone(),
        level_id: level.id().to_owned(),
        ..Default::default()
    };
    ask!(stage, admin, DealerServiceClient<_>, classify_dealer, about, request).map(drop)
}

/// A moment after a dealer was classified, prices know of it.
async fn until_classified(stage: &Stage, dealer: &Dealer, product_id: &str) -> anyhow::Result<()> {
    let told = retry::until_answered(&["ACCOUNT_NOT_OPEN"], async || {
        let request = order::ExplainPriceRequest {
            dealer_id: dealer.id.clone(),
            product_id: product_id.to_owned(),
            quantity: 1,
            on_date: world::calendar::FIRST_DAY.to_string(),
        };
        let mut client = PriceListServiceClient::new(stage.cast.admin.wire());
        let level_id = client.explain_price(request).await?.into_inner().level_id;
        if level_id.is_empty() {
            return Err(Status::unavailable("the level of the dealer is not known yet"));
        }
        Ok(level_id)
    });
    told.await.map(drop).with_context(|| format!("asking of which level {} is", dealer.id))
}

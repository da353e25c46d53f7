//! The shop over cqrs-es and postgres-es: the same requests, rules and guard, another store.

use std::collections::BTreeMap;
use std::sync::Arc;

use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateContext as _, AggregateError, EventStore as _};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::Decider;
use kernel::clock;
use kernel::command::Addressed;
use kernel::decider::Stateful;
use kernel::failure;
use kernel::rpc::{Call, IntoCommand, Reply, caller};
use kernel::server::{MetricsHandle, Server};
use order::account::Account;
use order::assortment::Assortment;
use order::order::pricing::{Basket, Offer, Orderer, price};
use order::order::{Order, OrderCommand, OrderRefusal, Submission};
use order::price_list::PriceList;
use order::price_list::chain::Chain;
use order::product::Product;
use order::territory::Territory;
use postgres_es::{PostgresCqrs, PostgresEventRepository};
use proto::common::v1::Receipt;
use proto::order::v1 as api;
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use values::{PriceListId, ProductId};

use super::echo::OneRpc;
use super::ours::TENANT;
use super::rpc::{Orders, Products, Served, guarded};
use super::{cqrs, shop};

/// Frameworks and stores of the kinds of objects that the shop has.
#[derive(Clone)]
struct Shop {
    pool: PgPool,
    orders: Arc<PostgresCqrs<Stateful<Order>>>,
    products: Arc<PostgresCqrs<Stateful<Product>>>,
}

/// Serves the two rpcs that are measured; the shop is open.
///
/// # Errors
/// When the database does not answer.
pub async fn serve(pool: PgPool, metrics: MetricsHandle) -> anyhow::Result<Served> {
    let shop = Shop {
        orders: cqrs::framework(&pool),
        products: cqrs::framework(&pool),
        pool: pool.clone(),
    };
    shop.open().await?;
    let mut server = Server::new()?;
    let (orders, products) = (shop.clone(), shop);
    server
        .add(OneRpc::<Orders, _, _>::new("SubmitOrder", move |request| {
            let shop = orders.clone();
            Box::pin(async move { shop.submit(request).await })
        }))
        .await;
    server
        .add(OneRpc::<Products, _, _>::new("RenameProduct", move |request| {
            let shop = products.clone();
            Box::pin(async move { shop.rename(request).await })
        }))
        .await;
    guarded(server, metrics).await
}

impl Shop {
    async fn open(&self) -> anyhow::Result<()> {
        let call = owner();
        let publish = async |number| {
            let product: Addressed<Product> = shop::publish_request(number).into_command(&call)?;
            self.products.execute(&stored(&product.object_id), product.command).await?;
            anyhow::Ok(())
        };
        let published = stream::iter(0..shop::PRODUCTS).map(publish);
        published.buffer_unordered(shop::AT_ONCE).try_for_each(|()| async { Ok(()) }).await?;
        let lists = cqrs::framework::<Stateful<PriceList>>(&self.pool);
        let list: Addressed<PriceList> = shop::list_request().into_command(&call)?;
        lists.execute(&stored(&list.object_id), list.command).await?;
        let prices: Addressed<PriceList> = shop::prices_request().into_command(&call)?;
        lists.execute(&stored(&prices.object_id), prices.command).await?;
        let accounts = cqrs::framework::<Stateful<Account>>(&self.pool);
        let account: Addressed<Account> = shop::account_request().into_command(&call)?;
        Ok(accounts.execute(&stored(&account.object_id), account.command).await?)
    }

    async fn rename(
        &self,
        request: Request<api::RenameProductRequest>,
    ) -> Reply<api::RenameProductResponse> {
        let (call, request) = taken(request)?;
        let command: Addressed<Product> = request.into_command(&call)?;
        cqrs::execute(&self.products, &stored(&command.object_id), command.command)
            .await
            .map_err(status)?;
        Ok(Response::new(api::RenameProductResponse { receipt: Some(receipt(command.object_id)) }))
    }

    async fn submit(
        &self,
        request: Request<api::SubmitOrderRequest>,
    ) -> Reply<api::SubmitOrderResponse> {
        let (call, request) = taken(request)?;
        let command = IntoCommand::<Order>::into_command(request, &call)?;
        let basket = command.basket();
        let account: Account = self.load(basket.dealer_id.as_str()).await?;
        let list: PriceList = self.load(PriceListId::base().as_str()).await?;
        let mut products = BTreeMap::<ProductId, Arc<Product>>::new();
        for line in &basket.lines {
            let product: Product = self.load(line.product_id.as_str()).await?;
            products.insert(line.product_id.clone(), Arc::new(product));
        }
        let submission = priced(basket, &account, &products, list)
            .map_err(|refusal| failure::refused(&refusal))?;
        let id = basket.order_id.as_str();
        let command = OrderCommand::Submit(Box::new(submission));
        cqrs::execute(&self.orders, &stored(id), command).await.map_err(status)?;
        Ok(Response::new(api::SubmitOrderResponse { receipt: Some(receipt(id.to_owned())) }))
    }

    /// The state of an object, by the peer's own store.
    async fn load<D: Decider>(&self, id: &str) -> Result<D, Status> {
        let repository = PostgresEventRepository::new(self.pool.clone());
        let store: PersistedEventStore<_, Stateful<D>> =
            PersistedEventStore::new_event_store(repository);
        let mut loaded = store.load_aggregate(&stored(id)).await.map_err(status)?;
        Ok(loaded.aggregate().0.clone())
    }
}

/// What the kernel makes of a request before it is carried out.
fn taken<Q>(request: Request<Q>) -> Result<(Call, Q), Status>
where
    Q: proto::CommandRequest,
{
    let caller = caller(&request)?.clone();
    let request = request.into_inner();
    let request_id = Uuid::parse_str(request.request_id())
        .map_err(|_| Status::invalid_argument("a request id is a UUID"))?;
    Ok((Call { caller, now: clock::now(), request_id }, request))
}

fn owner() -> Call {
    let caller = kernel::auth::Caller {
        user_id: "han.meimei".to_owned(),
        name: "韩梅梅".to_owned(),
        tenant: TENANT.to_owned(),
        roles: Vec::new(),
        time_zone: "Asia/Shanghai".to_owned(),
        ..kernel::auth::Caller::default()
    };
    Call { caller, now: clock::now(), request_id: Uuid::new_v4() }
}

fn stored(id: &str) -> String {
    format!("{TENANT}/{id}")
}

/// The peer tells neither version nor position.
fn receipt(object_id: String) -> Receipt {
    Receipt { object_id, ..Default::default() }
}

fn status<E: std::error::Error>(error: AggregateError<E>) -> Status {
    Status::internal(error.to_string())
}

/// The basket with its prices: there is one list, and everything is visible.
fn priced(
    basket: &Basket,
    account: &Account,
    products: &BTreeMap<ProductId, Arc<Product>>,
    list: PriceList,
) -> Result<Submission, OrderRefusal> {
    let (day, everywhere) = (basket.business_date, Territory::default());
    let orderer = Orderer::of(&basket.dealer_id, day, account, &everywhere)?;
    let (all, chain) = (Assortment::default(), Chain::of([Arc::new(list)]));
    let range = all.range(&orderer.buyer, day);
    price(basket, &orderer, Offer { range: &range, chain: &chain, products })
}

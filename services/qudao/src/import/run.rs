//! Carries out a plan: regions, dealers, products and prices first, then each order step by step,
//! many orders at a time.

mod existing;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::common::v1::Receipt;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use tonic::Status;

use self::existing::Existing;
use super::commands::Requests;
use super::mapping::{Mapping, Reached, Region};
use super::plan::{Dealer, Order, Plan, Product};
use super::report::{Kind, Outcome, Report};
use crate::client::failure::{self, Failure};
use crate::client::progress::Progress;
use crate::client::{Session, retry};
use crate::stream::log_position;

/// Objects worked on at once.
const IN_FLIGHT: usize = 16;
/// Most prices that one command takes.
const MOST_PRICES: usize = 1_000;
/// A dealer's account is opened a moment after the dealer is registered.
const NOT_YET: &str = "ACCOUNT_NOT_OPEN";

pub(super) struct Run<'a> {
    session: &'a Session,
    requests: Requests<'a>,
    /// Ends of the logs before the import: a receipt up to there tells of work done earlier.
    partner_before: u64,
    order_before: u64,
    report: RefCell<Report>,
    /// Dealers that the server refused; their orders would wait for accounts that never open.
    refused_dealers: RefCell<HashSet<String>>,
    /// An account did not open in all the time we have patience for; no use in waiting again.
    gave_up: Cell<bool>,
    progress: Progress,
}

/// What a server finally said to a command.
enum Answer {
    /// Done now or earlier, at this position of its log.
    Done(u64),
    Refused(Status),
}

impl<'a> Run<'a> {
    pub(super) async fn start(
        session: &'a Session,
        mapping: &'a Mapping,
        plan: &'a Plan,
        progress: bool,
    ) -> anyhow::Result<Self> {
        let tenant = session.user().await?.tenant_id;
        let order_before = log_position(session, "ORDER").await?;
        let report = Report { position: order_before, ..Report::planned(plan, mapping) };
        Ok(Self {
            session,
            requests: Requests { tenant, mapping, plan },
            partner_before: log_position(session, "PARTNER").await?,
            order_before,
            refused_dealers: RefCell::default(),
            gave_up: Cell::new(false),
            progress: Progress::new(report.planned_steps(), "importing", progress),
            report: RefCell::new(report),
        })
    }

    pub(super) async fn all(self) -> anyhow::Result<Report> {
        let Requests { mapping, plan, .. } = self.requests;
        // One after the other: a region needs its parent.
        for region in &mapping.regions {
            self.region(region).await?;
        }
        self.at_once(plan.dealers_used(), async |dealer| self.dealer(dealer).await).await?;
        self.at_once(plan.products_used(), async |product| self.product(product).await).await?;
        self.prices().await?;
        self.at_once(plan.orders.iter(), async |order| self.order(order).await).await?;
        self.progress.end();
        Ok(self.report.into_inner())
    }

    /// Does the same for many, some at a time; ends at the first failure that is no refusal.
    async fn at_once<T, F>(&self, items: impl Iterator<Item = &'a T>, work: F) -> anyhow::Result<()>
    where
        T: 'a,
        F: AsyncFn(&'a T) -> anyhow::Result<()>,
    {
        stream::iter(items.map(|item| work(item)))
            .buffer_unordered(IN_FLIGHT)
            .try_collect::<()>()
            .await
    }

    async fn region(&self, region: &Region) -> anyhow::Result<()> {
        let request = self.requests.region(region);
        let answer = self.ask(&[], async || {
            let mut client = RegionServiceClient::new(self.session.wire());
            Ok(client.add_region(request.clone()).await?.into_inner().receipt)
        });
        let outcome = match answer.await? {
            Answer::Done(position) => new_since(self.partner_before, position),
            Answer::Refused(status) if failure::already(&status) => {
                unchanged_if(self.existing().region(&request).await?, &status)
            }
            Answer::Refused(status) => refused(&status),
        };
        self.note(Kind::Regions, &region.id, outcome);
        Ok(())
    }

    async fn dealer(&self, dealer: &Dealer) -> anyhow::Result<()> {
        let request = self.requests.dealer(dealer);
        let answer = self.ask(&[], async || {
            let mut client = DealerServiceClient::new(self.session.wire());
            Ok(client.register_dealer(request.clone()).await?.into_inner().receipt)
        });
        let outcome = match answer.await? {
            Answer::Done(position) => new_since(self.partner_before, position),
            Answer::Refused(status) if failure::already(&status) => {
                unchanged_if(self.existing().dealer(&request).await?, &status)
            }
            Answer::Refused(status) => {
                self.refused_dealers.borrow_mut().insert(dealer.id.clone());
                refused(&status)
            }
        };
        self.note(Kind::Dealers, &dealer.id, outcome);
        Ok(())
    }

    async fn product(&self, product: &Product) -> anyhow::Result<()> {
        let request = self.requests.product(product);
        let answer = self.ask(&[], async || {
            let mut client = ProductServiceClient::new(self.session.wire());
            Ok(client.publish_product(request.clone()).await?.into_inner().receipt)
        });
        let outcome = match answer.await? {
            Answer::Done(position) => self.order_event(position),
            Answer::Refused(status) if failure::already(&status) => {
                unchanged_if(self.existing().product(&request).await?, &status)
            }
            Answer::Refused(status) => refused(&status),
        };
        self.note(Kind::Products, &product.id, outcome);
        Ok(())
    }

    /// Prices only what has no price yet: a price that people have changed since an earlier import
    /// is theirs.
    async fn prices(&self) -> anyhow::Result<()> {
        self.price_list().await?;
        let priced = self.existing().priced_products().await?;
        let (known, missing): (Vec<&Product>, Vec<&Product>) =
            self.requests.plan.products_used().partition(|product| priced.contains(&product.id));
        for product in known {
            self.note(Kind::Prices, &product.id, Outcome::Unchanged);
        }
        for products in missing.chunks(MOST_PRICES) {
            let request = self.requests.prices(products);
            let answer = self.ask(&[], async || {
                let mut client = PriceListServiceClient::new(self.session.wire());
                Ok(client.set_base_prices(request.clone()).await?.into_inner().receipt)
            });
            let answer = answer.await?;
            for product in products {
                let outcome = match &answer {
                    Answer::Done(position) => self.order_event(*position),
                    Answer::Refused(status) => refused(status),
                };
                self.note(Kind::Prices, &product.id, outcome);
            }
        }
        Ok(())
    }

    async fn price_list(&self) -> anyhow::Result<()> {
        let request = self.requests.price_list();
        let answer = self.ask(&[], async || {
            let mut client = PriceListServiceClient::new(self.session.wire());
            Ok(client.create_price_list(request.clone()).await?.into_inner().receipt)
        });
        let outcome = match answer.await? {
            Answer::Done(position) => self.order_event(position),
            // Nothing lists price lists; one with other prices refuses the orders below.
            Answer::Refused(status) if failure::already(&status) => Outcome::Unchanged,
            Answer::Refused(status) => refused(&status),
        };
        self.note(Kind::PriceLists, &request.price_list_id, outcome);
        Ok(())
    }

    /// One order, as far as it has come in the other system; it stops at its first refusal.
    async fn order(&self, order: &Order) -> anyhow::Result<()> {
        if !self.submit(order).await? {
            return Ok(());
        }
        let reached = self.requests.mapping.reached(order.date);
        for step in [Reached::Confirmed, Reached::Shipped, Reached::Received] {
            if step > reached || !self.advance(order, step).await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether the order is there then.
    async fn submit(&self, order: &Order) -> anyhow::Result<bool> {
        let request = self.requests.submit(order);
        if self.refused_dealers.borrow().contains(&request.dealer_id) {
            let outcome = Outcome::Refused("its dealer was refused".to_owned());
            return Ok(self.note(Kind::Orders, &order.id, outcome));
        }
        let patient: &[&str] = if self.gave_up.get() { &[] } else { &[NOT_YET] };
        let answer = self.ask(patient, async || {
            let mut client = OrderServiceClient::new(self.session.wire());
            Ok(client.submit_order(request.clone()).await?.into_inner().receipt)
        });
        let outcome = match answer.await? {
            Answer::Done(position) => self.order_event(position),
            Answer::Refused(status) if failure::already(&status) => {
                unchanged_if(self.existing().order(&request).await?, &status)
            }
            Answer::Refused(status) => {
                self.gave_up.set(self.gave_up.get() || failure::reason(&status) == NOT_YET);
                refused(&status)
            }
        };
        Ok(self.note(Kind::Orders, &order.id, outcome))
    }

    /// Whether the order has the step behind it then.
    async fn advance(&self, order: &Order, step: Reached) -> anyhow::Result<bool> {
        let outcome = match self.ask_to_advance(order, step).await? {
            Answer::Done(position) => self.order_event(position),
            // The reason may be any: what counts is where the order is.
            Answer::Refused(status) => {
                unchanged_if(self.existing().has_reached(&order.id, step).await?, &status)
            }
        };
        Ok(self.note(Kind::of(step), &order.id, outcome))
    }

    async fn ask_to_advance(&self, order: &Order, step: Reached) -> anyhow::Result<Answer> {
        let orders = || OrderServiceClient::new(self.session.wire());
        match step {
            Reached::Submitted | Reached::Confirmed => {
                let request = self.requests.confirm(order);
                let call = async || {
                    Ok(orders().confirm_order(request.clone()).await?.into_inner().receipt)
                };
                self.ask(&[], call).await
            }
            Reached::Shipped => {
                let request = self.requests.ship(order);
                let call =
                    async || Ok(orders().ship_order(request.clone()).await?.into_inner().receipt);
                self.ask(&[], call).await
            }
            Reached::Received => {
                let request = self.requests.receive(order);
                let call = async || {
                    Ok(orders().receive_order(request.clone()).await?.into_inner().receipt)
                };
                self.ask(&[], call).await
            }
        }
    }

    fn existing(&self) -> Existing<'_> {
        let order_position = self.report.borrow().position;
        Existing { session: self.session, partner_position: self.partner_before, order_position }
    }

    /// Asks until there is an answer. What would happen to every other command too ends the
    /// import; running it again goes on from there.
    async fn ask<F>(&self, also: &[&str], call: F) -> anyhow::Result<Answer>
    where
        F: AsyncFnMut() -> Result<Option<Receipt>, Status>,
    {
        match retry::until_answered(also, call).await {
            Ok(receipt) => Ok(Answer::Done(receipt.unwrap_or_default().position)),
            Err(status) if retry::ends_all(&status) => {
                self.progress.end();
                Err(anyhow::Error::from(status).context("the import stopped"))
            }
            Err(status) => Ok(Answer::Refused(status)),
        }
    }

    fn order_event(&self, position: u64) -> Outcome {
        let mut report = self.report.borrow_mut();
        report.position = report.position.max(position);
        new_since(self.order_before, position)
    }

    /// Whether things can go on from there.
    fn note(&self, kind: Kind, object: &str, outcome: Outcome) -> bool {
        let good = !matches!(outcome, Outcome::Refused(_));
        self.report.borrow_mut().note(kind, object, outcome);
        self.progress.one_more();
        good
    }
}

fn new_since(before: u64, position: u64) -> Outcome {
    if position > before { Outcome::Created } else { Outcome::Unchanged }
}

fn refused(status: &Status) -> Outcome {
    Outcome::Refused(Failure::of(status).line())
}

fn unchanged_if(same: bool, status: &Status) -> Outcome {
    if same { Outcome::Unchanged } else { refused(status) }
}

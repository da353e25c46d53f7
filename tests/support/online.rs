//! Orders that are paid through providers, simulated beside the system.

use std::time::{Duration, Instant};

use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::payment_query_service_client::PaymentQueryServiceClient;
use proto::order::v1::payment_service_client::PaymentServiceClient;
use proto::order::v1::{Payment, PaymentProvider, PaymentScene, PaymentStatus};
use serde_json::{Value, json};
use tonic::Status;

use super::files::plain_client;
use super::funds::{settled, shown};
use super::shop::{order_of, submit};
use super::system::{Launch, System, User, free_port, id};

/// A system whose providers are simulated, with a dealer that has no credit.
pub struct Till {
    pub system: System,
    pub admin: User,
    pub owner: User,
    pub finance: User,
    pub simulator: String,
    client: reqwest::Client,
}

impl Till {
    /// Starts it; nobody has to look at orders that are paid.
    pub async fn start() -> Self {
        let simulator = format!("127.0.0.1:{}", free_port());
        let mut launch = Launch::default();
        launch.environment.push(("QUDAO_TRIAL_PAYMENTS", simulator.clone()));
        let system = System::start_as(launch).await;
        let (admin, owner, finance) = settled(&system, false).await;
        let client = plain_client();
        let simulator = format!("http://{simulator}");
        Self { system, admin, owner, finance, simulator, client }
    }

    /// From now on providers misbehave like this; see `psp_simulator::Misbehaviour`.
    pub async fn misbehave(&self, how: Value) {
        let url = format!("{}/simulator/misbehave", self.simulator);
        let request = self.client.post(url).header("content-type", "application/json");
        let request = request.body(how.to_string());
        let set = request.send().await.unwrap();
        assert!(set.status().is_success(), "{}", set.text().await.unwrap());
    }

    /// From now on they do not.
    pub async fn behave(&self) {
        self.misbehave(json!({})).await;
    }

    /// How they misbehave still: what was to happen so many times is counted down.
    pub async fn manners(&self) -> Value {
        self.told("misbehave").await
    }

    /// All that the providers know.
    pub async fn known(&self) -> Value {
        self.told("transactions").await
    }

    /// Contracts of the simulator, as `psp::Merchant` has them.
    pub async fn merchants(&self) -> Value {
        self.told("merchants").await
    }

    async fn told(&self, what: &str) -> Value {
        let url = format!("{}/simulator/{what}", self.simulator);
        let answer = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    /// Sends something to where providers send their notices.
    pub async fn notice(
        &self,
        path: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> (u16, String) {
        let url = format!("{}/payments/notices/{path}", self.system.web);
        let mut request = self.client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Submits an order of this many packets of tea, of which nothing is paid.
    pub async fn order(&self, order_id: &str, quantity: u32) {
        let receipt = submit(&self.owner, &order_of(order_id, quantity)).await;
        shown(&self.owner, order_id, receipt.position).await;
    }

    /// Starts a payment of an order, and waits until it can be paid.
    pub async fn start_payment(&self, order_id: &str, provider: PaymentProvider) -> Payment {
        let receipt = start(&self.owner, order_id, provider).await.unwrap();
        self.until(&receipt.object_id, PaymentStatus::Waiting).await
    }

    /// Pays as somebody who has scanned the code.
    pub async fn scan(&self, payment: &Payment) -> bool {
        let paid = self.client.post(&payment.url).body("action=pay").send().await.unwrap();
        paid.status().is_success()
    }

    /// Starts a payment and pays it.
    pub async fn pay(&self, order_id: &str, provider: PaymentProvider) -> Payment {
        let payment = self.start_payment(order_id, provider).await;
        assert!(self.scan(&payment).await, "{payment:?}");
        payment
    }

    /// Waits until a payment is seen like this.
    pub async fn until(&self, payment_id: &str, status: PaymentStatus) -> Payment {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let payment = payment(&self.owner, payment_id, 0).await;
            if let Ok(payment) = &payment
                && payment.status() == status
            {
                return payment.clone();
            }
            assert!(
                Instant::now() < deadline,
                "never {status:?}: {payment:?}\n{}",
                self.system.said()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Starts a payment of an order.
///
/// # Errors
/// As the rpc refuses it.
pub async fn start(
    user: &User,
    order_id: &str,
    provider: PaymentProvider,
) -> Result<Receipt, Status> {
    let request = order::StartPaymentRequest {
        request_id: id(),
        expected_version: None,
        order_id: order_id.to_owned(),
        provider: provider.into(),
        scene: PaymentScene::Code.into(),
    };
    let mut client = PaymentServiceClient::new(user.channel.clone());
    let started = client.start_payment(user.says(request)).await?;
    Ok(started.into_inner().receipt.unwrap())
}

/// A payment as somebody sees it.
///
/// # Errors
/// As the rpc refuses it.
pub async fn payment(user: &User, payment_id: &str, min_position: u64) -> Result<Payment, Status> {
    let request = order::GetPaymentRequest { payment_id: payment_id.to_owned(), min_position };
    let mut client = PaymentQueryServiceClient::new(user.channel.clone());
    let told = client.get_payment(user.says(request)).await?;
    Ok(told.into_inner().payment.unwrap())
}

/// Decides about what does not fit.
///
/// # Errors
/// As the rpc refuses it.
pub async fn settle_parked(
    user: &User,
    payment_id: &str,
    verdict: order::ParkedVerdict,
) -> Result<Receipt, Status> {
    let request = order::SettleParkedPaymentRequest {
        request_id: id(),
        expected_version: None,
        payment_id: payment_id.to_owned(),
        verdict: verdict.into(),
        reason: "已与支付机构核对".to_owned(),
    };
    let mut client = PaymentServiceClient::new(user.channel.clone());
    let settled = client.settle_parked_payment(user.says(request)).await?;
    Ok(settled.into_inner().receipt.unwrap())
}

//! Two brands with the same kinds of things, and words in one's that no other may ever see.

mod after_sales;
mod bank_lines;
mod carts;
mod payments;
mod shipments;
mod statements;

use std::time::Duration;

use kernel::auth::Caller;
use proto::access::v1::Role;
use proto::collab::v1::StartUploadRequest;
use proto::history::v1 as history;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::order::v1 as order;
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::assortment_service_client::AssortmentServiceClient;
use proto::order::v1::credit_service_client::CreditServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use proto::order::v1::rebate_service_client::RebateServiceClient;
use proto::order::v1::remittance_service_client::RemittanceServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::invitation_service_client::InvitationServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use proto::partner::v1::service_account_service_client::ServiceAccountServiceClient;
use proto::partner::v1::tenant_service_client::TenantServiceClient;
use proto::partner::v1::webhook_service_client::WebhookServiceClient;
use proto::webhook::v1 as webhook;
use proto::webhook::v1::delivery_service_client::DeliveryServiceClient;
use tonic::Request;
use tonic::transport::Channel;

use super::stage::{Stage, caller};
use crate::support::system::{User, id};
use crate::support::{files, funds, promotions, rebates};

/// What a brand has.
#[derive(Clone, Debug, Default)]
pub(super) struct Seeds {
    pub(super) tenant: String,
    /// Stands in each text of the brand.
    pub(super) canary: String,
    /// The first two are the companies that orders are of.
    pub(super) dealers: Vec<String>,
    pub(super) regions: Vec<String>,
    pub(super) products: Vec<String>,
    pub(super) lists: Vec<String>,
    pub(super) promotions: Vec<String>,
    pub(super) plans: Vec<String>,
    pub(super) rules: Vec<String>,
    pub(super) users: Vec<String>,
    /// Of the users, one each.
    pub(super) sessions: Vec<String>,
    pub(super) invitations: Vec<String>,
    /// Programs, and of each one key.
    pub(super) accounts: Vec<String>,
    pub(super) keys: Vec<String>,
    pub(super) webhooks: Vec<String>,
    /// Of the webhooks, one each.
    pub(super) deliveries: Vec<String>,
    /// Of the first dealer, then of the second.
    pub(super) orders: [Vec<String>; 2],
    /// Of the first dealer.
    pub(super) remittances: Vec<String>,
    /// Of bank statements: the brand's own.
    pub(super) lines: Vec<String>,
    /// Of the second dealer, where there is one; nobody has paid them.
    pub(super) payments: Vec<String>,
    /// Of the second dealer, where there is one; no warehouse has taken them on.
    pub(super) shipments: Vec<String>,
    /// Of the second dealer, where there is one; the brand has not decided.
    pub(super) after_sales: Vec<String>,
    /// Of the second dealer, where there is one.
    pub(super) carts: Vec<String>,
    /// Of the second dealer, where there is one, who has not agreed to them.
    pub(super) statements: Vec<String>,
    /// A file of the first dealer, and an upload that is under way.
    pub(super) file: String,
    pub(super) upload: String,
    pub(super) events: Vec<history::Event>,
}

/// What stands in the texts of one of a brand's companies.
pub(super) fn company_canary(seeds: &Seeds, dealer: usize) -> String {
    format!("{}-d{dealer}", seeds.canary)
}

/// Founds a brand with so many of everything. `mark` begins the ids of all that it has.
pub(super) async fn sow(stage: &Stage, mark: &str, number: usize) -> Seeds {
    let canary = format!("机密{}", uuid::Uuid::new_v4().simple());
    let ids = |kind: &str| (0..number).map(|n| format!("{mark}-{kind}-{n:03}")).collect::<Vec<_>>();
    let mut seeds = Seeds {
        tenant: format!("{mark}-brand"),
        canary,
        dealers: ids("dealer"),
        // Three rpcs end what they do with a region, each once.
        regions: (0..3 * number).map(|n| format!("{mark}-region-{n:03}")).collect(),
        products: ids("product"),
        lists: ids("list"),
        promotions: ids("promotion"),
        plans: ids("plan"),
        rules: ids("rule"),
        users: ids("user"),
        sessions: Vec::new(),
        invitations: Vec::new(),
        accounts: ids("account"),
        keys: Vec::new(),
        webhooks: Vec::new(),
        deliveries: Vec::new(),
        orders: [ids("order-x"), ids("order-y")],
        remittances: ids("remittance"),
        lines: Vec::new(),
        payments: Vec::new(),
        shipments: Vec::new(),
        after_sales: Vec::new(),
        carts: Vec::new(),
        statements: Vec::new(),
        file: String::new(),
        upload: String::new(),
        events: Vec::new(),
    };
    let sower = Sower { stage, channel: stage.channel(), seeds: seeds.clone() };
    sower.found().await;
    sower.partner().await;
    sower.range().await;
    sower.orders().await;
    seeds.lines = bank_lines::import(&sower, number).await;
    seeds.payments = payments::begin(&sower).await;
    seeds.shipments = shipments::release(&sower).await;
    seeds.after_sales = after_sales::open(&sower).await;
    seeds.carts = carts::keep(&sower).await;
    seeds.statements = statements::state(&sower).await;
    let position = sower.money().await;
    seeds.events = sower.events(position).await;
    (seeds.sessions, seeds.invitations) = sower.identity().await;
    seeds.keys = sower.programs().await;
    (seeds.webhooks, seeds.deliveries) = sower.webhooks().await;
    (seeds.file, seeds.upload) = sower.files().await;
    seeds
}

/// Sessions, and invitations: one of each is enough for the rpcs that name one.
const FEW: usize = 3;

/// What people of a brand sign in with.
const PASSWORD: &str = "correct horse battery";

struct Sower<'a> {
    stage: &'a Stage,
    channel: Channel,
    seeds: Seeds,
}

impl Sower<'_> {
    fn says<T>(&self, who: &Caller, body: T) -> Request<T> {
        let mut request = Request::new(body);
        let token = format!("Bearer {}", self.stage.token(who));
        request.metadata_mut().insert("authorization", token.parse().unwrap());
        request
    }

    fn admin(&self) -> Caller {
        caller(&self.seeds.tenant, &[Role::HqAdmin, Role::Integration], None)
    }

    fn text(&self, what: &str) -> String {
        format!("{what} {}", self.seeds.canary)
    }

    async fn found(&self) {
        let tenant = partner::FoundTenantRequest {
            request_id: id(),
            tenant_id: self.seeds.tenant.clone(),
            name: self.text("品牌"),
            currency_code: "CNY".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            root_region_name: self.text("全国"),
            ..Default::default()
        };
        let operator = caller("", &[Role::Operator], None);
        let mut tenants = TenantServiceClient::new(self.channel.clone());
        tenants.found_tenant(self.says(&operator, tenant)).await.unwrap();
    }

    async fn partner(&self) {
        let admin = self.admin();
        let mut regions = RegionServiceClient::new(self.channel.clone());
        for region_id in self.seeds.regions.clone() {
            let region = partner::AddRegionRequest {
                request_id: id(),
                name: self.text(&format!("区域 {region_id}")),
                region_id,
                parent_id: "root".to_owned(),
                ..Default::default()
            };
            regions.add_region(self.says(&admin, region)).await.unwrap();
        }
        let mut dealers = DealerServiceClient::new(self.channel.clone());
        for (number, dealer_id) in self.seeds.dealers.iter().cloned().enumerate() {
            let dealer = partner::RegisterDealerRequest {
                request_id: id(),
                dealer_id,
                name: company_canary(&self.seeds, number),
                region_id: self.seeds.regions[0].clone(),
                city: self.text("城市"),
                ..Default::default()
            };
            dealers.register_dealer(self.says(&admin, dealer)).await.unwrap();
        }
        let mut people = IdentityServiceClient::new(self.channel.clone());
        for login in self.seeds.users.clone() {
            let user = partner::RegisterUserRequest {
                request_id: id(),
                name: self.text(&format!("人 {login}")),
                login,
                roles: vec![Role::SalesRep.into()],
                password: PASSWORD.to_owned(),
                keep_password: true,
                ..Default::default()
            };
            people.register_user(self.says(&admin, user)).await.unwrap();
        }
    }

    /// The ids of sessions that people have, and of invitations that nobody has accepted.
    async fn identity(&self) -> (Vec<String>, Vec<String>) {
        let mut people = IdentityServiceClient::new(self.channel.clone());
        let mut sessions = Vec::new();
        for login in self.seeds.users.iter().take(FEW) {
            let signed = people.sign_in(Request::new(partner::SignInRequest {
                tenant_id: self.seeds.tenant.clone(),
                login: login.clone(),
                password: PASSWORD.to_owned(),
                ..Default::default()
            }));
            sessions.push(signed.await.unwrap().into_inner().session_id);
        }
        let mut invitations = Vec::new();
        let mut inviting = InvitationServiceClient::new(self.channel.clone());
        for _ in 0..FEW {
            let invite = partner::InviteUserRequest {
                request_id: id(),
                roles: vec![Role::SalesRep.into()],
                ..Default::default()
            };
            let invited = inviting.invite_user(self.says(&self.admin(), invite)).await.unwrap();
            invitations.push(invited.into_inner().receipt.unwrap_or_default().object_id);
        }
        (sessions, invitations)
    }

    /// The ids of the keys that programs have.
    async fn programs(&self) -> Vec<String> {
        let admin = self.admin();
        let mut programs = ServiceAccountServiceClient::new(self.channel.clone());
        let mut keys = Vec::new();
        for account_id in self.seeds.accounts.clone() {
            let add = partner::AddServiceAccountRequest {
                request_id: id(),
                name: self.text(&format!("程序 {account_id}")),
                account_id: account_id.clone(),
                roles: vec![Role::Analyst.into()],
                ..Default::default()
            };
            programs.add_service_account(self.says(&admin, add)).await.unwrap();
            let issue = partner::IssueServiceKeyRequest {
                request_id: id(),
                account_id,
                ..Default::default()
            };
            let issued = programs.issue_service_key(self.says(&admin, issue)).await.unwrap();
            keys.push(issued.into_inner().key_id);
        }
        keys
    }

    /// Endpoints that nothing gets to, and a test on its way to each.
    async fn webhooks(&self) -> (Vec<String>, Vec<String>) {
        let admin = self.admin();
        let mut endpoints = WebhookServiceClient::new(self.channel.clone());
        let mut client = DeliveryServiceClient::new(self.channel.clone());
        let (mut webhooks, mut deliveries) = (Vec::new(), Vec::new());
        for _ in 0..FEW {
            let register = partner::RegisterWebhookRequest {
                request_id: id(),
                url: format!("https://{}.example.invalid/", self.seeds.tenant),
                description: self.text("端点"),
                event_types: vec!["order.OrderSubmitted".to_owned()],
                ..Default::default()
            };
            let registered = endpoints.register_webhook(self.says(&admin, register)).await;
            let receipt = registered.unwrap().into_inner().receipt.unwrap();
            let list = webhook::ListWebhooksRequest {
                min_position: receipt.position,
                ..Default::default()
            };
            client.list_webhooks(self.says(&admin, list)).await.unwrap();
            let test = webhook::SendTestEventRequest {
                request_id: id(),
                endpoint_id: receipt.object_id.clone(),
            };
            let sent = client.send_test_event(self.says(&admin, test)).await.unwrap();
            deliveries.push(sent.into_inner().delivery.unwrap().delivery_id);
            webhooks.push(receipt.object_id);
        }
        (webhooks, deliveries)
    }

    /// A file that belongs to an order, and an upload that nobody has finished.
    async fn files(&self) -> (String, String) {
        let token = self.stage.token(&self.admin());
        let user = User { channel: self.channel.clone(), token };
        let picture = files::png(20, 10);
        let name = self.text("图");
        let asked = |size: usize| StartUploadRequest {
            dealer_id: self.seeds.dealers[0].clone(),
            ..files::attachment(&self.seeds.orders[0][0], &name, size)
        };
        let stored = files::store(&user, asked(picture.len()), &picture).await.unwrap();
        let begun = files::start(&user, asked(picture.len())).await.unwrap();
        (stored.object_id, begun.upload_id)
    }

    async fn range(&self) {
        let admin = self.admin();
        let mut products = ProductServiceClient::new(self.channel.clone());
        for product_id in self.seeds.products.clone() {
            let product = order::PublishProductRequest {
                request_id: id(),
                name: self.text(&format!("商品 {product_id}")),
                product_id,
                category_path: vec![self.text("类")],
                base_unit: "瓶".to_owned(),
                ..Default::default()
            };
            products.publish_product(self.says(&admin, product)).await.unwrap();
        }
        let mut lists = PriceListServiceClient::new(self.channel.clone());
        for price_list_id in self.seeds.lists.iter().map(String::as_str).chain(["base"]) {
            let list = order::CreatePriceListRequest {
                request_id: id(),
                price_list_id: price_list_id.to_owned(),
                name: self.text(&format!("价格表 {price_list_id}")),
                currency_code: "CNY".to_owned(),
                ..Default::default()
            };
            lists.create_price_list(self.says(&admin, list)).await.unwrap();
        }
        let price = |product_id: &String| order::BasePrice {
            product_id: product_id.clone(),
            unit_price_minor: 4_711,
            ..Default::default()
        };
        let prices = order::SetBasePricesRequest {
            request_id: id(),
            price_list_id: "base".to_owned(),
            prices: self.seeds.products.iter().map(price).collect(),
            ..Default::default()
        };
        lists.set_base_prices(self.says(&admin, prices)).await.unwrap();
        let mut promotions = PromotionServiceClient::new(self.channel.clone());
        for promotion_id in self.seeds.promotions.clone() {
            let name = self.text(&format!("促销 {promotion_id}"));
            let promotion = promotions::tenth_off(&promotion_id, &name);
            promotions.draft_promotion(self.says(&admin, promotion)).await.unwrap();
        }
        let mut rebates = RebateServiceClient::new(self.channel.clone());
        for plan_id in self.seeds.plans.clone() {
            let plan = rebates::two_percent(&plan_id, &self.text(&format!("返利 {plan_id}")));
            rebates.draft_rebate_plan(self.says(&admin, plan)).await.unwrap();
        }
        let mut rules = AssortmentServiceClient::new(self.channel.clone());
        for rule_id in self.seeds.rules.clone() {
            // For a day that does not come, so that it hides nothing that others order.
            let terms = order::AssortmentTerms {
                name: self.text(&format!("规则 {rule_id}")),
                effect: order::AssortmentEffect::Exclusive.into(),
                from: "2099-01-01".to_owned(),
                ..Default::default()
            };
            let terms = Some(terms);
            let request_id = id();
            let rule = order::SetAssortmentRuleRequest {
                request_id,
                rule_id,
                terms,
                ..Default::default()
            };
            rules.set_assortment_rule(self.says(&admin, rule)).await.unwrap();
        }
    }

    /// Opens the accounts of the first two dealers and orders for them.
    async fn orders(&self) {
        let admin = self.admin();
        let mut accounts = AccountServiceClient::new(self.channel.clone());
        for (number, dealer_id) in self.seeds.dealers.iter().take(2).enumerate() {
            let account = order::OpenAccountRequest {
                request_id: id(),
                dealer_id: dealer_id.clone(),
                dealer_name: company_canary(&self.seeds, number),
                region_path: vec![order::RegionRef {
                    region_id: "root".to_owned(),
                    name: self.text("全国"),
                }],
                ..Default::default()
            };
            // The policy may have been faster.
            if let Err(no) = accounts.open_account(self.says(&admin, account)).await {
                assert_eq!(no.code(), tonic::Code::AlreadyExists, "{no:?}");
            }
            for order_id in self.seeds.orders[number].clone() {
                self.order(order_id, number).await;
            }
        }
    }

    /// Orders for one of the dealers.
    async fn order(&self, order_id: String, number: usize) {
        let basket = order::SubmitOrderRequest {
            request_id: id(),
            order_id,
            dealer_id: self.seeds.dealers[number].clone(),
            lines: vec![order::SubmitOrderLine {
                product_id: self.seeds.products[0].clone(),
                quantity: 3,
                unit_price_minor: None,
            }],
            note: company_canary(&self.seeds, number),
            ..Default::default()
        };
        let mut orders = OrderServiceClient::new(self.channel.clone());
        orders.submit_order(self.says(&self.admin(), basket)).await.unwrap();
    }

    /// Credit of the first dealer, and money that it has sent.
    async fn money(&self) -> u64 {
        let admin = self.admin();
        let dealer_id = self.seeds.dealers[0].clone();
        let limit = order::SetCreditLimitRequest {
            request_id: id(),
            dealer_id: dealer_id.clone(),
            currency_code: "CNY".to_owned(),
            limit_minor: 4_711,
            reason: company_canary(&self.seeds, 0),
            ..Default::default()
        };
        let mut credit = CreditServiceClient::new(self.channel.clone());
        let set = credit.set_credit_limit(self.says(&admin, limit)).await.unwrap();
        let mut position = set.into_inner().receipt.unwrap().position;
        let mut remittances = RemittanceServiceClient::new(self.channel.clone());
        for remittance_id in self.seeds.remittances.clone() {
            let report = order::ReportRemittanceRequest {
                remittance_id,
                note: company_canary(&self.seeds, 0),
                ..funds::report(&dealer_id, order::RemittancePurpose::TopUp, 4_711, "4711")
            };
            let told = remittances.report_remittance(self.says(&admin, report)).await.unwrap();
            position = told.into_inner().receipt.unwrap().position;
        }
        position
    }

    /// All events of the brand, once all read models have them.
    async fn events(&self, position: u64) -> Vec<history::Event> {
        let admin = self.admin();
        let mut client = HistoryServiceClient::new(self.channel.clone());
        let mut lists =
            order::order_query_service_client::OrderQueryServiceClient::new(self.channel.clone());
        let asked = order::ListOrdersRequest { min_position: position, ..Default::default() };
        let listed = lists.list_orders(self.says(&admin, asked)).await.unwrap().into_inner();
        assert_eq!(listed.orders[0].quantity, 3, "{listed:?}");
        for _ in 0..300 {
            let page = proto::common::v1::PageRequest { size: 200, ..Default::default() };
            let all = history::ListEventsRequest { page: Some(page), ..Default::default() };
            let listed = client.list_events(self.says(&admin, all)).await.unwrap().into_inner();
            let order = listed.indexed.iter().find(|indexed| indexed.context == "order");
            if order.is_some_and(|order| order.position >= position) {
                return listed.entries.into_iter().filter_map(|entry| entry.event).collect();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the index of events never got to {position}");
    }
}

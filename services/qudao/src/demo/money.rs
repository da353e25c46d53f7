//! Credit and money of the demonstration's dealers, so that the pages about them have something to
//! show. What they say follows from where a dealer stands in the list, and is the same every time.

use anyhow::Context as _;
use proto::common::v1::PageRequest;
use proto::order::v1 as order;
use proto::order::v1::credit_service_client::CreditServiceClient;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::remittance_service_client::RemittanceServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;

use super::people::Person;
use super::{TENANT, statements};
use crate::client::{Session, failure, retry};
use crate::import::commands::request_id;

/// A limit that the orders of a year fit into.
const LIMIT: i64 = 50_000_000;
const CURRENCY: &str = "USD";

/// Whether it was done before: the rules come last.
pub(super) async fn is_there(session: &Session) -> anyhow::Result<bool> {
    let rules = retry::until_answered(&[], async || {
        let asked = order::GetOrderRulesRequest::default();
        FundsQueryServiceClient::new(session.wire()).get_order_rules(asked).await
    });
    Ok(rules.await.context("asking for the order rules")?.into_inner().version > 0)
}

/// Gives every dealer credit, some of them money, and lets orders be paid from both. Dealers whose
/// people can sign in begin with credit only. Whoever reports money does not confirm it.
pub(super) async fn give(
    admin: &Session,
    finance: &Session,
    people: &[Person],
    position: u64,
) -> anyhow::Result<()> {
    let dealers = dealers(admin, position).await?;
    let mut last = position;
    for (number, dealer_id) in (1..).zip(&dealers) {
        let most = order::SetCreditLimitRequest {
            dealer_id: dealer_id.clone(),
            currency_code: CURRENCY.to_owned(),
            limit_minor: LIMIT,
            ..Default::default()
        };
        limit(finance, TENANT, most).await?;
        if people.iter().any(|person| person.dealer_id.as_ref() == Some(dealer_id)) {
            continue;
        }
        match number % 5 {
            1 => {
                let remittance = report(admin, dealer_id, number).await?;
                last = confirm(finance, &remittance).await?;
            }
            2 => grant(finance, dealer_id, number).await?,
            3 => drop(report(admin, dealer_id, number).await?),
            4 => raise(finance, dealer_id).await?,
            _ if number == 10 => block(finance, dealer_id).await?,
            _ => (),
        }
    }
    statements::make(finance, last).await?;
    rules(finance, TENANT, true).await
}

/// All dealers, once what is read has come that far.
pub(super) async fn dealers(session: &Session, min_position: u64) -> anyhow::Result<Vec<String>> {
    let listed = retry::until_answered(&[], async || {
        let asked = order::ListDealerFundsRequest {
            page: Some(PageRequest { size: 200, token: String::new() }),
            min_position,
            ..Default::default()
        };
        FundsQueryServiceClient::new(session.wire()).list_dealer_funds(asked).await
    });
    let listed = listed.await.context("listing dealers")?.into_inner().dealers;
    Ok(listed.into_iter().map(|dealer| dealer.dealer_id).collect())
}

/// Gives credit; a dealer's account is opened a moment after the dealer is registered.
pub(crate) async fn limit(
    finance: &Session,
    tenant: &str,
    limit: order::SetCreditLimitRequest,
) -> anyhow::Result<()> {
    let dealer_id = limit.dealer_id.clone();
    let mut request =
        order::SetCreditLimitRequest {
            payment_days: 30, reason: "年度授信".to_owned(), ..limit
        };
    request.request_id = request_id(tenant, &dealer_id, &request);
    let set = retry::until_answered(&["ACCOUNT_NOT_OPEN"], async || {
        CreditServiceClient::new(finance.wire()).set_credit_limit(request.clone()).await
    });
    set.await.map(drop).with_context(|| format!("giving credit to {dealer_id}"))
}

async fn raise(finance: &Session, dealer_id: &str) -> anyhow::Result<()> {
    let mut request = order::GrantTemporaryCreditRequest {
        dealer_id: dealer_id.to_owned(),
        amount_minor: LIMIT / 5,
        until: "2099-12-31".to_owned(),
        reason: "旺季备货".to_owned(),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, dealer_id, &request);
    let granted = retry::until_answered(&[], async || {
        CreditServiceClient::new(finance.wire()).grant_temporary_credit(request.clone()).await
    });
    granted.await.map(drop).with_context(|| format!("raising the limit of {dealer_id}"))
}

async fn block(finance: &Session, dealer_id: &str) -> anyhow::Result<()> {
    let mut request = order::BlockCreditRequest {
        dealer_id: dealer_id.to_owned(),
        reason: "合同续签中".to_owned(),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, dealer_id, &request);
    let blocked = retry::until_answered(&[], async || {
        CreditServiceClient::new(finance.wire()).block_credit(request.clone()).await
    });
    blocked.await.map(drop).with_context(|| format!("blocking the credit of {dealer_id}"))
}

async fn grant(finance: &Session, dealer_id: &str, number: i64) -> anyhow::Result<()> {
    let mut request = order::GrantRebateRequest {
        dealer_id: dealer_id.to_owned(),
        currency_code: CURRENCY.to_owned(),
        amount_minor: 25_000 * number,
        reason: "三季度返利".to_owned(),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, dealer_id, &request);
    let granted = retry::until_answered(&[], async || {
        WalletServiceClient::new(finance.wire()).grant_rebate(request.clone()).await
    });
    granted.await.map(drop).with_context(|| format!("granting a rebate to {dealer_id}"))
}

/// Its number.
async fn report(admin: &Session, dealer_id: &str, number: i64) -> anyhow::Result<String> {
    let remittance_id = format!("RM-DEMO-{number:03}");
    let mut request = order::ReportRemittanceRequest {
        remittance_id: remittance_id.clone(),
        dealer_id: dealer_id.to_owned(),
        purpose: order::RemittancePurpose::TopUp.into(),
        currency_code: CURRENCY.to_owned(),
        amount_minor: 500_000 * number,
        paid_on: "2026-11-02".to_owned(),
        bank_reference: format!("FLYW 20261102 {number:06}"),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, &remittance_id, &request);
    let reported = retry::until_answered(&[], async || {
        RemittanceServiceClient::new(admin.wire()).report_remittance(request.clone()).await
    });
    match reported.await {
        Err(status) if !failure::already(&status) => {
            Err(anyhow::Error::from(status).context("reporting money"))
        }
        _ => Ok(remittance_id),
    }
}

/// Where that stands in the log.
async fn confirm(finance: &Session, remittance_id: &str) -> anyhow::Result<u64> {
    let mut request = order::ConfirmRemittanceRequest {
        remittance_id: remittance_id.to_owned(),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, remittance_id, &request);
    let confirmed = retry::until_answered(&[], async || {
        RemittanceServiceClient::new(finance.wire()).confirm_remittance(request.clone()).await
    });
    let receipt = confirmed.await.context("confirming money")?.into_inner().receipt;
    Ok(receipt.unwrap_or_default().position)
}

/// Orders are paid here; whether people confirm them too is for the brand to say.
pub(super) async fn rules(finance: &Session, tenant: &str, reviewed: bool) -> anyhow::Result<()> {
    let rules = order::OrderRules {
        settled_here: true,
        reviewed,
        rebate_share_percent: 30,
        overdue_grace_days: Some(7),
        stock_checked: true,
        hands_over: false,
        ..Default::default()
    };
    let mut request = order::SetOrderRulesRequest { rules: Some(rules), ..Default::default() };
    request.request_id = request_id(tenant, "order-rules", &request);
    let set = retry::until_answered(&[], async || {
        OrderRulesServiceClient::new(finance.wire()).set_order_rules(request.clone()).await
    });
    set.await.map(drop).context("setting the order rules")
}

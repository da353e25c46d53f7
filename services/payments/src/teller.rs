//! Tells the order context what providers have said. What is told twice counts once: the payment
//! itself says that it has heard it. So each telling is a request of its own, and nobody who could
//! foresee its id can stand in its way.

use chrono::{NaiveDate, SecondsFormat};
use kernel::agent;
use kernel::auth::Keys;
use order::payment::told;
use order::provider_bill::DifferenceKind;
use proto::order::v1::payment_service_client::PaymentServiceClient;
use proto::order::v1::provider_bill_service_client::ProviderBillServiceClient;
use proto::order::v1::{
    BillDifference, BillDifferenceKind, BillTotals, NotePaymentCapturedRequest,
    NotePaymentClosedRequest, NotePaymentPresentedRequest, NoteProviderBillRequest,
    NoteRefundRequest,
};
use psp::{Capture, Provider};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::bills::{Comparison, Difference, Totals};

/// Who tells.
const NAME: &str = "payments";

/// Longest text of a provider that is told.
const DETAIL: usize = 500;

/// What tells.
#[derive(Clone)]
pub(crate) struct Teller {
    pub(crate) order: Channel,
    pub(crate) keys: Keys,
}

/// What came of telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is on record, now or since before.
    Noted,
    /// It is about nothing that is known.
    Unknown,
}

/// How it is known that something was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The provider has told it.
    Notice,
    /// The provider was asked.
    LookUp,
}

/// Which of a tenant's payments.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) payment_id: &'a str,
}

impl Teller {
    /// What whoever pays has to open.
    pub(crate) async fn presented(&self, of: Of<'_>, url: String) -> Result<Heard, Status> {
        let request = NotePaymentPresentedRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            payment_id: of.payment_id.to_owned(),
            url,
        };
        let request = agent::request(&self.keys, NAME, of.tenant, request)?;
        heard(self.client().note_payment_presented(request).await)
    }

    /// The provider has the money.
    pub(crate) async fn captured(
        &self,
        tenant: &str,
        capture: &Capture,
        source: Source,
    ) -> Result<Heard, Status> {
        let paid_at = capture.paid_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let request = NotePaymentCapturedRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            payment_id: capture.payment_id.clone(),
            transaction: capture.transaction_id.clone(),
            amount_minor: capture.amount.0,
            currency_code: capture.currency.as_str().to_owned(),
            paid_at,
            looked_up: source == Source::LookUp,
        };
        let request = agent::request(&self.keys, NAME, tenant, request)?;
        heard(self.client().note_payment_captured(request).await)
    }

    /// Nobody can pay it any more; with what the provider said, where it did not take it.
    pub(crate) async fn closed(&self, of: Of<'_>, refused: Option<&str>) -> Result<Heard, Status> {
        let detail = refused.map(plain).unwrap_or_default();
        let request = NotePaymentClosedRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            payment_id: of.payment_id.to_owned(),
            refused: refused.is_some(),
            detail,
        };
        let request = agent::request(&self.keys, NAME, of.tenant, request)?;
        heard(self.client().note_payment_closed(request).await)
    }

    /// How a refund went; with what the provider said, where it can not be done.
    pub(crate) async fn refunded(
        &self,
        of: Of<'_>,
        refund_id: &str,
        failure: Option<&str>,
    ) -> Result<Heard, Status> {
        let failure = failure.map(plain).unwrap_or_default();
        let request = NoteRefundRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            payment_id: of.payment_id.to_owned(),
            refund_id: refund_id.to_owned(),
            failure,
        };
        let request = agent::request(&self.keys, NAME, of.tenant, request)?;
        heard(self.client().note_refund(request).await)
    }

    /// How a bill compares with what is on record. Answers with the position of the log that has it.
    pub(crate) async fn compared(
        &self,
        bill: &Billed<'_>,
        comparison: &Comparison,
    ) -> Result<u64, Status> {
        let request = NoteProviderBillRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            provider: told::provider(bill.provider).into(),
            merchant: bill.merchant.to_owned(),
            day: bill.day.to_string(),
            there: Some(totals(comparison.there)),
            here: Some(totals(comparison.here)),
            fee_minor: comparison.fee.0,
            digest: comparison.digest.clone(),
            differences_count: comparison.count,
            differences: comparison.differences.iter().map(difference).collect(),
            asked_by: bill.asked_by.to_owned(),
        };
        let request = agent::request(&self.keys, NAME, bill.tenant, request)?;
        let mut client = ProviderBillServiceClient::new(self.order.clone());
        let answer = client.note_provider_bill(request).await?.into_inner();
        Ok(answer.receipt.map_or(0, |receipt| receipt.position))
    }

    fn client(&self) -> PaymentServiceClient<Channel> {
        PaymentServiceClient::new(self.order.clone())
    }
}

/// Whose bill of which day, and who asked for it.
pub(crate) struct Billed<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) provider: Provider,
    pub(crate) merchant: &'a str,
    pub(crate) day: NaiveDate,
    pub(crate) asked_by: &'a str,
}

pub(crate) fn totals(of: Totals) -> BillTotals {
    let Totals { paid, refunded } = of;
    BillTotals {
        paid_count: paid.0,
        paid_minor: paid.1,
        refunded_count: refunded.0,
        refunded_minor: refunded.1,
    }
}

fn difference(it: &Difference) -> BillDifference {
    let kind = match it.kind {
        DifferenceKind::OnlyThere => BillDifferenceKind::OnlyThere,
        DifferenceKind::OnlyHere => BillDifferenceKind::OnlyHere,
        DifferenceKind::Amount => BillDifferenceKind::Amount,
    };
    BillDifference {
        difference_id: it.id(),
        kind: kind.into(),
        is_refund: it.is_refund,
        payment: it.payment.clone(),
        refund: it.refund.clone(),
        transaction: it.transaction.clone(),
        there_minor: it.there.map(|amount| amount.0),
        here_minor: it.here.map(|amount| amount.0),
    }
}

/// A text of a provider as it can be told: without signs that nobody can read, and not too long.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|sign| !sign.is_control()).take(DETAIL).collect();
    if text.trim().is_empty() { "—".to_owned() } else { text }
}

/// A no of a rule is an answer, too: it says that something else is on record already.
fn heard<T>(answer: Result<T, Status>) -> Result<Heard, Status> {
    match answer {
        Ok(_) => Ok(Heard::Noted),
        Err(status) if status.code() == Code::NotFound => Ok(Heard::Unknown),
        Err(status) if says_no(&status) => Ok(Heard::Noted),
        Err(status) => Err(status),
    }
}

/// Whether the payment itself said no; other reasons may pass.
fn says_no(status: &Status) -> bool {
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
    let known = [
        "ALREADY_PRESENTED",
        "ALREADY_CAPTURED",
        "ALREADY_CLOSED",
        "ALREADY_PARKED",
        "ALREADY_DISMISSED",
        "REFUND_OVER",
    ];
    status.code() == Code::FailedPrecondition
        && reason.is_some_and(|reason| known.contains(&reason.as_str()))
}

//! Requests about bills of providers, of people and of what talks to providers.

use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::provider_bill_service_server::ProviderBillService;
use tonic::{Request, Status};
use values::{Currency, Minor};

use super::payments::from_provider;
use super::{Api, all, parse, unsaid, words};
use crate::payment::Provider;
use crate::provider_bill::{
    self, BillDifference, BillTotals, DifferenceKind, ProviderBill, ProviderBillCommand,
    ProviderBillCompared,
};

#[tonic::async_trait]
impl ProviderBillService for Api {
    async fn note_provider_bill(
        &self,
        r: Request<api::NoteProviderBillRequest>,
    ) -> Reply<api::NoteProviderBillResponse> {
        self.0.run(r).await
    }

    async fn resolve_bill_difference(
        &self,
        r: Request<api::ResolveBillDifferenceRequest>,
    ) -> Reply<api::ResolveBillDifferenceResponse> {
        self.0.run(r).await
    }
}

impl IntoCommand<ProviderBill> for api::NoteProviderBillRequest {
    type Command = Addressed<ProviderBill>;

    fn into_command(self, call: &Call) -> Result<Addressed<ProviderBill>, Status> {
        from_provider(call)?;
        let mut wrong = Violations::default();
        let provider = match self.provider() {
            api::PaymentProvider::Unspecified => unsaid(&mut wrong, "provider"),
            api::PaymentProvider::WechatPay => Some(Provider::WechatPay),
            api::PaymentProvider::Alipay => Some(Provider::Alipay),
        };
        let day = parse(&mut wrong, "day", &self.day);
        let currency: Option<Currency> = parse(&mut wrong, "currency_code", "CNY");
        let differences = all(&self.differences, |index, told| difference(&mut wrong, index, told));
        let compared = (|| {
            let (provider, day) = (provider?, day?);
            Some(ProviderBillCompared {
                bill_id: provider_bill::bill_id(provider, &self.merchant, day),
                provider,
                merchant: self.merchant,
                day,
                currency: currency?,
                there: totals(self.there.as_ref()),
                here: totals(self.here.as_ref()),
                fee_minor: Minor(self.fee_minor),
                digest: self.digest,
                differences_count: self.differences_count,
                differences: differences?,
                gone: Vec::new(),
                asked_by: Some(self.asked_by).filter(|asked_by| !asked_by.is_empty()),
            })
        })();
        let compared = wrong.finish(compared)?;
        let object_id = compared.bill_id.clone();
        Ok(Addressed { object_id, command: ProviderBillCommand::Compare(Box::new(compared)) })
    }
}

fn totals(told: Option<&api::BillTotals>) -> BillTotals {
    let told = told.copied().unwrap_or_default();
    BillTotals {
        paid_count: told.paid_count,
        paid_minor: Minor(told.paid_minor),
        refunded_count: told.refunded_count,
        refunded_minor: Minor(told.refunded_minor),
    }
}

fn difference(
    wrong: &mut Violations,
    index: usize,
    told: &api::BillDifference,
) -> Option<BillDifference> {
    let kind = match told.kind() {
        api::BillDifferenceKind::Unspecified => unsaid(wrong, format!("differences[{index}].kind")),
        api::BillDifferenceKind::OnlyThere => Some(DifferenceKind::OnlyThere),
        api::BillDifferenceKind::OnlyHere => Some(DifferenceKind::OnlyHere),
        api::BillDifferenceKind::Amount => Some(DifferenceKind::Amount),
    };
    Some(BillDifference {
        difference_id: told.difference_id.clone(),
        kind: kind?,
        is_refund: told.is_refund,
        payment: told.payment.clone(),
        refund: told.refund.clone(),
        transaction: told.transaction.clone(),
        there_minor: told.there_minor.map(Minor),
        here_minor: told.here_minor.map(Minor),
    })
}

impl IntoCommand<ProviderBill> for api::ResolveBillDifferenceRequest {
    type Command = Addressed<ProviderBill>;

    fn into_command(self, _: &Call) -> Result<Addressed<ProviderBill>, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| ProviderBillCommand::Resolve {
            difference_id: self.difference_id,
            reason,
        });
        Ok(Addressed { object_id: self.bill_id, command: wrong.finish(command)? })
    }
}

//! Asks for money back. Only what a provider says of a refund itself ends it: an answer that can not
//! be read, or that nobody has signed, says nothing about the money.

use chrono::TimeDelta;
use kernel::failure::chain;
use psp::{Client, PspError, Refund, RefundStanding, Standing};
use values::Minor;

use crate::errands::{Errand, Step};
use crate::worker::{Next, NotDone, REFUND_PAUSE, Worker, of, pause};

/// What WeChat Pay calls a refund that somebody has to do by hand at its desk.
const BY_HAND: &str = "ABNORMAL";

impl Worker {
    pub(crate) async fn refund(
        &self,
        client: &Client,
        errand: &Errand,
    ) -> Result<Option<Next>, NotDone> {
        if let Some(next) = self.earlier(client, errand).await? {
            return Ok(next);
        }
        // The provider wants to hear what it has of the payment, as it says itself.
        let of = match client.look_up(&errand.payment_id).await? {
            Standing::Paid(capture) => capture.amount,
            Standing::Unknown | Standing::Waiting | Standing::Closed => Minor(errand.paid_minor),
        };
        let refund = Refund {
            refund_id: errand.refund_id.clone(),
            payment_id: errand.payment_id.clone(),
            amount: Minor(errand.amount_minor),
            of,
            reason: errand.reason.clone(),
            notify_url: self.merchants.notify_url(&errand.tenant_id, client.provider()),
        };
        match client.refund(&refund).await {
            Ok(standing) => self.stands(errand, standing).await,
            // An earlier try may have come through.
            Err(no @ PspError::Refused { .. }) => {
                match client.look_up_refund(&errand.payment_id, &errand.refund_id).await? {
                    Some(standing) => self.stands(errand, standing).await,
                    None => self.ended(errand, Some(&chain(&no))).await,
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn look_up_refund(
        &self,
        client: &Client,
        errand: &Errand,
    ) -> Result<Option<Next>, NotDone> {
        match client.look_up_refund(&errand.payment_id, &errand.refund_id).await? {
            Some(standing) => self.stands(errand, standing).await,
            // It was asked for, and is not known: asked for again, it is the same one.
            None => {
                let after = pause(errand.tries, REFUND_PAUSE);
                Ok(Some(Next { step: Step::Refund, after }))
            }
        }
    }

    /// What became of the refund that this one is in place of: if the money is back by it, or still
    /// may be, it is not asked for twice.
    async fn earlier(
        &self,
        client: &Client,
        errand: &Errand,
    ) -> Result<Option<Option<Next>>, NotDone> {
        if errand.replaces.is_empty() {
            return Ok(None);
        }
        match client.look_up_refund(&errand.payment_id, &errand.replaces).await? {
            Some(RefundStanding::Refunded { .. }) => Ok(Some(self.ended(errand, None).await?)),
            Some(RefundStanding::Processing) => {
                let after = pause(errand.tries, REFUND_PAUSE);
                Ok(Some(Some(Next { step: Step::Refund, after })))
            }
            Some(RefundStanding::Failed { reason }) if reason.contains(BY_HAND) => {
                let why = format!(
                    "退款 {} 须在支付机构的商户平台上处理 · that refund is done by hand at the provider: \
                     {reason}",
                    errand.replaces
                );
                Ok(Some(self.ended(errand, Some(&why)).await?))
            }
            Some(RefundStanding::Failed { .. }) | None => Ok(None),
        }
    }

    async fn stands(
        &self,
        errand: &Errand,
        standing: RefundStanding,
    ) -> Result<Option<Next>, NotDone> {
        match standing {
            RefundStanding::Refunded { .. } => self.ended(errand, None).await,
            RefundStanding::Failed { reason } => self.ended(errand, Some(&reason)).await,
            RefundStanding::Processing => {
                let after = pause(errand.tries, REFUND_PAUSE);
                Ok(Some(Next { step: Step::LookUpRefund, after }))
            }
        }
    }

    async fn ended(&self, errand: &Errand, failure: Option<&str>) -> Result<Option<Next>, NotDone> {
        self.teller.refunded(of(errand), &errand.refund_id, failure).await?;
        Ok(Some(Next { step: Step::Done, after: TimeDelta::zero() }))
    }
}

//! What would be decided, without deciding it.

use std::future::Future;

use uuid::Uuid;

use super::{CommandContext, Commands, LOSSES, Rejected, Trust, Work};
use crate::access::ApartFrom;
use crate::decider::Refusal;
use crate::log::{AppendError, NotQueued, RequestKey};
use crate::metadata::Metadata;

/// Times a question may find that a command of its own process was faster, before it is answered as
/// of a moment ago.
const OUTRUN: u32 = 20;

/// Something that is worked out from objects of a context as they are now, by the rules that its
/// commands follow, and changes nothing: what an order would cost, for example.
pub trait Question: Send + Sync {
    /// What comes of it.
    type Answer: Send;
    /// Why there is no answer.
    type Refusal: Refusal;

    /// Reads what is needed. It runs again when something has changed meanwhile.
    fn look(
        &self,
        work: &mut Work<'_>,
    ) -> impl Future<Output = Result<Self::Answer, Rejected<Self::Refusal>>> + Send;
}

impl Commands {
    /// Answers a question on what is stored: like a command it looks at the states in memory, and
    /// the database is asked whether the objects still are as they were seen. When others change
    /// them all the time, the answer is of a moment ago.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub async fn ask<Q: Question>(
        &self,
        question: &Q,
        metadata: Metadata,
    ) -> Result<Q::Answer, Rejected<Q::Refusal>> {
        let request = RequestKey { id: Uuid::now_v7(), digest: [0; 32] };
        let apart_from = ApartFrom::default();
        let context = CommandContext { metadata, request, expected_version: None, apart_from };
        let (mut losses, mut outrun) = (0, 0);
        while losses < LOSSES && outrun < OUTRUN {
            let mut work = Work::new(&self.log, &context, Trust::Memory);
            let answer = question.look(&mut work).await;
            if let Err(failed) = &answer
                && !failed.is_an_answer()
            {
                return answer;
            }
            match self.log.store(work.into_question()).await {
                Err(NotQueued::Outrun) => {
                    outrun += 1;
                    tokio::task::yield_now().await;
                }
                Err(NotQueued::Refused(error)) => return Err(error.into()),
                Ok(Err(AppendError::Conflict { .. })) => losses += 1,
                Ok(Err(error)) => return Err(error.into()),
                Ok(Ok(_)) => return answer,
            }
        }
        question.look(&mut Work::new(&self.log, &context, Trust::Nothing)).await
    }
}

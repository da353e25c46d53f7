//! Hands over what is due, and notes what came of it.
//!
//! Books that do not answer are asked again, less and less often; a document is never assumed to be
//! there or not to be: it is looked for by its number before it is saved, whoever saved it before.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use erp::{Answer, Client, Contracts, Kind, OTHER_DOCUMENT};
use kernel::clock;
use kernel::failure::chain;
use kernel::log::Log;
use order::connection::{CONNECTION, Connection};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::documents::{About, Documents, Due, Outcome};
use crate::making::{CANCELLED, Draft, Made, MakeError, Maker};

/// Documents under way at the same time.
const ROOM: usize = 32;
/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_millis(200);
/// How often a document that takes long is held again: several times within a lease.
const HOLD: Duration = Duration::from_secs(5);
/// The longest pause between two tries.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// Share of a pause that chance may add, in percent: else all that failed together would come again
/// together.
const JITTER: i64 = 20;
/// How soon a brand without a contract is looked at again.
const NOBODY: TimeDelta = TimeDelta::seconds(60);
/// Longest text of the books that is kept.
const WORDS: usize = 500;

/// What hands over.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) documents: Documents,
    pub(crate) contracts: Contracts,
    pub(crate) log: Log,
}

/// Why a document was not handed over, for now.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error("the document can not be made")]
    Make(#[from] MakeError),
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    #[error("the log does not answer")]
    Log(#[from] kernel::log::ReadError),
}

impl Worker {
    /// Hands over until it is told to stop; then what is under way ends.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let worker = Arc::new(self);
        let mut under_way = JoinSet::new();
        while !stop.is_cancelled() {
            while under_way.try_join_next().is_some() {}
            told("nothing begins", worker.documents.begin(clock::now()).await);
            let free = i64::try_from(ROOM.saturating_sub(under_way.len())).unwrap_or(0);
            let due =
                told("nothing is handed over", worker.documents.take(clock::now(), free).await);
            let due = due.unwrap_or_default();
            let begun = !due.is_empty();
            for due in due {
                let worker = worker.clone();
                under_way.spawn(async move { worker.go(due).await });
            }
            if begun {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => (),
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Hands a document over that was taken, and notes what came of it.
    pub(crate) async fn go(&self, due: Due) {
        let outcome = tokio::select! {
            outcome = self.outcome(&due) => outcome,
            () = self.held(&due) => return,
        };
        let outcome = outcome.unwrap_or_else(|error| {
            let (tenant, number) = (&due.tenant_id, &due.number);
            tracing::warn!(tenant, number, error = %chain(&error), "a document waits");
            again(&due, "NOT_MADE", &chain(&error))
        });
        let word = match &outcome {
            Outcome::Sent { .. } => "sent",
            Outcome::Refused { .. } => "refused",
            Outcome::Again { .. } => "again",
            Outcome::Nothing { .. } => "nothing",
        };
        metrics::counter!("qudao_connector_documents_total", "outcome" => word).increment(1);
        // Else it is handed over again once the lease is over, and found there.
        let noted = self.documents.note(&due, &outcome, clock::now()).await;
        told("what came of a document is not on record", noted);
    }

    /// Says again and again that the document is being handed over; ends when somebody else has it.
    async fn held(&self, due: &Due) {
        loop {
            tokio::time::sleep(HOLD).await;
            let held = told("a document is not held", self.documents.hold(due, clock::now()).await);
            if held == Some(false) {
                return;
            }
        }
    }

    async fn outcome(&self, due: &Due) -> Result<Outcome, NotDone> {
        let Some(client) = self.contracts.client(&due.tenant_id) else {
            let words = "没有配置 ERP 合同 · no contract with an ERP is configured".to_owned();
            return Ok(Outcome::Again { code: "NO_CONTRACT".to_owned(), words, pause: NOBODY });
        };
        let (connection, _) = self.log.load::<Connection>(&due.tenant_id, CONNECTION).await?;
        let settings = connection.settings.as_ref().ok_or(MakeError::Missing("the connection"))?;
        let order_there = self.documents.order_there(due).await?;
        let maker = Maker { log: &self.log, connection: &connection, settings, order_there };
        match maker.make(due).await? {
            Made::Document { dealer_id, drafts } => {
                self.hand_over(client, due, (&dealer_id, drafts)).await
            }
            Made::Cancelled(biz_id) => {
                Ok(match client.look_up(Kind::SalesOrder, &biz_id).await {
                    // A person closes it there.
                    Ok(Some(found)) => Outcome::Sent { their_number: found.number },
                    Ok(None) => Outcome::Nothing { words: CANCELLED.to_owned() },
                    Err(error) => came(due, error.into()),
                })
            }
            Made::Nothing(words) => Ok(Outcome::Nothing { words: words.to_owned() }),
        }
    }

    /// Hands over what a document says now; where the books have what it said before, that stays, and
    /// is on record.
    async fn hand_over(
        &self,
        client: &Client,
        due: &Due,
        (dealer_id, mut drafts): (&str, Vec<Draft>),
    ) -> Result<Outcome, NotDone> {
        let biz_id = drafts.first().map(|it| (it.document.kind(), it.document.biz_id.clone()));
        let was_sent = due.made_at.is_some() && drafts.len() > 1;
        if let Some((kind, biz_id)) = biz_id.filter(|_| due.checking || was_sent) {
            match client.look_up(kind, &biz_id).await {
                // Most likely it is what was sent at last; what is not moved keeps its order.
                Ok(Some(_)) => drafts.sort_by_key(|it| Some(it.as_of) != due.made_at),
                // On record before it is handed over: the answer to that may be lost.
                Ok(None) if due.checking => self.documents.missing(due).await?,
                Ok(None) => (),
                Err(error) => return Ok(came(due, error.into())),
            }
        }
        let mut outcome = Err(MakeError::Missing("what it says").into());
        for Draft { as_of, document } in drafts {
            let about = About {
                dealer_id: dealer_id.to_owned(),
                currency: document.currency.as_str().to_owned(),
                amount_minor: document.total().0,
                as_of,
            };
            self.documents.describe(due, &about).await?;
            let answer = client.hand_over(&document).await;
            let is_other =
                matches!(&answer, Answer::Refused { code, .. } if code == OTHER_DOCUMENT);
            outcome = Ok(came(due, answer));
            if !is_other {
                break;
            }
        }
        outcome
    }
}

/// What an answer of the books comes to.
fn came(due: &Due, answer: Answer) -> Outcome {
    match answer {
        Answer::Accepted { number } => Outcome::Sent { their_number: number },
        Answer::Refused { code, text, permanent: true } => {
            Outcome::Refused { code: plain(&code), words: plain(&text) }
        }
        Answer::Refused { code, text, permanent: false } => again(due, &code, &text),
        Answer::Unknown(why) => {
            let words = chain(&why).to_string();
            tracing::debug!(
                tenant = due.tenant_id,
                number = due.number,
                error = words,
                "the books say nothing of a document"
            );
            again(due, "NO_ANSWER", &words)
        }
    }
}

fn again(due: &Due, code: &str, words: &str) -> Outcome {
    let pause = pause(due.tries, rand::random());
    Outcome::Again { code: plain(code), words: plain(words), pause }
}

/// The pause after so many tries: half a second, then twice as long each time, and a bit by chance.
fn pause(tries: i32, chance: u32) -> TimeDelta {
    let doubled = u32::try_from(tries.clamp(0, 20)).unwrap_or(0);
    let own = TimeDelta::milliseconds(500_i64 << doubled).min(LONGEST);
    let most = own.num_milliseconds() * JITTER / 100;
    own + TimeDelta::milliseconds(i64::from(chance) % (most + 1))
}

/// A text of the books as it can be kept.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(WORDS).collect()
}

/// What a database said, told to those who look after it.
pub(crate) fn told<T>(what: &'static str, done: sqlx::Result<T>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(error = %chain(error), "{what}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_their_longest_and_chance_adds_a_fifth_at_most() {
        let pauses: Vec<_> = (0..4).map(|tries| pause(tries, 0).num_milliseconds()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000]);
        assert_eq!(pause(i32::MAX, 0), LONGEST);
        assert_eq!(pause(-1, 0), TimeDelta::milliseconds(500));
        for chance in (0..100_000).step_by(37) {
            let pause = pause(3, chance).num_milliseconds();
            assert!((4_000..=4_800).contains(&pause), "{pause}");
        }
    }

    #[test]
    fn what_the_books_say_is_kept_without_signs_that_nobody_can_read() {
        assert_eq!(plain("物料\n不存在\u{7}"), "物料不存在");
        assert_eq!(plain(&"长".repeat(900)).chars().count(), WORDS);
    }
}

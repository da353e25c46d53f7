//! Streams as compared with their logs, and how one is put right.

use async_nats::jetstream;
use kernel::Text;
use kernel::failure::{read_failed, status, unavailable};
use kernel::log::Log;
use kernel::relay::reconcile::{Reconciled, reconcile};
use kernel::relay::{Difference, Problem, RelayError, inspect};
use kernel::stream;
use proto::operations::v1 as pb;
use tonic::{Code, Status};

/// A log and its stream. A stream that can not be asked is told as such: the log still can.
pub(super) async fn state(
    log: &Log,
    jetstream: &jetstream::Context,
) -> Result<pb::StreamStatus, Status> {
    let position = log.head().await.map_err(|error| read_failed(&error))?;
    let found = inspect(log, jetstream, Difference::Last).await;
    let mut told = pb::StreamStatus {
        name: stream::name(log.context()),
        log_position: position,
        ..Default::default()
    };
    match found {
        Ok(Some(standing)) => {
            told.log_position = standing.position;
            told.stream_sequence = standing.sequence;
            told.events = standing.messages;
            name_problem(&mut told, standing.problem().as_ref());
        }
        // The relay makes it at once.
        Ok(None) => (),
        Err(error) => {
            tracing::warn!(stream = told.name, %error, "the stream can not be asked");
            told.problem = "UNREACHABLE".to_owned();
            told.problem_zh = "JetStream 暂无应答".to_owned();
            told.problem_en = "JetStream does not answer".to_owned();
        }
    }
    Ok(told)
}

fn name_problem(told: &mut pb::StreamStatus, problem: Option<&Problem>) {
    if let Some(problem) = problem {
        let text = problem.text();
        told.problem = problem.reason().to_owned();
        (told.problem_zh, told.problem_en) = (text.zh, text.en);
    }
}

/// Puts the stream of a log right, or says what would be done.
pub(super) async fn put_right(
    log: &Log,
    jetstream: &jetstream::Context,
    dry_run: bool,
) -> Result<pb::ReconcileStreamResponse, Status> {
    let mut found = state(log, jetstream).await?;
    let done = reconcile(log, jetstream, dry_run).await.map_err(failed)?;
    let Reconciled { problem, foreign_from, foreign, put_aside, deleted } = done;
    name_problem(&mut found, problem.as_ref());
    Ok(pb::ReconcileStreamResponse {
        found: Some(found),
        foreign_from: foreign_from.unwrap_or_default(),
        foreign_events: foreign,
        put_aside: put_aside.unwrap_or_default(),
        deleted,
    })
}

fn failed(error: RelayError) -> Status {
    if let RelayError::Stream(cause) = &error {
        let text = Text::new(
            format!("JetStream 拒绝或没有应答：{cause}"),
            format!("JetStream refuses or does not answer: {cause}"),
        );
        return status(Code::Unavailable, "JETSTREAM_FAILED", &text);
    }
    unavailable(&error)
}

/// There is no such stream.
pub(super) fn unknown(name: &str, known: &[String]) -> Status {
    let known = known.join(", ");
    let text = Text::new(
        format!("没有名为“{name}”的事件流；现有：{known}"),
        format!("there is no stream {name}; there are {known}"),
    );
    status(Code::NotFound, "NO_SUCH_STREAM", &text)
}

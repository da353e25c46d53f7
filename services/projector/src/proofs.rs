//! Proofs and signed exports, made from the logs themselves.

use std::pin::Pin;

use chrono::DateTime;
use futures::{Stream, StreamExt as _};
use kernel::Text;
use kernel::failure::{Violations, internal, status, unavailable};
use kernel::proofs::{Chosen, ProofError, Proofs, Stored};
use kernel::rpc::{self, Reply};
use proof::export::Selection;
use proto::proof::v1 as pb;
use proto::proof::v1::get_inclusion_proof_request::Event;
use proto::proof::v1::proof_service_server::ProofService;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

/// Pieces of an export that may wait for a slow client.
const AHEAD: usize = 4;
/// Longest piece that is sent at once, in bytes.
const PIECE: usize = 1 << 20;

/// The proofs of all contexts.
#[derive(Clone)]
pub(crate) struct ProofApi {
    pub(crate) logs: Vec<Proofs>,
}

impl ProofApi {
    fn log(&self, context: &str) -> Result<&Proofs, Status> {
        let name = if context.is_empty() { "order" } else { context };
        let found = self.logs.iter().find(|log| log.context() == name);
        found.ok_or_else(|| {
            let known: Vec<_> = self.logs.iter().map(Proofs::context).collect();
            crate::read::no_such_context(name, &known)
        })
    }
}

fn key(log: &Proofs) -> String {
    log.signer().map(|signer| signer.verifier().to_string()).unwrap_or_default()
}

fn checkpoint(stored: Stored) -> pb::Checkpoint {
    pb::Checkpoint { size: stored.checkpoint.size, note: stored.note }
}

#[tonic::async_trait]
impl ProofService for ProofApi {
    async fn get_checkpoint(
        &self,
        request: Request<pb::GetCheckpointRequest>,
    ) -> Reply<pb::GetCheckpointResponse> {
        let request = request.into_inner();
        let log = self.log(&request.context)?;
        let stored = match request.size {
            0 => log.sign_now().await,
            size => log.checkpoint_at(size).await,
        };
        let checkpoint = Some(checkpoint(stored.map_err(failed)?));
        Ok(Response::new(pb::GetCheckpointResponse { checkpoint, verifier_key: key(log) }))
    }

    async fn list_checkpoints(
        &self,
        request: Request<pb::ListCheckpointsRequest>,
    ) -> Reply<pb::ListCheckpointsResponse> {
        let request = request.into_inner();
        let log = self.log(&request.context)?;
        let limit = if request.limit == 0 { 100 } else { request.limit.min(1_000) };
        let stored = log.checkpoints(request.after_size, limit).await.map_err(failed)?;
        let checkpoints = stored.into_iter().map(checkpoint).collect();
        Ok(Response::new(pb::ListCheckpointsResponse { checkpoints }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<pb::GetInclusionProofRequest>,
    ) -> Reply<pb::GetInclusionProofResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let request = request.into_inner();
        let log = self.log(&request.context)?;
        let chosen = chosen(request.event)?;
        let size = (request.size > 0).then_some(request.size);
        let found = log.event(&tenant, chosen, size).await.map_err(failed)?;
        let selected = found.ok_or_else(|| {
            let text = Text::new("没有这个事件", "there is no such event");
            status(Code::NotFound, "NO_SUCH_EVENT", &text)
        })?;
        Ok(Response::new(pb::GetInclusionProofResponse {
            event_json: serde_json::to_string(&selected.line).map_err(|error| internal(&error))?,
            checkpoint: Some(checkpoint(selected.at)),
            verifier_key: key(log),
        }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<pb::GetConsistencyProofRequest>,
    ) -> Reply<pb::GetConsistencyProofResponse> {
        let request = request.into_inner();
        let log = self.log(&request.context)?;
        let old = log.checkpoint_at(request.old_size).await.map_err(failed)?;
        let new = match request.new_size {
            0 => log.sign_now().await,
            size => log.checkpoint_at(size).await,
        };
        let new = new.map_err(failed)?;
        if new.checkpoint.size < old.checkpoint.size {
            let mut violations = Violations::default();
            let text = Text::new("必须不小于 old_size", "must not be smaller than old_size");
            violations.add("new_size", text);
            violations.finish(None::<()>)?;
        }
        let path = log.consistency(&old, &new).await.map_err(failed)?;
        Ok(Response::new(pb::GetConsistencyProofResponse {
            old: Some(checkpoint(old)),
            new: Some(checkpoint(new)),
            path: path.into_iter().map(Vec::from).collect(),
            verifier_key: key(log),
        }))
    }

    type ExportHistoryStream =
        Pin<Box<dyn Stream<Item = Result<pb::ExportHistoryResponse, Status>> + Send>>;

    async fn export_history(
        &self,
        request: Request<pb::ExportHistoryRequest>,
    ) -> Reply<Self::ExportHistoryStream> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let request = request.into_inner();
        let log = self.log(&request.context)?.clone();
        let selection = selection(tenant, request)?;
        let (pieces, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            if let Err(error) = log.export(selection, pieces.clone()).await {
                // The client may have gone away; then nobody needs to know.
                let _ = pieces.send(Err(error)).await;
            }
        });
        let answers = ReceiverStream::new(receiver).flat_map(|piece| {
            futures::stream::iter(match piece {
                Ok(piece) => answers(&piece),
                Err(error) => vec![Err(failed(error))],
            })
        });
        Ok(Response::new(Box::pin(answers)))
    }
}

/// A piece as messages that are not too long; at least one, so that empty files are known too.
fn answers(piece: &kernel::proofs::Piece) -> Vec<Result<pb::ExportHistoryResponse, Status>> {
    let (done, total) = piece.progress;
    let answer = |content: &[u8]| pb::ExportHistoryResponse {
        file: piece.file.to_owned(),
        content: content.to_vec(),
        done,
        total,
    };
    match piece.bytes.is_empty() {
        true => vec![Ok(answer(&[]))],
        false => piece.bytes.chunks(PIECE).map(|content| Ok(answer(content))).collect(),
    }
}

fn chosen(event: Option<Event>) -> Result<Chosen, Status> {
    let mut violations = Violations::default();
    let chosen = match event {
        Some(Event::Position(position)) => Some(Chosen::Position(position)),
        Some(Event::EventId(id)) => violations
            .take("event_id", id.parse().map_err(|_| Text::new("必须是 UUID", "must be a UUID")))
            .map(Chosen::Id),
        None => {
            let text = Text::new("请给出 position 或 event_id", "give position or event_id");
            violations.add("event", text);
            None
        }
    };
    violations.finish(chosen)
}

/// What is asked for; always of the caller's tenant, so never of everything.
fn selection(tenant: String, request: pb::ExportHistoryRequest) -> Result<Selection, Status> {
    let mut violations = Violations::default();
    let mut time = |field: &str, text: &str| match text {
        "" => Some(None),
        text => violations
            .take(
                field,
                DateTime::parse_from_rfc3339(text).map_err(|_| {
                    Text::new("必须是 RFC 3339 时间", "must be a time like 2026-11-23T14:05:00Z")
                }),
            )
            .map(|time| Some(time.timestamp_micros())),
    };
    let times =
        time("from_time", &request.from_time).zip(time("before_time", &request.before_time));
    let (from_time_us, before_time_us) = violations.finish(times)?;
    let given = |position: u64| (position > 0).then_some(position);
    Ok(Selection {
        tenant: Some(tenant),
        object: (!request.object.is_empty()).then_some(request.object),
        event_types: request.event_types,
        from_position: given(request.from_position),
        to_position: given(request.to_position),
        from_time_us,
        before_time_us,
    })
}

fn failed(error: ProofError) -> Status {
    match error {
        ProofError::Database(error) => unavailable(&error),
        ProofError::NotSigned => status(
            Code::NotFound,
            "NOT_SIGNED",
            &Text::new("没有对应的已签名检查点", "there is no signed checkpoint of that size"),
        ),
        ProofError::Row
        | ProofError::Tree
        | ProofError::Shortened { .. }
        | ProofError::Broken(_)
        | ProofError::Key(_) => {
            tracing::error!(error = %kernel::failure::chain(&error), "a log can not be proved");
            let text = Text::new(
                "日志无法通过校验，请联系管理员运行 qudao verify",
                "the log does not pass its own check; ask the operator to run `qudao verify`",
            );
            status(Code::DataLoss, "LOG_NOT_WHOLE", &text)
        }
        ProofError::NoKey => internal(&error),
    }
}

//! The body that every command rpc has. What is before it is [`crate::gate`].

use chrono::{DateTime, NaiveDate, Utc};
use proto::CommandRequest;
use proto::access::v1::Role;
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::access::ApartFrom;
use crate::auth::Caller;
use crate::clock;
use crate::command::{CommandContext, Commands, Question, Transaction};
use crate::failure::{self, Violations};
use crate::log::RequestKey;
use crate::metadata::Metadata;
use crate::telemetry;
use crate::text::Text;

/// What an rpc answers.
pub type Reply<T> = Result<tonic::Response<T>, Status>;

/// The caller of a request that has passed the gate.
///
/// # Errors
/// UNAUTHENTICATED when the rpc is public and nobody is signed in.
pub fn caller<T>(request: &tonic::Request<T>) -> Result<&Caller, Status> {
    request.extensions().get::<Caller>().ok_or_else(|| {
        let text = Text::new("请先登录", "sign in first");
        failure::status(Code::Unauthenticated, "NOT_SIGNED_IN", &text)
    })
}

/// What a command's parser may know besides the request.
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// When the server took the call.
    pub now: DateTime<Utc>,
    /// The idempotency key, from which ids can be made that repeats make again.
    pub request_id: Uuid,
}

impl Call {
    /// Today in the tenant's time zone.
    pub fn today(&self) -> NaiveDate {
        self.caller.business_day(self.now)
    }
}

/// How a request becomes a command: types, units, ranges; no rules. `D` is the aggregate that the
/// command is about: a type of the context's own, as Rust asks of an implementation for a request
/// type that the contracts' crate owns.
pub trait IntoCommand<D>:
    CommandRequest + prost::Message + prost::Name + Clone + Send + 'static
{
    /// What is carried out.
    type Command: Transaction;

    /// The tenant whose objects change; the caller's own, but for the operator's requests.
    fn tenant(&self, caller: &Caller) -> String {
        caller.tenant.clone()
    }

    /// Clears what must leave no trace, not even in the digest that repeats are known by.
    fn forget_secrets(&mut self) {}

    /// Parses the request.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with all fields that are wrong, or PERMISSION_DENIED when the request is
    /// about somebody else's objects.
    fn into_command(self, call: &Call) -> Result<Self::Command, Status>;
}

/// How a request becomes a [`Question`]. `D` is the aggregate that it is about, as of
/// [`IntoCommand`].
pub trait IntoQuestion<D>: Send + 'static {
    /// What is asked.
    type Question: Question;

    /// Parses the request.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with all fields that are wrong.
    fn into_question(self, call: &Call) -> Result<Self::Question, Status>;
}

/// The body of every command rpc.
#[derive(Clone)]
pub struct CommandApi(pub Commands);

impl CommandApi {
    /// Parses, carries out, answers with the receipt.
    ///
    /// # Errors
    /// As google.rpc.Status, see [`crate::failure`].
    pub async fn run<D, Q, A>(&self, request: tonic::Request<Q>) -> Reply<A>
    where
        Q: IntoCommand<D>,
        A: From<proto::common::v1::Receipt>,
    {
        self.run_prepared(request, |command| std::future::ready(Ok(command))).await
    }

    /// The same with a step before anything is decided, for what no decider may do: I/O, such as
    /// sealing what is personal. The step is done again when the request is repeated.
    ///
    /// # Errors
    /// As google.rpc.Status, see [`crate::failure`].
    pub async fn run_prepared<D, Q, A, F>(
        &self,
        request: tonic::Request<Q>,
        prepare: impl FnOnce(Q::Command) -> F + Send,
    ) -> Reply<A>
    where
        Q: IntoCommand<D>,
        A: From<proto::common::v1::Receipt>,
        F: Future<Output = Result<Q::Command, Status>> + Send,
    {
        let caller = caller(&request)?.clone();
        let cause = Cause::of(&request, &caller);
        let apart_from = request.extensions().get::<ApartFrom>().cloned().unwrap_or_default();
        let request = request.into_inner();
        let key = request_key(&request)?;
        let call = Call { caller, now: clock::now(), request_id: key.id };
        let context = CommandContext {
            metadata: metadata(&call.caller, request.tenant(&call.caller), key.id, cause),
            request: key,
            expected_version: request.expected_version(),
            apart_from,
        };
        let command = prepare(request.into_command(&call)?).await?;
        let receipt = self.0.execute(&command, &context).await?;
        tracing::Span::current().record("qudao.position", receipt.position);
        Ok(tonic::Response::new(A::from(proto::common::v1::Receipt {
            object_id: receipt.object_id,
            version: receipt.version,
            position: receipt.position,
        })))
    }
}

impl CommandApi {
    /// Parses a question and answers it; nothing is stored.
    ///
    /// # Errors
    /// As google.rpc.Status, see [`crate::failure`].
    pub async fn ask<D, Q, A>(&self, request: tonic::Request<Q>) -> Reply<A>
    where
        Q: IntoQuestion<D>,
        A: From<<Q::Question as Question>::Answer>,
    {
        let caller = caller(&request)?.clone();
        let request_id = Uuid::now_v7();
        let call = Call { caller, now: clock::now(), request_id };
        let question = request.into_inner().into_question(&call)?;
        let tenant = call.caller.tenant.clone();
        let metadata = metadata(&call.caller, tenant, request_id, Cause::default());
        let answer = self.0.ask(&question, metadata).await?;
        Ok(tonic::Response::new(A::from(answer)))
    }
}

/// Header in which an integration names the event that made it ask.
pub const CAUSATION: &str = "qudao-causation-id";
/// Header in which an integration hands on the correlation of that event.
pub const CORRELATION: &str = "qudao-correlation-id";

/// What made the caller ask, when an integration says so. People's requests begin a story.
#[derive(Default)]
struct Cause {
    causation_id: Option<Uuid>,
    correlation_id: Option<Uuid>,
}

impl Cause {
    fn of<T>(request: &tonic::Request<T>, caller: &Caller) -> Self {
        if !caller.has(Role::Integration) {
            return Self::default();
        }
        let id = |name| Uuid::parse_str(request.metadata().get(name)?.to_str().ok()?).ok();
        Self { causation_id: id(CAUSATION), correlation_id: id(CORRELATION) }
    }
}

fn metadata(caller: &Caller, tenant: String, request_id: Uuid, cause: Cause) -> Metadata {
    let correlation = cause.correlation_id.or_else(telemetry::correlation_id);
    Metadata {
        tenant,
        actor_id: caller.user_id.clone(),
        correlation_id: correlation.unwrap_or(request_id),
        causation_id: cause.causation_id.unwrap_or(request_id),
        request_id,
        traceparent: telemetry::traceparent(),
    }
}

fn request_key<D, Q: IntoCommand<D>>(request: &Q) -> Result<RequestKey, Status> {
    let mut violations = Violations::default();
    let id = violations.take(
        "request_id",
        Uuid::parse_str(request.request_id())
            .map_err(|_| Text::new("必须是 UUID", "must be a UUID made by the caller")),
    );
    let id = violations.finish(id)?;
    let mut digest = Sha256::new();
    digest.update(Q::full_name());
    let mut told = request.clone();
    told.forget_secrets();
    digest.update(told.encode_to_vec());
    Ok(RequestKey { id, digest: digest.finalize().into() })
}

//! Endpoints, and the secrets that sign what is sent there.

use kernel::Text;
use kernel::command::{Addressed, Rejected};
use kernel::failure::{Violations, read_failed, status};
use kernel::outbound::Target;
use kernel::rpc::{self, Call, IntoCommand, Reply};
use kernel::signed::Secret;
use proto::access::v1::Role;
use proto::partner::v1 as pb;
use proto::partner::v1::webhook_service_server::WebhookService;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;
use values::text::bounded;

use super::PartnerApi;
use super::fields::{Done, explain, parse, reason};
use super::identity::id_of;
use crate::secrets::{Holder, SecretError};
use crate::sign_in::rfc3339;
use crate::transactions::RegisterWebhook;
use crate::webhook::{
    Cause, Endpoint, EventPattern, Webhook, WebhookCommand, WebhookRefusal, Wish,
};

#[tonic::async_trait]
impl WebhookService for PartnerApi {
    async fn register_webhook(
        &self,
        request: Request<pb::RegisterWebhookRequest>,
    ) -> Reply<pb::RegisterWebhookResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let secret_id = id_of(&request.get_ref().request_id)?;
        let (url, in_tenant) = (request.get_ref().url.clone(), tenant.as_str());
        let prepare = move |command: RegisterWebhook| async move {
            self.may_be_called(&url)?;
            self.make_secret((in_tenant, &command.endpoint_id), secret_id).await?;
            Ok(command)
        };
        let answer = self.commands.run_prepared::<Webhook, _, Done, _>(request, prepare).await;
        if answer.as_ref().is_err_and(|no| no.code() == Code::FailedPrecondition) {
            // Of an endpoint that there is no room for nothing is kept.
            let holder = secret_id.to_string();
            self.people().secrets.keep_only((&tenant, Holder::Endpoint(&holder)), None).await?;
        }
        let Done(receipt) = answer?.into_inner();
        let secret = self.secret((&tenant, &receipt.object_id), secret_id).await?;
        Ok(Response::new(pb::RegisterWebhookResponse { receipt: Some(receipt), secret }))
    }

    async fn change_webhook(
        &self,
        request: Request<pb::ChangeWebhookRequest>,
    ) -> Reply<pb::ChangeWebhookResponse> {
        let url = request.get_ref().url.clone();
        let prepare = move |command: Addressed<Webhook>| async move {
            self.may_be_called(&url)?;
            Ok(command)
        };
        self.commands.run_prepared(request, prepare).await
    }

    async fn enable_webhook(
        &self,
        request: Request<pb::EnableWebhookRequest>,
    ) -> Reply<pb::EnableWebhookResponse> {
        self.commands.run(request).await
    }

    async fn disable_webhook(
        &self,
        request: Request<pb::DisableWebhookRequest>,
    ) -> Reply<pb::DisableWebhookResponse> {
        self.commands.run(request).await
    }

    async fn remove_webhook(
        &self,
        request: Request<pb::RemoveWebhookRequest>,
    ) -> Reply<pb::RemoveWebhookResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let Done(receipt) = self.commands.run::<Webhook, _, Done>(request).await?.into_inner();
        // When this fails the caller hears so, and asks again: the answer is the same.
        self.people().secrets.erase((&tenant, Holder::Endpoint(&receipt.object_id))).await?;
        Ok(Response::new(pb::RemoveWebhookResponse { receipt: Some(receipt) }))
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<pb::RotateWebhookSecretRequest>,
    ) -> Reply<pb::RotateWebhookSecretResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let secret_id = id_of(&request.get_ref().request_id)?;
        let in_tenant = tenant.as_str();
        let prepare = move |command: Addressed<Webhook>| async move {
            // Of an endpoint that is not there nothing is kept.
            self.endpoint(in_tenant, &command.object_id).await?;
            self.make_secret((in_tenant, &command.object_id), secret_id).await?;
            Ok(command)
        };
        let answer = self.commands.run_prepared::<Webhook, _, Done, _>(request, prepare).await;
        let Done(receipt) = answer?.into_inner();
        let endpoint = self.endpoint(&tenant, &receipt.object_id).await?;
        let secret = self.secret((&tenant, &receipt.object_id), secret_id).await?;
        let until = endpoint.previous.map(|(_, until)| rfc3339(until));
        Ok(Response::new(pb::RotateWebhookSecretResponse {
            receipt: Some(receipt),
            secret,
            previous_until: until.unwrap_or_default(),
        }))
    }

    async fn reveal_webhook_secret(
        &self,
        request: Request<pb::RevealWebhookSecretRequest>,
    ) -> Reply<pb::RevealWebhookSecretResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let endpoint_id = request.into_inner().endpoint_id;
        let endpoint = self.endpoint(&tenant, &endpoint_id).await?;
        let secret = self.secret((&tenant, &endpoint_id), endpoint.secret_id).await?;
        Ok(Response::new(pb::RevealWebhookSecretResponse { secret }))
    }
}

fn unknown() -> Status {
    Rejected::Refused(WebhookRefusal::UnknownWebhook).into()
}

impl PartnerApi {
    /// Whether this installation would call an address; where a name leads is looked at each time
    /// that something is sent.
    fn may_be_called(&self, url: &str) -> Result<(), Status> {
        let mut bad = Violations::default();
        let target = Target::parse(url, self.reach).map_err(|error| error.text());
        let target = bad.take("url", target);
        bad.finish(target).map(drop)
    }

    async fn endpoint(&self, tenant: &str, id: &str) -> Result<Endpoint, Status> {
        let loaded = self.people().log.load::<Webhook>(tenant, id).await;
        match loaded.map_err(|error| read_failed(&error))?.0 {
            Webhook::Known(endpoint) => Ok(endpoint),
            Webhook::Unknown | Webhook::Removed => Err(unknown()),
        }
    }

    /// Makes a secret of an endpoint, unless there is one under the id.
    async fn make_secret(
        &self,
        (tenant, endpoint): (&str, &str),
        id: Uuid,
    ) -> Result<(), SecretError> {
        let secret = Secret::generate().text();
        self.people().secrets.keep((tenant, Holder::Endpoint(endpoint)), id, secret).await
    }

    async fn secret(&self, (tenant, endpoint): (&str, &str), id: Uuid) -> Result<String, Status> {
        let kept = self.people().secrets.signing(tenant, endpoint, &[id]).await?;
        kept.first().map(Secret::text).ok_or_else(unknown)
    }
}

fn endpoint_id(bad: &mut Violations, text: &str) -> Option<String> {
    let id = Uuid::parse_str(text).map(|id| id.to_string());
    bad.take("endpoint_id", id.map_err(|_| Text::new("必须是端点编号", "must be an endpoint's id")))
}

fn wish(bad: &mut Violations, url: &str, text: &str, event_types: &[String]) -> Option<Wish> {
    let description = bad.take("description", bounded(text, 0..=200).map_err(explain));
    let patterns: Option<Vec<EventPattern>> =
        event_types.iter().map(|it| parse(bad, "event_types", it)).collect();
    let mut event_types = patterns?;
    event_types.sort();
    event_types.dedup();
    Some(Wish { url: url.to_owned(), description: description?, event_types })
}

/// A command to an endpoint, once both are known.
fn addressed(
    bad: Violations,
    object_id: Option<String>,
    command: Option<WebhookCommand>,
) -> Result<Addressed<Webhook>, Status> {
    let both = object_id.zip(command);
    bad.finish(both.map(|(object_id, command)| Addressed { object_id, command }))
}

impl IntoCommand<Webhook> for pb::RegisterWebhookRequest {
    type Command = RegisterWebhook;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let wish = wish(&mut bad, &self.url, &self.description, &self.event_types);
        let (endpoint_id, secret_id) = (call.request_id.to_string(), call.request_id);
        bad.finish(wish.map(|wish| RegisterWebhook { endpoint_id, wish, secret_id }))
    }
}

impl IntoCommand<Webhook> for pb::ChangeWebhookRequest {
    type Command = Addressed<Webhook>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let id = endpoint_id(&mut bad, &self.endpoint_id);
        let wish = wish(&mut bad, &self.url, &self.description, &self.event_types);
        addressed(bad, id, wish.map(WebhookCommand::Change))
    }
}

impl IntoCommand<Webhook> for pb::EnableWebhookRequest {
    type Command = Addressed<Webhook>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let id = endpoint_id(&mut bad, &self.endpoint_id);
        addressed(bad, id, Some(WebhookCommand::Enable))
    }
}

impl IntoCommand<Webhook> for pb::DisableWebhookRequest {
    type Command = Addressed<Webhook>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let cause = match self.cause() {
            pb::WebhookCause::Unspecified | pb::WebhookCause::Asked => Cause::Asked,
            pb::WebhookCause::Gone => Cause::Gone,
            pb::WebhookCause::Failing => Cause::Failing,
        };
        if cause != Cause::Asked && !call.caller.has(Role::Integration) {
            let text = Text::new(
                "只有程序可以填写其他停用原因，请留空",
                "only programs give other causes; leave it out",
            );
            return Err(status(Code::PermissionDenied, "ROLE_MISSING", &text));
        }
        let mut bad = Violations::default();
        let id = endpoint_id(&mut bad, &self.endpoint_id);
        let reason = reason(&mut bad, &self.reason);
        let command = reason.map(|reason| WebhookCommand::Disable { cause, reason });
        addressed(bad, id, command)
    }
}

impl IntoCommand<Webhook> for pb::RemoveWebhookRequest {
    type Command = Addressed<Webhook>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let id = endpoint_id(&mut bad, &self.endpoint_id);
        let reason = reason(&mut bad, &self.reason);
        addressed(bad, id, reason.map(|reason| WebhookCommand::Remove { reason }))
    }
}

impl IntoCommand<Webhook> for pb::RotateWebhookSecretRequest {
    type Command = Addressed<Webhook>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let id = endpoint_id(&mut bad, &self.endpoint_id);
        let command = WebhookCommand::Rotate { secret_id: call.request_id, now: call.now };
        addressed(bad, id, Some(command))
    }
}

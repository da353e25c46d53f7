//! Requests about what is handed over to the books.

use kernel::Text;
use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::connection_service_server::ConnectionService;
use tonic::{Request, Status};

use super::{Api, all, unsaid, words};
use crate::connection::{
    CONNECTION, Code, CodeKind, Connection, ConnectionCommand, OrderMoment, Settings,
};

/// Longest code of anything in the books.
const CODE: usize = 80;

#[tonic::async_trait]
impl ConnectionService for Api {
    async fn set_connection(
        &self,
        r: Request<api::SetConnectionRequest>,
    ) -> Reply<api::SetConnectionResponse> {
        self.0.run(r).await
    }

    async fn pause_connection(
        &self,
        r: Request<api::PauseConnectionRequest>,
    ) -> Reply<api::PauseConnectionResponse> {
        self.0.run(r).await
    }

    async fn resume_connection(
        &self,
        r: Request<api::ResumeConnectionRequest>,
    ) -> Reply<api::ResumeConnectionResponse> {
        self.0.run(r).await
    }

    async fn map_codes(&self, r: Request<api::MapCodesRequest>) -> Reply<api::MapCodesResponse> {
        self.0.run(r).await
    }

    async fn skip_document(
        &self,
        r: Request<api::SkipDocumentRequest>,
    ) -> Reply<api::SkipDocumentResponse> {
        self.0.run(r).await
    }

    async fn request_resync(
        &self,
        r: Request<api::RequestResyncRequest>,
    ) -> Reply<api::RequestResyncResponse> {
        self.0.run(r).await
    }
}

type Asked = Result<Addressed<Connection>, Status>;

/// A command to the one connection, once all of it is known.
fn asked(wrong: Violations, command: Option<ConnectionCommand>) -> Asked {
    let addressed = |command| Addressed { object_id: CONNECTION.to_owned(), command };
    wrong.finish(command.map(addressed))
}

impl IntoCommand<Connection> for api::SetConnectionRequest {
    type Command = Addressed<Connection>;

    fn into_command(self, _: &Call) -> Asked {
        let mut wrong = Violations::default();
        let Some(told) = self.settings else {
            wrong.add("settings", Text::new("不能为空", "must not be empty"));
            return asked(wrong, None);
        };
        let orders = match told.orders() {
            api::OrderMoment::Unspecified => unsaid(&mut wrong, "settings.orders"),
            api::OrderMoment::Never => Some(OrderMoment::Never),
            api::OrderMoment::Confirmed => Some(OrderMoment::Confirmed),
            api::OrderMoment::Shipped => Some(OrderMoment::Shipped),
        };
        let unit = code(&mut wrong, "settings.unit", &told.unit);
        let warehouse = code(&mut wrong, "settings.warehouse", &told.warehouse);
        let settings = (|| {
            Some(Settings {
                orders: orders?,
                deliveries: told.deliveries,
                returns: told.returns,
                receipts: told.receipts,
                stock: told.stock,
                unit: unit?,
                // The contract lets no more than a hundred through.
                tax_percent: u8::try_from(told.tax_percent).ok()?,
                warehouse: warehouse?,
            })
        })();
        asked(wrong, settings.map(ConnectionCommand::Set))
    }
}

impl IntoCommand<Connection> for api::PauseConnectionRequest {
    type Command = Addressed<Connection>;

    fn into_command(self, _: &Call) -> Asked {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        asked(wrong, reason.map(|reason| ConnectionCommand::Pause { reason }))
    }
}

impl IntoCommand<Connection> for api::ResumeConnectionRequest {
    type Command = Addressed<Connection>;

    fn into_command(self, _: &Call) -> Asked {
        asked(Violations::default(), Some(ConnectionCommand::Resume))
    }
}

impl IntoCommand<Connection> for api::MapCodesRequest {
    type Command = Addressed<Connection>;

    fn into_command(self, _: &Call) -> Asked {
        let mut wrong = Violations::default();
        let kind = code_kind(self.kind());
        let kind = kind.or_else(|| unsaid(&mut wrong, "kind"));
        let codes = all(&self.codes, |index, told| {
            let theirs = match told.theirs.as_str() {
                "" => None,
                theirs => Some(code(&mut wrong, format!("codes[{index}].theirs"), theirs)?),
            };
            Some(Code { own: told.own.clone(), theirs })
        });
        let both = kind.zip(codes);
        asked(wrong, both.map(|(kind, codes)| ConnectionCommand::Map { kind, codes }))
    }
}

impl IntoCommand<Connection> for api::SkipDocumentRequest {
    type Command = Addressed<Connection>;

    fn into_command(self, _: &Call) -> Asked {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let number = self.number;
        asked(wrong, reason.map(|reason| ConnectionCommand::Skip { number, reason }))
    }
}

impl IntoCommand<Connection> for api::RequestResyncRequest {
    type Command = Addressed<Connection>;

    fn into_command(self, call: &Call) -> Asked {
        let mut wrong = Violations::default();
        let since = chrono::DateTime::parse_from_rfc3339(&self.since);
        let since = since.map(|since| since.to_utc()).map_err(|_| {
            Text::new("须为 RFC 3339 时间", "must be a time like 2026-11-23T08:00:00Z")
        });
        let since = wrong.take("since", since);
        let now = call.now;
        asked(wrong, since.map(|since| ConnectionCommand::Resync { since, now }))
    }
}

/// Codes become parts of questions to the books, between quotes.
fn code(wrong: &mut Violations, field: impl Into<String>, text: &str) -> Option<String> {
    let field = field.into();
    let code = words(wrong, field.clone(), text, 1..=CODE)?;
    if code.contains(['\'', '"', '\\']) || code.chars().any(char::is_control) {
        wrong.add(
            field,
            Text::new(
                "不能含有引号、反斜线和换行",
                "must have no quotes, backslashes and line breaks",
            ),
        );
        return None;
    }
    Some(code)
}

/// What kind of things somebody means; none: nothing was said.
pub fn code_kind(kind: api::CodeKind) -> Option<CodeKind> {
    match kind {
        api::CodeKind::Unspecified => None,
        api::CodeKind::Dealer => Some(CodeKind::Dealer),
        api::CodeKind::Product => Some(CodeKind::Product),
        api::CodeKind::Unit => Some(CodeKind::Unit),
        api::CodeKind::Warehouse => Some(CodeKind::Warehouse),
    }
}

/// What is handed over, as callers are told it.
pub fn told_connection(settings: &Settings) -> api::ConnectionSettings {
    let orders = match settings.orders {
        OrderMoment::Never => api::OrderMoment::Never,
        OrderMoment::Confirmed => api::OrderMoment::Confirmed,
        OrderMoment::Shipped => api::OrderMoment::Shipped,
    };
    api::ConnectionSettings {
        orders: orders.into(),
        deliveries: settings.deliveries,
        returns: settings.returns,
        receipts: settings.receipts,
        stock: settings.stock,
        unit: settings.unit.clone(),
        tax_percent: settings.tax_percent.into(),
        warehouse: settings.warehouse.clone(),
    }
}

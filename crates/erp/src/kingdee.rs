//! 金蝶云星空: its WebAPI (`*.common.kdsvc`). How calls show who makes them is in `session` and
//! `signed`, how documents are written in `forms`, how answers are read in `wire`.
//!
//! A document is saved (`Save`), submitted (`Submit`) and audited (`Audit`), and found by a query
//! (`ExecuteBillQuery`). `Save` with a number that stands there already is refused with 编码唯一, for
//! the document's own number; a field made for our number must be made unique by whoever made it.

mod forms;
mod lists;
mod session;
mod signed;
mod wire;

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{Method, Request, Response};
use kernel::outbound::Outbound;
use serde_json::{Value, json};

use crate::answer::{ErpError, Found, Stage};
use crate::client::flawed;
use crate::contract::{self, ContractError, KingdeeAuth};
use crate::document::{BizId, Document, Kind};
use crate::said::{self, Raw};
use session::Session;
use signed::Signer;

const FORMS: &str = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService";
/// What a session is called in headers.
const SESSION: &str = "kdservice-sessionid";

/// Books of 金蝶云星空 that can be asked.
pub(crate) struct Kingdee {
    contract: contract::Kingdee,
    base: String,
    shown_by: ShownBy,
    outbound: Outbound,
}

/// How calls show who makes them.
enum ShownBy {
    Session(Session),
    Signed(Box<Signer>),
}

impl Kingdee {
    pub(crate) fn new(
        contract: contract::Kingdee,
        outbound: Outbound,
    ) -> Result<Self, ContractError> {
        contract.check()?;
        let shown_by = match contract.auth {
            KingdeeAuth::Session => ShownBy::Session(Session::default()),
            KingdeeAuth::Signed => ShownBy::Signed(Box::new(Signer::new(&contract)?)),
        };
        let base = contract.base_url.trim_end_matches('/').to_owned();
        Ok(Self { contract, base, shown_by, outbound })
    }

    pub(crate) async fn look_up(
        &self,
        kind: Kind,
        biz_id: &BizId,
    ) -> Result<Option<Found>, ErpError> {
        let form = forms::form(kind);
        let field = &self.contract.biz_id_field;
        let rows = self
            .query(&lists::Query {
                form: form.id,
                fields: &["FID", "FBillNo", "FDocumentStatus", form.customer, form.amount],
                filter: format!("{field} = '{biz_id}'"),
                order: "FID ASC",
                start: 0,
                limit: 2,
            })
            .await?;
        match rows.as_slice() {
            [] => Ok(None),
            [row] => row_of_document(row).map(Some),
            _ => Err(ErpError::refused("TWICE", "two documents there have this number")),
        }
    }

    pub(crate) async fn save(&self, document: &Document) -> Result<Found, ErpError> {
        let model = forms::model(document, &self.contract).map_err(flawed)?;
        let data = json!({ "IsDeleteEntry": "true", "ValidateFlag": "true", "Model": model });
        let form = forms::form(document.kind());
        let answer = self.operate("Save", form.id, &data).await?;
        let (id, number) = wire::saved(&answer)?;
        let stage = Stage::Saved;
        Ok(Found { id, number, stage, customer: None, amount: None })
    }

    /// Brings a document to the next stage.
    pub(crate) async fn bring(
        &self,
        kind: Kind,
        found: &Found,
        next: Stage,
    ) -> Result<(), ErpError> {
        let operation = if next == Stage::Submitted { "Submit" } else { "Audit" };
        let data = json!({ "Numbers": [found.number] });
        let answer = self.operate(operation, forms::form(kind).id, &data).await?;
        wire::done(&answer)
    }

    /// Does something with a form. The data is a text of JSON within JSON: so the documents have
    /// it, while some clients write it as it is.
    async fn operate(
        &self,
        operation: &str,
        form: &str,
        data: &Value,
    ) -> Result<Vec<u8>, ErpError> {
        self.call(operation, &json!({ "formid": form, "data": data.to_string() })).await
    }

    /// Calls; with a session that has ended, which says that nothing was done, once more.
    async fn call(&self, operation: &str, body: &Value) -> Result<Vec<u8>, ErpError> {
        let service = format!("{FORMS}.{operation}");
        let mut may_open_another = true;
        loop {
            let address = self.address(&service);
            let (headers, session) = match &self.shown_by {
                ShownBy::Session(kept) => {
                    let id = self.session(kept).await?;
                    let cookie = format!("{SESSION}={id}");
                    (vec![(SESSION, id.clone()), (COOKIE.as_str(), cookie)], Some((kept, id)))
                }
                ShownBy::Signed(signer) => (signer.headers(&address)?, None),
            };
            let answer = self.send(&address, &headers, body).await?;
            let status = answer.status();
            let lost = status.as_u16() == 401 || wire::is_session_lost(answer.body());
            match session {
                Some((kept, id)) if lost && may_open_another => {
                    kept.forget(&id);
                    may_open_another = false;
                }
                _ if lost => return Err(ErpError::passing("SESSION", "会话信息已丢失")),
                _ if status.is_success() => return Ok(answer.into_body()),
                _ => return Err(wire::unsuccessful(status)),
            }
        }
    }

    fn address(&self, service: &str) -> String {
        format!("{}/{service}.common.kdsvc", self.base)
    }

    async fn send(
        &self,
        address: &str,
        headers: &[(&str, String)],
        body: &Value,
    ) -> Result<Response<Vec<u8>>, ErpError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(address)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json; charset=UTF-8");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(body.to_string().into_bytes()).map_err(ErpError::unreadable)?;
        Ok(self.outbound.ask(request).await?)
    }
}

fn row_of_document(row: &[Raw]) -> Result<Found, ErpError> {
    let cell = |at: usize| said::some_text(row.get(at));
    let status = cell(2).ok_or_else(|| ErpError::without("FDocumentStatus"))?;
    let stage = match status.as_str() {
        // Z is 暂存.
        "A" | "Z" => Stage::Saved,
        "B" => Stage::Submitted,
        "C" => Stage::Audited,
        // 重新审核: somebody has taken it back.
        "D" => Stage::TakenOver,
        other => return Err(ErpError::unreadable(format!("the FDocumentStatus {other}"))),
    };
    Ok(Found {
        id: cell(0).ok_or_else(|| ErpError::without("FID"))?,
        number: cell(1).ok_or_else(|| ErpError::without("FBillNo"))?,
        stage,
        customer: cell(3),
        amount: cell(4),
    })
}

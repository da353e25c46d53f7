//! 用友 YonBIP: its open platform. How a token is got is in `token`, how documents are written in
//! `bodies`, how answers are read in `wire`.
//!
//! Saving is protected twice: by the number, which stands there once when the books take numbers
//! that are given (手工编号), and by `resubmitCheckKey`, with which the gateway tells the first result
//! again (MDD幂等). Submitting and auditing have nothing of the kind, and ask for how far a document
//! is.

mod bodies;
mod lists;
mod token;
mod wire;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response};
use kernel::outbound::Outbound;
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::answer::{ErpError, Found, Stage};
use crate::client::flawed;
use crate::contract::{self, ContractError};
use crate::document::{BizId, Document, Kind};
use crate::said::{self, Raw};
use token::Tokens;

/// Books of YonBIP that can be asked.
pub(crate) struct Yonyou {
    contract: contract::Yonyou,
    tokens: Tokens,
    outbound: Outbound,
}

/// Where a kind of document is saved, listed, submitted and audited.
struct Paths {
    save: &'static str,
    list: &'static str,
    submit: &'static str,
    audit: &'static str,
}

/// Of `salesout/batchsubmit`, `receivebill/batchsubmit` and `receivebill/batchaudit` only the
/// opposites (`…/batchunsubmit`, `…/batchunaudit`) were found in public documents: these three are
/// named after those of sales orders.
fn paths(kind: Kind) -> Paths {
    let (save, list, submit, audit) = match kind {
        Kind::SalesOrder => (
            "/yonbip/sd/voucherorder/singleSave",
            "/yonbip/sd/voucherorder/list",
            "/yonbip/sd/voucherorder/batchsubmit",
            "/yonbip/sd/voucherorder/batchaudit",
        ),
        Kind::Delivery => (
            "/yonbip/scm/salesout/single/save",
            "/yonbip/scm/salesout/list",
            "/yonbip/scm/salesout/batchsubmit",
            "/yonbip/scm/salesout/batchaudit",
        ),
        Kind::Return => (
            "/yonbip/sd/vouchersalereturn/singleSave",
            "/yonbip/sd/vouchersalereturn/list",
            "/yonbip/sd/vouchersalereturn/submit",
            "/yonbip/sd/vouchersalereturn/audit",
        ),
        Kind::Receipt => (
            "/yonbip/fi/receivebill/single/save",
            "/yonbip/fi/receivebill/list/v2",
            "/yonbip/fi/receivebill/batchsubmit",
            "/yonbip/fi/receivebill/batchaudit",
        ),
    };
    Paths { save, list, submit, audit }
}

/// A document that was saved; of one that was saved before, there is only the key.
#[derive(Deserialize)]
struct Saved {
    id: Option<Raw>,
    code: Option<Raw>,
}

impl Yonyou {
    pub(crate) fn new(
        contract: contract::Yonyou,
        outbound: Outbound,
    ) -> Result<Self, ContractError> {
        contract.check()?;
        Ok(Self { contract, tokens: Tokens::default(), outbound })
    }

    pub(crate) async fn look_up(
        &self,
        kind: Kind,
        biz_id: &BizId,
    ) -> Result<Option<Found>, ErpError> {
        let number = biz_id.as_str();
        // Whether `code` finds what is the same, or what contains it, is not said; this does.
        let same = json!({ "field": "code", "op": "eq", "value1": number });
        // The document of receipts has pages as texts, and conditions within conditions.
        let (page, size, only) = match kind {
            Kind::Receipt => {
                let same = json!({ "logicOp": "and", "conditions": [same] });
                (Value::from("1"), Value::from("10"), same)
            }
            Kind::SalesOrder | Kind::Delivery | Kind::Return => (1.into(), 10.into(), same),
        };
        let body = json!({
            "pageIndex": page,
            "pageSize": size,
            "isSum": true,
            "code": number,
            "simpleVOs": [only],
        });
        let data = self.ask(paths(kind).list, &body).await?;
        let list: lists::Records<lists::DocumentRow> = said::read_raw(&data)?;
        let mut rows = list.rows().into_iter().filter(|row| row.is(number));
        let Some(row) = rows.next() else { return Ok(None) };
        let found = row.found(kind)?;
        // One with several lines may come once for each of them.
        if rows.any(|row| row.id() != Some(found.id.clone())) {
            return Err(ErpError::refused("TWICE", "two documents there have this number"));
        }
        Ok(Some(found))
    }

    pub(crate) async fn save(&self, document: &Document) -> Result<Found, ErpError> {
        let (kind, biz_id) = (document.kind(), document.biz_id.as_str());
        let mut data = bodies::body(document, &self.contract).map_err(flawed)?;
        data["code"] = biz_id.into();
        data["resubmitCheckKey"] = biz_id.into();
        data["_status"] = "Insert".into();
        let saved = self.ask(paths(kind).save, &json!({ "data": data })).await?;
        let saved: Saved = said::read_raw(&saved)?;
        let id = said::some_text(saved.id.as_ref()).ok_or_else(|| ErpError::without("id"))?;
        if said::some_text(saved.code.as_ref()).as_deref() == Some(biz_id) {
            let (number, stage) = (biz_id.to_owned(), Stage::Saved);
            return Ok(Found { id, number, stage, customer: None, amount: None });
        }
        // It was saved before, or the books number by themselves and it can not be found again.
        let found = self.look_up(kind, &document.biz_id).await?;
        found.ok_or_else(|| {
            let text = "the books must take the numbers that documents are given (手工编号)";
            ErpError::refused("NUMBERING", text)
        })
    }

    /// Brings a document to the next stage.
    pub(crate) async fn bring(
        &self,
        kind: Kind,
        found: &Found,
        next: Stage,
    ) -> Result<(), ErpError> {
        let id = found.id.parse::<u64>().map_or_else(|_| found.id.as_str().into(), Value::from);
        let paths = paths(kind);
        let (path, data) = match (next, kind) {
            (Stage::Submitted, _) => (paths.submit, json!([{ "id": id }])),
            // The one that takes a document alone.
            (_, Kind::Return) => (paths.audit, json!({ "id": id })),
            (_, _) => (paths.audit, json!([{ "id": id }])),
        };
        let told = self.ask(path, &json!({ "data": data })).await?;
        wire::all_done(&told)
    }

    /// Asks; with a token that does not count any more, which says that nothing was done, once
    /// more.
    async fn ask(&self, path: &str, body: &Value) -> Result<Raw, ErpError> {
        let mut may_take_another = true;
        loop {
            let token = self.token().await?;
            let shown: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
            let gateway = self.contract.gateway_url.trim_end_matches('/');
            let address = format!("{gateway}{path}?access_token={shown}");
            let answer = self.send(Method::POST, &address, body.to_string()).await?;
            if wire::is_token_lost(answer.body()) {
                if !may_take_another {
                    return Err(ErpError::passing("310036", "非法token"));
                }
                self.tokens.forget(&token);
                may_take_another = false;
                continue;
            }
            return wire::told(answer.status(), answer.body());
        }
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        body: String,
    ) -> Result<Response<Vec<u8>>, ErpError> {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json;charset=UTF-8")
            .body(body.into_bytes())
            .map_err(ErpError::unreadable)?;
        Ok(self.outbound.ask(request).await?)
    }
}

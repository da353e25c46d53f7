//! How answers of YonBIP are read: a `code`, which is a number or a text, a `message`, and `data`.
//! A status of HTTP alone says little: who may not call is told so with 200.

use http::StatusCode;
use serde::Deserialize;

use crate::answer::ErpError;
use crate::said::{self, Raw};

/// Most signs of an explanation that are kept.
const TEXT: usize = 500;
/// Done; done before with the same `resubmitCheckKey`, under either of two codes, as the platform's
/// documents have one in a table and the other in an example.
const DONE: [&str; 3] = ["200", "100004", "10004"];
/// Done, of a token.
const TOKEN_DONE: &str = "00000";
/// No token, or one that does not count.
const TOKEN_LOST: [&str; 2] = ["310036", "310001"];
/// The same in words, which some of its services answer instead of JSON.
const TOKEN_LOST_TEXT: &str = "非法token";
/// What was done is not said: still at it, timed out, failed behind the gateway, unknown.
const UNCLEAR: [&str; 7] = ["202", "310504", "310071", "310072", "310007", "310009", "315001"];
/// Called too often, or broken off to spare it.
const BUSY: [&str; 5] = ["310032", "310039", "310042", "310046", "310043"];
/// The contract is at fault: no such application, not allowed from here, not allowed this.
const CONTRACT: [&str; 10] = [
    "310003", "310005", "310006", "310031", "310037", "310038", "310041", "310047", "310404",
    "310405",
];

#[derive(Deserialize)]
struct Envelope {
    code: Option<Raw>,
    message: Option<String>,
    #[serde(rename = "displayCode")]
    display_code: Option<Raw>,
    data: Option<Raw>,
}

/// What came of something that is done to several documents.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "failCount")]
    failures: Option<Raw>,
    messages: Option<Raw>,
}

/// What an answer tells.
pub(super) fn told(status: StatusCode, body: &[u8]) -> Result<Raw, ErpError> {
    let (code, envelope) = envelope(status, body)?;
    let text = explained(&envelope);
    if status.is_server_error() || UNCLEAR.contains(&code.as_str()) {
        return Err(ErpError::failed(&code, &text));
    }
    if DONE.contains(&code.as_str()) {
        return envelope.data.ok_or_else(|| ErpError::without("data"));
    }
    if BUSY.contains(&code.as_str()) || CONTRACT.contains(&code.as_str()) {
        return Err(ErpError::passing(&code, &text));
    }
    // What a rule of the business is called, where the answer says it.
    let named = said::some_text(envelope.display_code.as_ref()).unwrap_or(code);
    Err(ErpError::refused(&named, &text))
}

/// What the answer to a call for a token tells. No document is at fault when there is none.
pub(super) fn token(status: StatusCode, body: &[u8]) -> Result<Raw, ErpError> {
    let (code, envelope) = envelope(status, body)?;
    if status.is_server_error() {
        return Err(ErpError::failed(&code, &explained(&envelope)));
    }
    if code != TOKEN_DONE {
        return Err(ErpError::passing(&code, &explained(&envelope)));
    }
    envelope.data.ok_or_else(|| ErpError::without("data"))
}

fn envelope(status: StatusCode, body: &[u8]) -> Result<(String, Envelope), ErpError> {
    let http = format!("HTTP {}", status.as_u16());
    let read = match said::read::<Envelope>(body) {
        Ok(envelope) => envelope,
        Err(_) if status.is_server_error() => return Err(ErpError::failed(&http, "")),
        Err(_) if !status.is_success() => return Err(ErpError::passing(&http, "")),
        Err(error) => return Err(error),
    };
    let code = said::some_text(read.code.as_ref()).ok_or_else(|| ErpError::without("code"))?;
    Ok((code, read))
}

fn explained(envelope: &Envelope) -> String {
    envelope.message.as_deref().unwrap_or_default().chars().take(TEXT).collect()
}

/// Whether all was done: a part of it may not have been, with a code of success all the same.
pub(super) fn all_done(data: &Raw) -> Result<(), ErpError> {
    // Some tell nothing of the kind, or not an object.
    let Ok(batch) = said::read_raw::<Batch>(data) else { return Ok(()) };
    match said::some_text(batch.failures.as_ref()).as_deref() {
        None | Some("0") => Ok(()),
        Some(_) => {
            let messages = batch.messages.map(|messages| messages.get().to_owned());
            let text: String = messages.unwrap_or_default().chars().take(TEXT).collect();
            Err(ErpError::refused("failCount", &text))
        }
    }
}

/// Whether an answer says that the token does not count, so nothing was done.
pub(super) fn is_token_lost(body: &[u8]) -> bool {
    match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) => {
            let code = said::some_text(envelope.code.as_ref());
            code.is_some_and(|code| TOKEN_LOST.contains(&code.as_str()))
        }
        Err(_) => String::from_utf8_lossy(body).trim() == TOKEN_LOST_TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Unclear;

    fn of(status: u16, body: &str) -> Result<Raw, ErpError> {
        told(StatusCode::from_u16(status).expect("a status"), body.as_bytes())
    }

    #[test]
    fn what_stays_is_told_from_what_passes_and_from_what_says_nothing() {
        for code in [r#""200""#, "200", r#""100004""#, "10004"] {
            let data = of(200, &format!(r#"{{"code":{code},"data":{{"id":1}}}}"#)).expect("done");
            assert_eq!(data.get(), r#"{"id":1}"#);
        }
        for code in ["310032", "310046", "310037", "310404"] {
            let refusal = of(200, &format!(r#"{{"code":"{code}","message":"m"}}"#)).unwrap_err();
            assert!(matches!(refusal, ErpError::Refused { permanent: false, .. }), "{refusal}");
        }
        for body in [r#"{"code":"202"}"#, r#"{"code":310504}"#, r#"{"code":"315001"}"#] {
            let unclear = of(200, body).unwrap_err();
            assert!(matches!(unclear, ErpError::Unknown(Unclear::Failed { .. })), "{unclear}");
        }
        let refusal = of(200, r#"{"code":999,"message":"客户不存在","displayCode":"040-501"}"#);
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.to_string(), "the system refused: 040-501 客户不存在");
        assert!(refusal.is_permanent());
        assert!(of(200, r#"{"code":0,"message":"不能为空"}"#).unwrap_err().is_permanent());
        assert!(matches!(of(502, "<html>"), Err(ErpError::Unknown(Unclear::Failed { .. }))));
        assert!(matches!(of(200, "<html>"), Err(ErpError::Unknown(Unclear::Unreadable(_)))));
        let busy = of(429, "");
        assert!(matches!(busy, Err(ErpError::Refused { permanent: false, .. })));
    }

    #[test]
    fn a_part_that_was_not_done_is_a_refusal_with_a_code_of_success() {
        let data = |text: &str| serde_json::from_str::<Raw>(text).expect("JSON");
        assert!(all_done(&data(r#"{"count":1,"sucessCount":1,"failCount":0}"#)).is_ok());
        assert!(all_done(&data("{}")).is_ok() && all_done(&data("[]")).is_ok());
        let refusal = all_done(&data(r#"{"failCount":1,"messages":["单据已审核"]}"#)).unwrap_err();
        assert!(refusal.is_permanent() && refusal.to_string().contains("单据已审核"), "{refusal}");
    }

    #[test]
    fn a_token_that_does_not_count_is_seen_in_json_and_in_words() {
        assert!(is_token_lost(r#"{"code":"310036","message":"非法token"}"#.as_bytes()));
        assert!(is_token_lost("非法token".as_bytes()));
        assert!(!is_token_lost(r#"{"code":"200","message":"非法token"}"#.as_bytes()));
    }
}

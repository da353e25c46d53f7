//! How answers of 金蝶云星空 are read: `Result.ResponseStatus`, with `IsSuccess`, `Errors` and a
//! `MsgCode` that says what kind of fault it is.

use http::StatusCode;
use serde::Deserialize;

use crate::answer::ErpError;
use crate::said::{self, Raw};

/// Most signs of an explanation that are kept.
const TEXT: usize = 500;
/// The one `MsgCode` that says who calls is not known any more (上下文丢失).
const SESSION_LOST: &str = "1";
/// The same in words, which an answer that is no JSON may have.
const SESSION_LOST_TEXT: &str = "会话信息已丢失";

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Result")]
    result: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(rename = "ResponseStatus")]
    status: Status,
    #[serde(rename = "Id")]
    id: Option<Raw>,
    #[serde(rename = "Number")]
    number: Option<Raw>,
}

#[derive(Deserialize)]
pub(super) struct Status {
    #[serde(rename = "IsSuccess")]
    is_success: Option<Raw>,
    #[serde(rename = "MsgCode")]
    msg_code: Option<Raw>,
    #[serde(rename = "Errors", default)]
    errors: Option<Vec<Fault>>,
    #[serde(rename = "SuccessEntitys", default)]
    entities: Option<Vec<Entity>>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(rename = "FieldName")]
    field: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Entity {
    #[serde(rename = "Id")]
    id: Option<Raw>,
    #[serde(rename = "Number")]
    number: Option<Raw>,
}

impl Status {
    fn is_success(&self) -> bool {
        let told = said::some_text(self.is_success.as_ref());
        let has_errors = self.errors.as_ref().is_some_and(|errors| !errors.is_empty());
        // The documents write it as a text, answers as a truth value.
        told.is_some_and(|told| told.eq_ignore_ascii_case("true")) && !has_errors
    }

    fn msg_code(&self) -> String {
        said::some_text(self.msg_code.as_ref()).unwrap_or_else(|| "0".to_owned())
    }

    /// What a status that is no success says.
    pub(super) fn refusal(&self) -> ErpError {
        let errors = self.errors.iter().flatten();
        let texts = errors.map(|fault| match (&fault.field, &fault.message) {
            (Some(field), Some(message)) if !field.is_empty() => format!("{field}: {message}"),
            (_, message) => message.clone().unwrap_or_default(),
        });
        let text: String = texts.collect::<Vec<_>>().join("; ").chars().take(TEXT).collect();
        let code = self.msg_code();
        let named = format!("MsgCode {code}");
        match code.as_str() {
            // 异常 and 数据库操作失败: what was done is not said.
            "4" | "6" => ErpError::failed(&named, &text),
            // 上下文丢失, 没有权限, 许可错误, 网控冲突, 调用限制, 禁止管理员登录: the contract, or the
            // hour, and not the document.
            "1" | "2" | "7" | "13" | "14" | "15" => ErpError::passing(&named, &text),
            // 参数错误, 指定字段/值不存在, 未找到对应数据, 验证失败, 不可操作 and what has no code.
            _ => ErpError::refused(&named, &text),
        }
    }
}

/// The key and the number of a document that was saved.
pub(super) fn saved(answer: &[u8]) -> Result<(String, String), ErpError> {
    let outcome = outcome(answer)?;
    let entity = outcome.status.entities.iter().flatten().next();
    let own = |own: Option<&Raw>, of: fn(&Entity) -> Option<&Raw>| {
        said::some_text(own).or_else(|| said::some_text(entity.and_then(of)))
    };
    let id = own(outcome.id.as_ref(), |entity| entity.id.as_ref());
    let number = own(outcome.number.as_ref(), |entity| entity.number.as_ref());
    Ok((
        id.ok_or_else(|| ErpError::without("Id"))?,
        number.ok_or_else(|| ErpError::without("Number"))?,
    ))
}

/// Whether something was done.
pub(super) fn done(answer: &[u8]) -> Result<(), ErpError> {
    outcome(answer).map(|_| ())
}

fn outcome(answer: &[u8]) -> Result<Outcome, ErpError> {
    let envelope: Envelope = said::read(answer)?;
    let outcome = envelope.result;
    if outcome.status.is_success() { Ok(outcome) } else { Err(outcome.status.refusal()) }
}

/// The rows of a query. What is wrong with one comes as its only cell.
pub(super) fn rows(answer: &[u8]) -> Result<Vec<Vec<Raw>>, ErpError> {
    if let Some(status) = status_of(answer) {
        return Err(status.refusal());
    }
    said::read(answer)
}

/// The status of an answer that has one: alone, or in the cell of a query.
fn status_of(answer: &[u8]) -> Option<Status> {
    let envelope: Option<Envelope> = serde_json::from_slice(answer).ok().or_else(|| {
        let rows: Vec<Vec<Envelope>> = serde_json::from_slice(answer).ok()?;
        rows.into_iter().flatten().next()
    });
    envelope.map(|envelope| envelope.result.status)
}

/// Whether an answer says that who calls is not known any more, so nothing was done.
pub(super) fn is_session_lost(answer: &[u8]) -> bool {
    match status_of(answer) {
        Some(status) => !status.is_success() && status.msg_code() == SESSION_LOST,
        None => {
            let text = String::from_utf8_lossy(answer);
            let is_json = matches!(text.trim_start().as_bytes().first(), Some(b'[' | b'{'));
            !is_json && text.contains(SESSION_LOST_TEXT)
        }
    }
}

/// What an answer says that has no status of success.
pub(super) fn unsuccessful(status: StatusCode) -> ErpError {
    let code = format!("HTTP {}", status.as_u16());
    if status.is_server_error() {
        return ErpError::failed(&code, "");
    }
    ErpError::passing(&code, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Unclear;

    fn answer(msg_code: u8, message: &str) -> Vec<u8> {
        format!(
            r#"{{"Result":{{"ResponseStatus":{{"ErrorCode":500,"IsSuccess":false,"Errors":
            [{{"FieldName":"FBillNo","Message":"{message}","DIndex":0}}],"SuccessEntitys":[],
            "SuccessMessages":[],"MsgCode":{msg_code}}}}}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn what_stays_is_told_from_what_passes_and_from_what_says_nothing() {
        let refused = |msg_code| saved(&answer(msg_code, "原因")).expect_err("refused");
        for msg_code in [0, 3, 5, 8, 9, 10, 11, 12] {
            let refusal = refused(msg_code);
            assert!(refusal.is_permanent(), "{msg_code}: {refusal}");
            assert_eq!(
                refusal.to_string(),
                format!("the system refused: MsgCode {msg_code} FBillNo: 原因")
            );
        }
        for msg_code in [1, 2, 7, 13, 14, 15] {
            let refusal = refused(msg_code);
            assert!(
                matches!(refusal, ErpError::Refused { permanent: false, .. }),
                "{msg_code}: {refusal}"
            );
        }
        for msg_code in [4, 6] {
            let unclear = refused(msg_code);
            assert!(matches!(unclear, ErpError::Unknown(Unclear::Failed { .. })), "{unclear}");
        }
        assert!(matches!(saved(b"{\"Result\":"), Err(ErpError::Unknown(Unclear::Unreadable(_)))));
        assert!(matches!(unsuccessful(StatusCode::BAD_GATEWAY), ErpError::Unknown(_)));
        let busy = unsuccessful(StatusCode::TOO_MANY_REQUESTS);
        assert!(matches!(busy, ErpError::Refused { permanent: false, .. }));
    }

    #[test]
    fn a_session_that_has_ended_is_seen_wherever_it_is_said() {
        let lost = answer(1, SESSION_LOST_TEXT);
        assert!(is_session_lost(&lost));
        let in_a_cell = [b"[[".as_slice(), &lost, b"]]"].concat();
        assert!(is_session_lost(&in_a_cell));
        assert!(is_session_lost("response_error:会话信息已丢失，请重新登录".as_bytes()));
        // A document that is about it is not.
        assert!(!is_session_lost(r#"[["会话信息已丢失","A"]]"#.as_bytes()));
        assert!(!is_session_lost(&answer(11, SESSION_LOST_TEXT)));
        assert!(!is_session_lost(b"[]"));
    }

    #[test]
    fn a_document_that_was_saved_has_a_key_and_a_number() {
        let told = br#"{"Result":{"ResponseStatus":{"IsSuccess":true,"Errors":[],
            "SuccessEntitys":[{"Id":100123,"Number":"QD-SO-7","DIndex":0}],"MsgCode":0},
            "Id":100123,"Number":"QD-SO-7","NeedReturnData":[{}]}}"#;
        let expected = ("100123".to_owned(), "QD-SO-7".to_owned());
        assert_eq!(saved(told).expect("saved"), expected);
        let without = String::from_utf8_lossy(told)
            .replace(r#""Id":100123,"Number":"QD-SO-7","Need"#, r#""Need"#);
        assert_eq!(saved(without.as_bytes()).expect("saved"), expected);
    }
}

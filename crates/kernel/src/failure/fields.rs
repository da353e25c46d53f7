//! What is wrong with the fields of a request: `google.rpc.BadRequest`, each field with a reason and
//! words in both languages. `description` is English, `localized_message` Chinese: the standard has
//! room for one more language than its own. `tonic-types` writes these two fields of the standard in
//! its generated messages only, so the bytes are made here.

use prost::Message as _;
use prost_types::Any;
use proto::check::Problem;
use tonic::{Code, Status};
use tonic_types::pb;
use tonic_types::pb::bad_request::FieldViolation;

use super::status;
use crate::text::Text;

const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
/// The reason of a field that a form of the contract does not tell apart.
const INVALID: &str = "INVALID";

/// What is wrong with a request's fields; all of it is told at once.
#[derive(Default)]
pub struct Violations(Vec<Violation>);

/// What is wrong with one field.
struct Violation {
    field: String,
    reason: &'static str,
    text: Text,
}

impl Violations {
    /// Notes that a field is wrong.
    pub fn add(&mut self, field: impl Into<String>, problem: Text) {
        self.0.push(Violation { field: field.into(), reason: INVALID, text: problem });
    }

    /// Takes a parsed field, or notes why it could not be parsed.
    pub fn take<T>(&mut self, field: impl Into<String>, parsed: Result<T, Text>) -> Option<T> {
        parsed.map_err(|problem| self.add(field, problem)).ok()
    }

    /// The parsed whole, when nothing was wrong.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with every violation.
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, Status> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(self.into_status()),
        }
    }

    fn into_status(self) -> Status {
        let list = |pick: fn(&Text) -> &String| {
            let told: Vec<String> =
                self.0.iter().map(|it| format!("{}: {}", it.field, pick(&it.text))).collect();
            told.join("; ")
        };
        let text = Text::new(list(|text| &text.zh), list(|text| &text.en));
        with_fields(&status(Code::InvalidArgument, "BAD_FIELDS", &text), self.0)
    }
}

/// What was wrong with the fields of a request before anybody parsed it.
pub fn wrong_fields(problems: Vec<(String, Problem)>) -> Status {
    let violation = |(field, problem): (String, Problem)| {
        let (reason, text) = (reason(&problem), words(&problem));
        Violation { field, reason, text }
    };
    Violations(problems.into_iter().map(violation).collect()).into_status()
}

/// The same failure, as the fault of one field.
pub fn at_field(failure: &Status, field: &str, text: &Text) -> Status {
    let violation = Violation { field: field.to_owned(), reason: INVALID, text: text.clone() };
    with_fields(failure, vec![violation])
}

fn with_fields(failure: &Status, fields: Vec<Violation>) -> Status {
    let violation = |Violation { field, reason, text }| FieldViolation {
        field,
        description: text.en,
        reason: reason.to_owned(),
        localized_message: Some(pb::LocalizedMessage {
            locale: "zh-CN".to_owned(),
            message: text.zh,
        }),
    };
    let bad = pb::BadRequest { field_violations: fields.into_iter().map(violation).collect() };
    // Details that are none can not be: they were written a moment ago.
    let mut told = pb::Status::decode(failure.details()).unwrap_or_default();
    told.details.push(Any { type_url: BAD_REQUEST.to_owned(), value: bad.encode_to_vec() });
    Status::with_details(failure.code(), failure.message(), told.encode_to_vec().into())
}

/// The fields that a failure names, each with what is wrong there in a language of the house,
/// `zh-CN` or `en`.
pub fn told_fields(failure: &Status, locale: &str) -> Vec<(String, String)> {
    let details = pb::Status::decode(failure.details()).unwrap_or_default().details;
    let bad = details.into_iter().filter(|detail| detail.type_url == BAD_REQUEST);
    let bad = bad.filter_map(|detail| pb::BadRequest::decode(detail.value.as_slice()).ok());
    let violations = bad.flat_map(|bad| bad.field_violations);
    let said = |it: FieldViolation| {
        let other = it.localized_message.filter(|other| other.locale == locale);
        (it.field, other.map_or(it.description, |other| other.message))
    };
    violations.map(said).collect()
}

/// The same in one word, for programs.
fn reason(problem: &Problem) -> &'static str {
    match problem {
        Problem::NotUuid => "NOT_UUID",
        Problem::TooShort(_) | Problem::FewBytes(_) => "TOO_SHORT",
        Problem::TooLong(_) | Problem::ManyBytes(_) => "TOO_LONG",
        Problem::Form(..) => "FORM",
        Problem::Below(_) => "TOO_SMALL",
        Problem::Above(_) => "TOO_LARGE",
        Problem::TooFew(_) => "TOO_FEW",
        Problem::TooMany(_) => "TOO_MANY",
        Problem::Undefined => "UNDEFINED",
    }
}

fn words(problem: &Problem) -> Text {
    match problem {
        Problem::NotUuid => Text::new("必须是 UUID", "must be a UUID"),
        Problem::TooShort(1) => Text::new("不能为空", "must not be empty"),
        Problem::TooShort(least) => Text::new(
            format!("至少 {least} 个字符"),
            format!("must have {least} characters or more"),
        ),
        Problem::TooLong(most) => {
            Text::new(format!("最多 {most} 个字符"), format!("must have {most} characters at most"))
        }
        Problem::Form(zh, en) => Text::new(*zh, *en),
        Problem::Below(least) => {
            Text::new(format!("不能小于 {least}"), format!("must be {least} or more"))
        }
        Problem::Above(most) => {
            Text::new(format!("不能大于 {most}"), format!("must be {most} at most"))
        }
        Problem::FewBytes(least) => {
            Text::new(format!("至少 {least} 个字节"), format!("must have {least} bytes or more"))
        }
        Problem::ManyBytes(most) => {
            Text::new(format!("最多 {most} 个字节"), format!("must have {most} bytes at most"))
        }
        Problem::TooFew(least) => {
            Text::new(format!("至少 {least} 项"), format!("must have {least} entries or more"))
        }
        Problem::TooMany(most) => {
            Text::new(format!("最多 {most} 项"), format!("must have {most} entries at most"))
        }
        Problem::Undefined => {
            Text::new("不是已定义的取值", "must be one of the values that the contract defines")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(failure: &Status) -> Vec<FieldViolation> {
        let details = pb::Status::decode(failure.details()).expect("details").details;
        let bad = details.into_iter().find(|detail| detail.type_url == BAD_REQUEST);
        let bad = pb::BadRequest::decode(bad.expect("fields").value.as_slice());
        bad.expect("a message").field_violations
    }

    #[test]
    fn each_field_is_told_in_both_languages() {
        let wrong = vec![
            ("lines[0].quantity".to_owned(), Problem::Below(1)),
            ("request_id".to_owned(), Problem::NotUuid),
        ];
        let fields = told(&wrong_fields(wrong));
        let shown = fields.iter().map(|it| {
            let other = it.localized_message.as_ref().expect("the other language");
            (it.field.as_str(), it.reason.as_str(), it.description.as_str(), other)
        });
        let other = |message: &str| pb::LocalizedMessage {
            locale: "zh-CN".to_owned(),
            message: message.to_owned(),
        };
        let (small, form) = (other("不能小于 1"), other("必须是 UUID"));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                ("lines[0].quantity", "TOO_SMALL", "must be 1 or more", &small),
                ("request_id", "NOT_UUID", "must be a UUID", &form),
            ]
        );
    }

    #[test]
    fn what_else_a_failure_tells_stays() {
        use tonic_types::StatusExt as _;

        let mut bad = Violations::default();
        bad.add("name", Text::new("太长", "too long"));
        let failure = bad.finish(Some(())).expect_err("a field is wrong");
        let reason = failure.get_details_error_info().expect("a reason").reason;
        assert_eq!((failure.message(), reason.as_str()), ("name: too long", "BAD_FIELDS"));
        let words: Vec<_> = failure
            .get_error_details_vec()
            .into_iter()
            .filter_map(|detail| {
                let tonic_types::ErrorDetail::LocalizedMessage(text) = detail else { return None };
                Some(text.message)
            })
            .collect();
        assert_eq!(words, ["name: 太长", "name: too long"]);
        let shown = ["zh-CN", "en"].map(|locale| told_fields(&failure, locale));
        let name = |text: &str| vec![("name".to_owned(), text.to_owned())];
        assert_eq!(shown, [name("太长"), name("too long")]);
    }
}

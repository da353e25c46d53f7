//! Requests and answers between JSON and what goes over the wire. What can not be read is refused
//! with the field at fault.

use bytes::Bytes;
use kernel::Text;
use kernel::failure::{at_field, internal, status};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{Code, Status};

/// How prost-reflect says that a name is in no contract.
const UNKNOWN: &str = "unrecognized field name '";

/// How messages are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// Protobuf's JSON.
    Json,
    /// Protobuf's bytes.
    Proto,
}

impl Codec {
    /// The bytes of a request. Those of protobuf are looked through as well: what a role can not
    /// read, it would call its own fault.
    pub(super) fn pack(self, kind: &MessageDescriptor, body: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Json => parse(kind, &body).map(|message| message.encode_to_vec().into()),
            Self::Proto => match DynamicMessage::decode(kind.clone(), body.as_ref()) {
                Ok(_) => Ok(body),
                Err(error) => Err(bad("BAD_PROTO", "", &Words::other("Protobuf", &error))),
            },
        }
    }

    /// An answer as its caller wants it.
    pub(super) fn unpack(self, kind: &MessageDescriptor, answer: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Proto => Ok(answer),
            Self::Json => {
                let message = DynamicMessage::decode(kind.clone(), answer);
                let message = message.map_err(|error| internal(&error))?;
                Ok(serde_json::to_vec(&message).map_err(|error| internal(&error))?.into())
            }
        }
    }
}

fn parse(kind: &MessageDescriptor, text: &[u8]) -> Result<DynamicMessage, Status> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let read = DynamicMessage::deserialize(kind.clone(), tracked);
    let place = track.path().to_string();
    let place = if place == "." { "" } else { place.as_str() };
    let message = read.map_err(|error| unreadable(place, &error))?;
    reader.end().map_err(|error| unreadable("", &error))?;
    Ok(message)
}

fn unreadable(place: &str, error: &serde_json::Error) -> Status {
    let problem = error.to_string();
    let unknown = problem.strip_prefix(UNKNOWN).and_then(|rest| rest.split('\'').next());
    let Some(name) = unknown else {
        return bad("BAD_JSON", place, &Words::other("JSON", error));
    };
    let field = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    bad("BAD_JSON", &field, &Words::unknown())
}

/// What is wrong, in both languages.
struct Words(Text);

impl Words {
    fn unknown() -> Self {
        Self(Text::new("接口中没有这个字段", "there is no such field in the request"))
    }

    fn other(form: &str, error: &impl std::error::Error) -> Self {
        let zh = format!("请求不是接口要求的 {form}：{error}");
        Self(Text::new(zh, format!("not the {form} that the rpc asks for: {error}")))
    }
}

/// INVALID_ARGUMENT that names the field, if it is the fault of one.
fn bad(reason: &str, field: &str, words: &Words) -> Status {
    let Words(Text { zh, en }) = words;
    if field.is_empty() {
        return status(Code::InvalidArgument, reason, &words.0);
    }
    let text = Text::new(format!("{field}: {zh}"), format!("{field}: {en}"));
    at_field(&status(Code::InvalidArgument, reason, &text), field, &words.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::DescriptorPool;
    use proto::order::v1::SubmitOrderRequest;
    use tonic_types::StatusExt as _;

    fn read(text: &str) -> Result<SubmitOrderRequest, Status> {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS).expect("the contracts");
        let kind = pool.get_message_by_name("qudao.order.v1.SubmitOrderRequest").expect("it");
        let wire = Codec::Json.pack(&kind, Bytes::copy_from_slice(text.as_bytes()))?;
        let back = Codec::Json.unpack(&kind, wire.clone())?;
        let again = Codec::Json.pack(&kind, back)?;
        assert_eq!(wire, again, "printed and read again it is the same");
        Ok(SubmitOrderRequest::decode(wire).expect("what was encoded"))
    }

    /// Reason, field at fault and words in Chinese.
    fn refused(text: &str) -> (String, Option<String>, String) {
        let status = read(text).expect_err("it can not be read");
        assert_eq!(status.code(), Code::InvalidArgument);
        let reason = status.get_details_error_info().expect("a reason").reason;
        let fields = status.get_details_bad_request();
        let field = fields.map(|fields| fields.field_violations[0].field.clone());
        (reason, field, status.get_details_localized_message().expect("words").message)
    }

    #[test]
    fn json_and_names_as_in_the_contract_are_read() {
        let order = read(
            r#"{"requestId": "a", "dealer_id": "d", "expectedVersion": "18446744073709551615",
                "lines": [{"productId": "p", "quantity": 2, "unitPriceMinor": -5}]}"#,
        )
        .expect("it is right");
        assert_eq!((order.dealer_id.as_str(), order.expected_version), ("d", Some(u64::MAX)));
        assert_eq!(order.lines[0].unit_price_minor, Some(-5));
    }

    #[test]
    fn a_field_that_no_contract_knows_is_refused_by_name() {
        for (text, name) in [
            (r#"{"dealer": "d"}"#, "dealer"),
            (r#"{"lines": [{}, {"productId": "p", "qty": 1}]}"#, "lines[1].qty"),
        ] {
            let (reason, field, words) = refused(text);
            assert_eq!((reason.as_str(), field.as_deref()), ("BAD_JSON", Some(name)));
            assert_eq!(words, format!("{name}: 接口中没有这个字段"));
        }
    }

    #[test]
    fn what_does_not_fit_its_field_is_refused_by_name() {
        for (text, name) in [
            (r#"{"dealerId": 7}"#, "dealerId"),
            (r#"{"lines": [{"quantity": -1}]}"#, "lines[0].quantity"),
            (r#"{"lines": [{"quantity": "many"}]}"#, "lines[0].quantity"),
            (r#"{"lines": {}}"#, "lines"),
        ] {
            let (reason, field, _) = refused(text);
            assert_eq!((reason.as_str(), field.as_deref()), ("BAD_JSON", Some(name)), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "null", "[]", "7", "{} {}", r#"{"dealerId": "#, &deep, "\u{feff}{}"] {
            let (reason, _, words) = refused(text);
            assert_eq!(reason, "BAD_JSON", "{text}");
            assert!(words.contains("请求不是接口要求的 JSON"), "{words}");
        }
    }

    #[test]
    fn bytes_that_are_no_message_are_refused() {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS).expect("the contracts");
        let kind = pool.get_message_by_name("qudao.order.v1.SubmitOrderRequest").expect("it");
        let refused = Codec::Proto.pack(&kind, Bytes::from_static(&[0x0a, 0xff]));
        let reason = refused.expect_err("cut short").get_details_error_info().expect("why").reason;
        assert_eq!(reason, "BAD_PROTO");
    }
}

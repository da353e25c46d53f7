//! One span as a line of the trace file.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span as OtlpSpan;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    /// Empty for the first span of a trace.
    #[serde(default)]
    pub(crate) parent_span_id: String,
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) start_unix_nano: u64,
    pub(crate) end_unix_nano: u64,
    #[serde(default)]
    pub(crate) error: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) status_message: String,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Value>,
    /// Other traces that this span goes on from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
}

/// The spans of an export, each with the name of the service it comes from.
pub(crate) fn all(request: ExportTraceServiceRequest) -> impl Iterator<Item = Span> {
    request.resource_spans.into_iter().flat_map(|resource| {
        let attributes = attributes(resource.resource.unwrap_or_default().attributes);
        let service =
            attributes.get("service.name").and_then(Value::as_str).unwrap_or("?").to_owned();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| Span::new(&service, span))
    })
}

impl Span {
    fn new(service: &str, span: OtlpSpan) -> Self {
        let status = span.status.unwrap_or_default();
        Self {
            trace_id: hex(&span.trace_id),
            span_id: hex(&span.span_id),
            parent_span_id: hex(&span.parent_span_id),
            service: service.to_owned(),
            name: span.name,
            start_unix_nano: span.start_time_unix_nano,
            end_unix_nano: span.end_time_unix_nano,
            error: status.code == StatusCode::Error as i32,
            status_message: status.message,
            attributes: attributes(span.attributes),
            links: span
                .links
                .into_iter()
                .map(|link| Link { trace_id: hex(&link.trace_id), span_id: hex(&link.span_id) })
                .collect(),
        }
    }
}

fn attributes(pairs: Vec<KeyValue>) -> BTreeMap<String, Value> {
    pairs.into_iter().map(|pair| (pair.key, json(pair.value.unwrap_or_default()))).collect()
}

fn json(value: AnyValue) -> Value {
    match value.value {
        Some(Any::StringValue(text)) => Value::from(text),
        Some(Any::BoolValue(truth)) => Value::from(truth),
        Some(Any::IntValue(number)) => Value::from(number),
        Some(Any::DoubleValue(number)) => Value::from(number),
        Some(Any::ArrayValue(array)) => array.values.into_iter().map(json).collect(),
        Some(Any::KvlistValue(list)) => attributes(list.values).into_iter().collect(),
        Some(Any::BytesValue(bytes)) => Value::from(hex(&bytes)),
        _ => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::resource::v1::Resource;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};

    use super::*;

    fn pair(key: &str, value: Any) -> KeyValue {
        KeyValue {
            key: key.into(),
            value: Some(AnyValue { value: Some(value) }),
            ..Default::default()
        }
    }

    #[test]
    fn a_span_knows_its_service_and_attributes() {
        let name = pair("service.name", Any::StringValue("order".into()));
        let span = OtlpSpan {
            trace_id: vec![0xab; 16],
            span_id: vec![1; 8],
            name: "append".into(),
            attributes: vec![pair("position", Any::IntValue(7))],
            ..Default::default()
        };
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(Resource { attributes: vec![name], ..Default::default() }),
                scope_spans: vec![ScopeSpans { spans: vec![span], ..Default::default() }],
                ..Default::default()
            }],
        };

        let span = all(request).next().unwrap();

        assert_eq!((span.service.as_str(), span.name.as_str()), ("order", "append"));
        assert_eq!(span.trace_id, "ab".repeat(16));
        assert_eq!(span.attributes["position"], 7);
        assert_eq!(span.parent_span_id, "");
    }
}

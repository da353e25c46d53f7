//! docs/asyncapi.yaml: what comes over the streams, made from the code and compared with it.
//! tests/node/asyncapi.mjs has it checked by the parser of the standard.

use kernel::catalogue::{AggregateInfo, Context};
use kernel::event::EventSchema;
use serde_json::{Map, Value, json};

use crate::schemas::{CONTEXTS, file_name, must_be, root};

const HEAD: &str = "# Made from the code by `make schemas`; change the comments there.\n";

#[test]
fn the_description_of_the_streams_is_the_one_checked_in() {
    let text = serde_yaml_ng::to_string(&document()).unwrap();
    must_be(&root().join("docs/asyncapi.yaml"), &format!("{HEAD}{text}"));
}

fn document() -> Value {
    let mut channels = Map::new();
    let mut operations = Map::new();
    let mut messages = Map::new();
    for context in CONTEXTS {
        for aggregate in context.aggregates {
            let mut own = Map::new();
            for schema in aggregate.schemas() {
                let name = format!("{}.v{}", schema.event_type, schema.event_version);
                own.insert(name.clone(), reference("messages", &name));
                messages.insert(name, message(&context, aggregate, &schema));
            }
            let name = format!("{}.{}", context.name, aggregate.name);
            operations.insert(format!("publish.{name}"), operation(&name, &own));
            channels.insert(name, channel(&context, aggregate, own));
        }
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "qudao 渠道: events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every event of every context, as the relay publishes it to NATS \
                JetStream: one stream for each context, in the order of its log. See streams.md \
                for what is promised and how to consume.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"nats": {
            "host": "localhost:4222",
            "protocol": "nats",
            "description": "nats-server 2.12 or newer with JetStream",
        }},
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "messageTraits": {"cloudEvent": {"headers": headers()}},
        },
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

fn channel(context: &Context, aggregate: &AggregateInfo, messages: Map<String, Value>) -> Value {
    let (context, name) = (context.name, aggregate.name);
    json!({
        "address": format!("ev.{context}.{{tenant}}.{name}.{{id}}.{{event}}"),
        "title": format!("{context} · {name}"),
        "description": format!("JetStream stream {}", context.to_uppercase()),
        "parameters": {
            "tenant": {"description": "The brand, percent-encoded."},
            "id": {"description": "The object, percent-encoded."},
            "event": {"description": "The event's type, without its version."},
        },
        "messages": messages,
    })
}

fn operation(channel: &str, messages: &Map<String, Value>) -> Value {
    let messages: Vec<_> = messages
        .keys()
        .map(|name| json!({"$ref": format!("#/channels/{channel}/messages/{name}")}))
        .collect();
    json!({
        "action": "send",
        "channel": {"$ref": format!("#/channels/{channel}")},
        "messages": messages,
    })
}

fn message(context: &Context, aggregate: &AggregateInfo, schema: &EventSchema) -> Value {
    let path = format!("{}/{}/{}", context.name, aggregate.name, file_name(schema));
    let example = root().join(format!(
        "event-schemas/{}/{}/examples/{}",
        context.name,
        aggregate.name,
        file_name(schema)
    ));
    let example = std::fs::read_to_string(example).unwrap();
    let example: Value = serde_json::from_str(&example).unwrap();
    let EventSchema { event_type, event_version, .. } = schema;
    json!({
        "name": format!("qudao.{}.{event_type}.v{event_version}", context.name),
        "title": event_type,
        "summary": schema.description.split_whitespace().collect::<Vec<_>>().join(" "),
        "contentType": "application/json",
        "traits": [reference("messageTraits", "cloudEvent")],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-07",
            "schema": {"$ref": format!("../event-schemas/{path}")},
        },
        "examples": [{"payload": example}],
    })
}

/// The headers that [`kernel::stream::headers`] writes; a test there compares the names.
fn headers() -> Value {
    let mut properties = Map::new();
    for (name, description) in HEADERS {
        properties.insert(name.to_owned(), json!({"type": "string", "description": description}));
    }
    properties["ce-specversion"]["const"] = "1.0".into();
    let always = HEADERS.iter().map(|(name, _)| *name).filter(|name| *name != "traceparent");
    json!({"type": "object", "properties": properties, "required": always.collect::<Vec<_>>()})
}

const HEADERS: [(&str, &str); 17] = [
    ("Content-Type", "application/json"),
    ("ce-specversion", "Version of CloudEvents."),
    ("ce-id", "The event's id, a UUID, unique for ever."),
    ("ce-type", "qudao.<context>.<Event>.v<version>"),
    ("ce-source", "urn:qudao:<context>:<tenant>"),
    ("ce-subject", "<aggregate>/<object id>, percent-encoded."),
    ("ce-time", "When the log stored the event, RFC 3339, UTC."),
    ("ce-dataschema", "The $id of the schema of the body."),
    (
        "ce-position",
        "Position in the context's log, from 1 without gaps; equals the stream's sequence.",
    ),
    ("ce-version", "Number of the event among those of its object, from 1."),
    ("ce-tenant", "The brand."),
    ("ce-actorid", "Who did it: a user's id or policy:<name>, percent-encoded."),
    ("ce-actorname", "The same as ce-actorid, for programs of before; names are in no message."),
    ("ce-correlationid", "Same for all that follows from one request of the outside world."),
    ("ce-causationid", "The request or event that directly caused it."),
    ("ce-requestid", "The idempotency key of the command."),
    ("traceparent", "W3C Trace Context of the command, if it had one."),
];

#[test]
fn the_headers_described_are_those_sent() {
    let event = cluster_tests::support::replay::recorded();
    let sent = kernel::stream::headers(&event);
    let mut sent: Vec<_> = sent.iter().map(|(name, _)| name.to_string()).collect();
    let mut described: Vec<_> = HEADERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    sent.sort_by_key(|name| name.to_lowercase());
    described.sort_by_key(|name| name.to_lowercase());
    assert_eq!(sent, described);
}

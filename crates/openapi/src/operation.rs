//! An rpc as a path of the document.

use kernel::access::{Access, Who};
use prost_reflect::MethodDescriptor;
use serde_json::{Value, json};

use crate::comments::Comments;
use crate::schema::Schemas;
use crate::{examples, failures, reference, tag};

const STREAM: &str = "Messages come in envelopes, as the streaming mapping of Connect has it: a \
    byte of flags, four bytes of length (big endian), the JSON. The last envelope has the flag 2 \
    and holds `{}`, or `{\"error\": …}` when the stream ended badly. The request is one envelope \
    with the flag 0. Any Connect client does this; for curl, prefer the rpcs without streams.";

/// The path of an rpc: one POST.
pub(crate) fn item(
    method: &MethodDescriptor,
    access: &Access,
    comments: &Comments,
    schemas: &mut Schemas<'_>,
) -> Value {
    let service = method.parent_service();
    schemas.add_request(&method.input());
    schemas.add(&method.output());
    let mut responses = failures::references(access);
    responses.insert("200".to_owned(), answer(method));
    let mut post = json!({
        "operationId": format!("{}_{}", service.name(), method.name()),
        "summary": words(method.name()),
        "description": description(method, comments),
        "tags": [tag(service)],
        "requestBody": request(method),
        "responses": responses,
    });
    match &access.who {
        Who::Public => {
            post["security"] = json!([]);
            post["x-qudao-access"] = "public".into();
        }
        Who::SignedIn => post["x-qudao-access"] = "signed in".into(),
        Who::Roles(roles) => {
            post["x-qudao-access"] = "roles".into();
            post["x-qudao-roles"] = roles.clone().into();
        }
    }
    if let Some(reach) = access.reach {
        post["x-qudao-reach"] = reach.as_str_name().into();
    }
    json!({"post": post})
}

fn description(method: &MethodDescriptor, comments: &Comments) -> String {
    let told = comments.of_method(method);
    if method.is_server_streaming() { format!("{told}\n\n{STREAM}") } else { told.to_owned() }
}

fn request(method: &MethodDescriptor) -> Value {
    if method.is_server_streaming() {
        return json!({"required": true, "content": envelopes(method.input().full_name())});
    }
    let mut content = json!({"schema": reference("schemas", method.input().full_name())});
    if let Some(example) = examples::request(method.full_name()) {
        content["example"] = example;
    }
    json!({"required": true, "content": {"application/json": content}})
}

fn answer(method: &MethodDescriptor) -> Value {
    let kind = method.output();
    if method.is_server_streaming() {
        let content = envelopes(kind.full_name());
        return json!({"description": "The stream, also when it fails.", "content": content});
    }
    let mut content = json!({"schema": reference("schemas", kind.full_name())});
    if let Some(example) = examples::answer(method.full_name()) {
        content["example"] = example;
    }
    json!({"description": "Done.", "content": {"application/json": content}})
}

/// The parts of a stream, as well as OpenAPI 3.1 can say what is in them.
fn envelopes(message: &str) -> Value {
    json!({"application/connect+json": {"schema": {
        "type": "string",
        "format": "binary",
        "contentMediaType": "application/json",
        "contentSchema": reference("schemas", message),
    }}})
}

/// `SubmitOrder` is `Submit order`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

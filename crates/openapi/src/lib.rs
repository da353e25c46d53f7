//! docs/openapi.json: what can be called over REST, made from the contracts and their comments.
//!
//! Read `operation` for an rpc, `schema` for a message, `rules` for what its fields may hold,
//! `failures` for what is told instead of an answer.

mod comments;
mod examples;
mod failures;
mod operation;
mod rules;
mod schema;

use kernel::access::RuleError;
use prost_reflect::{DescriptorError, DescriptorPool, ServiceDescriptor};
use serde_json::{Map, Value, json};

use comments::Comments;
use schema::Schemas;

const ABOUT: &str = "每个接口都是一个 `POST`，请求体与回答都是 JSON。先用 `IdentityService/SignIn` 登录，\
    把取得的令牌作为 `authorization: Bearer …` 头。写操作带 `requestId`（调用方生成的 UUID），\
    原样重发只执行一次。出错时 `details` 里有固定的 `reason` 与中英文说明。\n\n\
    Every rpc of qudao is a `POST` with a JSON body, by the unary mapping of the \
    [Connect protocol](https://connectrpc.com/docs/protocol); the same rpcs are served as gRPC and \
    gRPC-Web on the same port. `IdentityService/SignIn` answers the token for all others.\n\n\
    Bodies are [protobuf JSON](https://protobuf.dev/programming-guides/json/): 64-bit integers are \
    strings, names are in lowerCamelCase, fields that are empty or 0 are left out of answers, and \
    unknown fields of requests are refused. A body has at most 4 MiB.\n\n\
    A command carries a `requestId`, a UUID that its caller makes: repeated with the same body it \
    is answered and not carried out again. A header `connect-timeout-ms` says how long the caller \
    waits; without it, 30 seconds.";

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The contracts can not be read.
    #[error("the compiled contracts can not be read")]
    Contracts(#[from] DescriptorError),
    /// An rpc has no rule of access.
    #[error("the access rules are not whole")]
    Rules(#[from] RuleError),
}

/// The document of our contracts.
///
/// # Errors
/// See [`DocumentError`].
pub fn document() -> Result<Value, DocumentError> {
    let pool = DescriptorPool::decode(proto::COMMENTED)?;
    let rules = kernel::access::rules()?;
    let comments = Comments::of(&pool);
    let mut schemas = Schemas::new(&pool, &comments);
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for service in services(&pool) {
        tags.push(json!({"name": tag(&service), "description": comments.of_service(&service)}));
        for method in service.methods().filter(|method| !method.is_client_streaming()) {
            let path = format!("/{}/{}", service.full_name(), method.name());
            let Some(rule) = rules.get(&path) else {
                return Err(RuleError::Missing(path).into());
            };
            let item = operation::item(&method, rule, &comments, &mut schemas);
            paths.insert(path, item);
        }
    }
    let mut schemas = schemas.into_map();
    schemas.extend(failures::schemas());
    Ok(json!({
        "openapi": "3.1.1",
        "info": {
            "title": "qudao 渠道",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The gateway that serves this document"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": failures::responses(),
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The token that IdentityService/SignIn answers.",
            }},
        },
    }))
}

/// Our services, in the order of the alphabet.
fn services(pool: &DescriptorPool) -> Vec<ServiceDescriptor> {
    let ours = pool.services().filter(|service| service.full_name().starts_with("qudao."));
    let mut services: Vec<_> = ours.collect();
    services.sort_by(|one, other| one.full_name().cmp(other.full_name()));
    services
}

/// A service's name among the chapters of the document.
fn tag(service: &ServiceDescriptor) -> &str {
    service.name()
}

/// A reference to a part of the document.
fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

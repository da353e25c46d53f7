//! A person of the brand: registered, signed in, erased, and where anything of them is left.

use std::time::Duration;

use async_nats::jetstream;
use kernel::stream;
use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::{GetObjectHistoryRequest, HistoryEntry};
use proto::partner::v1 as pb;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use sqlx::PgPool;
use tonic::transport::Channel;
use tonic::{Request, Status};
use uuid::Uuid;

use super::system::{System, User, id};

pub const LOGIN: &str = "u-4711";
pub const NAME: &str = "欧阳明月";
pub const PASSWORD: &str = "moon over water";

pub fn people(user: &User) -> IdentityServiceClient<Channel> {
    IdentityServiceClient::new(user.channel.clone())
}

pub fn registration(login: &str) -> pb::RegisterUserRequest {
    pb::RegisterUserRequest {
        request_id: id(),
        login: login.to_owned(),
        name: NAME.to_owned(),
        roles: vec![Role::SalesRep.into()],
        password: PASSWORD.to_owned(),
        keep_password: true,
        ..Default::default()
    }
}

pub async fn register(admin: &User, request: pb::RegisterUserRequest) -> Result<Receipt, Status> {
    let answer = people(admin).register_user(admin.says(request)).await?;
    Ok(answer.into_inner().receipt.unwrap())
}

pub fn erasure(login: &str) -> pb::EraseUserRequest {
    pb::EraseUserRequest {
        request_id: id(),
        login: login.to_owned(),
        reason: "离职".to_owned(),
        ..Default::default()
    }
}

pub async fn erase(admin: &User, request: &pb::EraseUserRequest) -> Result<Receipt, Status> {
    let answer = people(admin).erase_user(admin.says(request.clone())).await?;
    Ok(answer.into_inner().receipt.unwrap())
}

pub async fn sign_in(admin: &User, login: &str, password: &str) -> Result<User, Status> {
    let request = pb::SignInRequest {
        tenant_id: "acme".to_owned(),
        login: login.to_owned(),
        password: password.to_owned(),
        ..Default::default()
    };
    let signed = people(admin).sign_in(Request::new(request)).await?.into_inner();
    Ok(User { channel: admin.channel.clone(), token: signed.token })
}

pub async fn history(user: &User, object: &str) -> Vec<HistoryEntry> {
    let request = GetObjectHistoryRequest {
        object: object.to_owned(),
        with_states: true,
        ..Default::default()
    };
    let mut client = HistoryServiceClient::new(user.channel.clone());
    client.get_object_history(user.says(request)).await.unwrap().into_inner().entries
}

pub async fn database(system: &System) -> PgPool {
    PgPool::connect(&system.servers.postgres_url()).await.unwrap()
}

/// What is left of a person beside the log: whether there is a key, and hashes of passwords.
pub async fn kept(system: &System, login: &str, credential: &str) -> (bool, i64) {
    let key = sqlx::query_scalar(
        "SELECT count(*) = 1 FROM partner_log.personal_keys
         WHERE tenant_id = 'acme' AND subject = $1 AND wrapped IS NOT NULL",
    );
    let passwords = sqlx::query_scalar(
        "SELECT count(*) FROM partner_log.passwords WHERE tenant_id = 'acme' AND credential_id = $1",
    );
    let pool = database(system).await;
    let key = key.bind(login).fetch_one(&pool).await.unwrap();
    let credential = Uuid::parse_str(credential).unwrap();
    (key, passwords.bind(credential).fetch_one(&pool).await.unwrap())
}

/// Whether nothing of a person is left beside the log after a while.
pub async fn gone(system: &System, login: &str, credential: &str) -> bool {
    for _ in 0..200 {
        if kept(system, login, credential).await == (false, 0) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// Tables of the database, messages of the streams and what the process said, where a text stands:
/// raw, as headers have it, or as bytes are shown.
pub async fn places_of(system: &System, text: &str) -> Vec<String> {
    let pool = database(system).await;
    let mut found = messages_with(system, &pool, text).await;
    found.extend(tables_with(&pool, text).await);
    // Traces are written a few seconds late.
    while std::fs::read_to_string(system.traces()).unwrap_or_default().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = [system.said(), std::fs::read_to_string(system.traces()).unwrap()];
    for (said, place) in said.iter().zip(["qudao.log", "traces.jsonl"]) {
        assert!(!said.is_empty(), "{place} is where the process says something");
        if said.contains(text) {
            found.push(place.to_owned());
        }
    }
    found
}

async fn messages_with(system: &System, pool: &PgPool, text: &str) -> Vec<String> {
    let client = async_nats::connect(system.servers.nats_url()).await.unwrap();
    let jetstream = jetstream::new(client);
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut found = Vec::new();
    for context in ["order", "partner"] {
        let head = format!("SELECT position FROM {context}_log.log_head");
        let head: i64 = sqlx::query_scalar(&head).fetch_one(pool).await.unwrap();
        let mut stream = jetstream.get_stream(stream::name(context)).await.unwrap();
        while stream.info().await.unwrap().state.last_sequence < head.cast_unsigned() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for sequence in 1..=head.cast_unsigned() {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let body = String::from_utf8(message.payload.to_vec()).unwrap();
            let told = format!("{} {:?} {body}", message.subject, message.headers);
            if told.contains(text) || told.contains(&encoded) {
                found.push(format!("{} {sequence}", context.to_uppercase()));
            }
        }
        // The index takes in every event; when it has them all, the read models had them too.
        let indexed = "SELECT position FROM read_models.checkpoints WHERE name = $1";
        let index = format!("event_index_{context}");
        while sqlx::query_scalar::<_, i64>(indexed).bind(&index).fetch_one(pool).await.unwrap()
            < head
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    found
}

/// Every table there is, of whatever schema: also of those that nobody has thought of yet.
async fn tables_with(pool: &PgPool, text: &str) -> Vec<String> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_schema || '.' || table_name, format('%I.%I', table_schema, table_name)
         FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut found = Vec::new();
    for (name, quoted) in tables {
        let rows = format!(
            "SELECT count(*) FROM {quoted} AS whole_row
             WHERE strpos(whole_row::text, $1) > 0 OR strpos(whole_row::text, $2) > 0"
        );
        let rows = sqlx::query_scalar::<_, i64>(&rows).bind(text).bind(&bytes);
        if rows.fetch_one(pool).await.unwrap() > 0 {
            found.push(name);
        }
    }
    found
}

//! What is kept of people beside the log: nothing of who was refused, nothing of who was erased,
//! whatever happens at the same moment; and what happens when a key is lost.

use std::time::Duration;

use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::partner::v1 as pb;
use sqlx::PgPool;
use tonic::{Code, Status};

use cluster_tests::support::people::{
    LOGIN, PASSWORD, database, erase, erasure, gone, history, kept, register, registration, sign_in,
};
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User};

use super::erasure::begun;

#[tokio::test]
async fn of_who_is_refused_no_password_is_kept() {
    let system = System::start().await;
    let admin = system.found().await;
    let first = registration(LOGIN);
    register(&admin, first.clone()).await.unwrap();
    let nowhere = pb::RegisterUserRequest {
        roles: vec![Role::DealerOwner.into()],
        dealer_id: "no-such-dealer".to_owned(),
        ..registration("u-1")
    };
    let late = pb::RegisterUserRequest { expected_version: Some(7), ..registration("u-2") };
    for (request, why) in
        [(registration(LOGIN), "USER_EXISTS"), (nowhere, "UNKNOWN_DEALER"), (late, "STALE_VERSION")]
    {
        let refused = register(&admin, request.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), why);
        assert_eq!(kept(&system, &request.login, &request.request_id).await.1, 0, "{why}");
    }

    // Nor does a no take anything from who was registered by a request of the same id.
    let another = pb::RegisterUserRequest { login: "u-3".to_owned(), ..first.clone() };
    assert_eq!(reason(&register(&admin, another).await.unwrap_err()), "REQUEST_ID_REUSED");
    register(&admin, first.clone()).await.unwrap();
    let forgotten = sqlx::query("DELETE FROM partner_log.requests");
    forgotten.execute(&database(&system).await).await.unwrap();
    assert_eq!(reason(&register(&admin, first).await.unwrap_err()), "USER_EXISTS");
    sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
}

/// Waits until the process stands in front of the lock that a test holds.
async fn held_up(pool: &PgPool) {
    let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Registers a person and erases them while their registration is repeated: the repeat has hashed
/// the password by then, and keeps it when all was erased.
async fn erased_while_repeated(
    pool: &PgPool,
    system: &System,
    admin: &User,
    login: &str,
) -> Result<Receipt, Status> {
    let request = registration(login);
    register(admin, request.clone()).await.unwrap();
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(4711)").execute(&mut *lock).await.unwrap();
    let repeat = {
        let (admin, request) = (admin.clone(), request.clone());
        tokio::spawn(async move { register(&admin, request).await })
    };
    held_up(pool).await;
    erase(admin, &erasure(login)).await.unwrap();
    lock.commit().await.unwrap();
    let answer = repeat.await.unwrap();
    assert_eq!(kept(system, login, &request.request_id).await, (false, 0), "{answer:?}");
    answer
}

#[tokio::test]
async fn a_repeated_registration_brings_nothing_of_an_erased_person_back() {
    let system = System::start().await;
    let admin = system.found().await;
    let pool = database(&system).await;
    let held = "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END $$;
         CREATE TRIGGER held BEFORE INSERT ON partner_log.passwords
             FOR EACH ROW EXECUTE FUNCTION held()";
    sqlx::raw_sql(held).execute(&pool).await.unwrap();
    let late = erased_while_repeated(&pool, &system, &admin, "u-1").await;
    assert_eq!(reason(&late.unwrap_err()), "LOGIN_ERASED");

    // A repeat that still finds its old answer, because the erasing is not there yet.
    let still_there = "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RETURN NULL; END $$;
         CREATE TRIGGER leave BEFORE DELETE ON partner_log.requests
             FOR EACH ROW EXECUTE FUNCTION leave()";
    sqlx::raw_sql(still_there).execute(&pool).await.unwrap();
    let soon = erased_while_repeated(&pool, &system, &admin, "u-2").await;
    assert_eq!(soon.unwrap().version, 1);
}

async fn waiting(system: &System, wanted: f64) {
    while system.metric("qudao_erasures_waiting").await != Some(wanted) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn one_who_can_not_be_erased_yet_holds_nobody_up() {
    let system = System::start().await;
    let admin = system.found().await;
    let (first, second) = (registration("u-1"), registration("u-2"));
    for request in [&first, &second] {
        register(&admin, request.clone()).await.unwrap();
    }
    let pool = database(&system).await;
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RAISE EXCEPTION 'not this one'; END $$;
         CREATE TRIGGER refuse BEFORE UPDATE ON partner_log.personal_keys
             FOR EACH ROW WHEN (NEW.subject = 'u-1') EXECUTE FUNCTION refuse()",
    )
    .execute(&pool)
    .await
    .unwrap();
    begun(&system, "u-1").await;
    begun(&system, "u-2").await;
    assert!(gone(&system, "u-2", &second.request_id).await, "who comes later");
    waiting(&system, 1.0).await;
    assert_eq!(kept(&system, "u-1", &first.request_id).await, (true, 1));
    sqlx::query("DROP TRIGGER refuse ON partner_log.personal_keys").execute(&pool).await.unwrap();
    assert!(gone(&system, "u-1", &first.request_id).await, "it is tried again");
    waiting(&system, 0.0).await;
}

#[tokio::test]
async fn a_lost_key_is_not_told_as_an_erased_person() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    register(&admin, registration(LOGIN)).await.unwrap();
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    submit(&person, &order_of("SO-1", 2)).await;
    let lost = sqlx::query("DELETE FROM partner_log.personal_keys WHERE subject = $1");
    lost.bind(LOGIN).execute(&database(&system).await).await.unwrap();

    let told = history(&admin, "user/u-4711").await.remove(0);
    assert!(told.shown_json.contains("已加密 · encrypted"), "{}", told.shown_json);
    assert!(told.sentence_en.contains("(encrypted)"), "{}", told.sentence_en);
    let origin = history(&admin, "SO-1").await.remove(0).event.unwrap().origin.unwrap();
    assert_eq!((origin.actor_id.as_str(), origin.actor_name.as_str()), (LOGIN, ""));
    assert!(!origin.actor_erased);
    let refused = sign_in(&admin, LOGIN, PASSWORD).await.err().unwrap();
    assert_eq!(refused.code(), Code::Internal, "somebody has to look at it");
}

//! Being signed in: sessions, refresh tokens, passwords, lock-out, keys.

use std::process::Command;
use std::time::{Duration, Instant};

use proto::access::v1::Role;
use proto::order::v1::ListOrdersRequest;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::partner::v1 as pb;
use proto::partner::v1::session_service_client::SessionServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use cluster_tests::support::people::{LOGIN, PASSWORD, database, people, register, registration};
use cluster_tests::support::shop::{self, order_of, reason};
use cluster_tests::support::system::{Launch, System, User, executable, id};

/// How soon what ends a session is to be felt everywhere.
pub(crate) const SOON: Duration = Duration::from_secs(2);

pub(crate) fn sessions(user: &User) -> SessionServiceClient<Channel> {
    SessionServiceClient::new(user.channel.clone())
}

/// Somebody signed in, with all that their client was given.
pub(crate) struct Signed {
    pub(crate) user: User,
    pub(crate) answer: pb::SignInResponse,
}

pub(crate) fn signed(by: &User, answer: pb::SignInResponse) -> Signed {
    let user = User { channel: by.channel.clone(), token: answer.token.clone() };
    Signed { user, answer }
}

pub(crate) async fn sign_in(by: &User, login: &str, password: &str) -> Result<Signed, Status> {
    sign_in_from(by, login, password, "203.0.113.7").await
}

async fn sign_in_from(
    by: &User,
    login: &str,
    password: &str,
    address: &str,
) -> Result<Signed, Status> {
    let mut request = Request::new(pb::SignInRequest {
        tenant_id: "acme".to_owned(),
        login: login.to_owned(),
        password: password.to_owned(),
        ..Default::default()
    });
    request.metadata_mut().insert("x-forwarded-for", address.parse().unwrap());
    Ok(signed(by, people(by).sign_in(request).await?.into_inner()))
}

async fn refresh(by: &User, token: &str, request_id: &str) -> Result<Signed, Status> {
    let (request_id, refresh_token) = (request_id.to_owned(), token.to_owned());
    let request = pb::RefreshSessionRequest { request_id, refresh_token };
    let answer = sessions(by).refresh_session(Request::new(request)).await?.into_inner();
    Ok(signed(by, answer.session.unwrap()))
}

/// What the order role says to somebody's token.
pub(crate) async fn orders_of(user: &User) -> Result<(), Status> {
    let mut orders =
        proto::order::v1::order_service_client::OrderServiceClient::new(user.channel.clone());
    match orders.submit_order(user.says(order_of("SO-9", 1))).await {
        Err(no) if no.code() == Code::Unauthenticated => Err(no),
        _ => Ok(()),
    }
}

/// Waits until the order role and the projector have heard that a token is over.
#[track_caller]
pub(crate) fn ends_soon(user: &User) -> impl Future<Output = ()> {
    let (user, since) = (user.clone(), Instant::now());
    async move {
        loop {
            let asked = user.says(ListOrdersRequest::default());
            let listed =
                OrderQueryServiceClient::new(user.channel.clone()).list_orders(asked).await;
            if let (Err(order), Err(list)) = (orders_of(&user).await, listed) {
                assert_eq!(
                    (reason(&order), reason(&list)),
                    ("SESSION_ENDED".into(), "SESSION_ENDED".into())
                );
                let zh = order.get_details_localized_message().unwrap();
                assert!(zh.message.contains("会话已结束"), "{zh:?}");
                return;
            }
            assert!(since.elapsed() < SOON, "the token still works");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn with_somebody() -> (System, User, Signed) {
    let environment = vec![("QUDAO_PROXIES", "1".to_owned())];
    let system = System::start_as(Launch { environment, ..Launch::default() }).await;
    let admin = shop::open(&system).await;
    register(&admin, registration(LOGIN)).await.unwrap();
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    (system, admin, person)
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_a_second_use_ends_the_session() {
    let (system, admin, person) = with_somebody().await;
    let first = person.answer.refresh_token.clone();
    assert_eq!(first.len(), 43);
    let asked = id();
    let second = refresh(&admin, &first, &asked).await.unwrap();
    assert_ne!(second.answer.refresh_token, first);
    assert_eq!(second.answer.session_id, person.answer.session_id);
    orders_of(&second.user).await.unwrap();
    let again = refresh(&admin, &first, &asked).await.unwrap();
    let (one, other) = (&second.answer.refresh_token, &again.answer.refresh_token);
    assert_eq!(one, other, "a lost answer is given again");
    let third = refresh(&admin, one, &id()).await.unwrap();
    orders_of(&third.user).await.unwrap();

    let pool = database(&system).await;
    let plain: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM partner_log.refresh_tokens t WHERE strpos(t::text, $1) > 0",
    )
    .bind(&third.answer.refresh_token)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(plain, 0, "only digests are kept");

    let stolen = refresh(&admin, &first, &id()).await.err().unwrap();
    assert_eq!((stolen.code(), reason(&stolen).as_str()), (Code::Unauthenticated, "SESSION_ENDED"));
    ends_soon(&third.user).await;
    let owner = refresh(&admin, &third.answer.refresh_token, &id()).await.err().unwrap();
    assert_eq!(reason(&owner), "SESSION_ENDED", "of the whole family");
    let unknown = refresh(&admin, "no such token", &id()).await.err().unwrap();
    assert_eq!((unknown.message(), unknown.details()), (stolen.message(), stolen.details()));
}

#[tokio::test]
async fn sessions_are_listed_and_end_where_they_are_told_to() {
    let (_system, admin, here) = with_somebody().await;
    let there = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let list = async |by: &User, login: &str| {
        let asked = by.says(pb::ListSessionsRequest { login: login.to_owned() });
        Ok::<_, Status>(sessions(by).list_sessions(asked).await?.into_inner().sessions)
    };
    let listed = list(&here.user, "").await.unwrap();
    assert_eq!(listed.len(), 2);
    let current: Vec<_> = listed.iter().filter(|it| it.current).collect();
    assert_eq!(current[0].session_id, here.answer.session_id);
    assert_eq!(current[0].address, "203.0.113.7");

    let revoke = |session_id: &str, login: &str| pb::RevokeSessionRequest {
        request_id: id(),
        session_id: session_id.to_owned(),
        login: login.to_owned(),
        ..Default::default()
    };
    let of_there = there.answer.session_id.as_str();
    let asked = here.user.says(revoke(of_there, ""));
    sessions(&here.user).revoke_session(asked).await.unwrap();
    ends_soon(&there.user).await;
    orders_of(&here.user).await.unwrap();
    assert_eq!(list(&here.user, "").await.unwrap().len(), 1);

    let han = sign_in(&admin, "han.meimei", "correct horse").await.unwrap();
    let asked = here.user.says(revoke(&han.answer.session_id, ""));
    let refused = sessions(&here.user).revoke_session(asked).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_SUCH_SESSION", "somebody else's");
    let asked = here.user.says(revoke(&han.answer.session_id, "han.meimei"));
    let refused = sessions(&here.user).revoke_session(asked).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    assert_eq!(reason(&list(&here.user, "han.meimei").await.unwrap_err()), "ROLE_MISSING");
    assert_eq!(list(&han.user, LOGIN).await.unwrap().len(), 1);

    let out = pb::SignOutRequest { request_id: id(), ..Default::default() };
    sessions(&here.user).sign_out(here.user.says(out)).await.unwrap();
    ends_soon(&here.user).await;
    let refused = refresh(&admin, &here.answer.refresh_token, &id()).await.err().unwrap();
    assert_eq!(reason(&refused), "SESSION_ENDED");
    let out = pb::SignOutRequest { request_id: id(), ..Default::default() };
    let refused = sessions(&admin).sign_out(admin.says(out)).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_SESSION", "a token that nobody signed in for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_sign_in_at_the_same_moment_do_not_wait_for_each_other() {
    let (_system, admin, _person) = with_somebody().await;
    for round in 0..8 {
        // As many as are free for one login, from places where nobody has signed in before: they
        // have one count.
        let places: Vec<_> = (0..4).map(|n| format!("198.51.100.{}", 10 + 4 * round + n)).collect();
        let all = places.iter().map(|place| sign_in_from(&admin, LOGIN, PASSWORD, place));
        for signed in futures::future::join_all(all).await {
            signed.map_err(|no| reason(&no)).expect("a right password is not kept waiting");
        }
    }
}

#[tokio::test]
async fn guessing_passwords_takes_longer_and_longer_and_locks_nobody_out_for_ever() {
    let (_system, admin, _person) = with_somebody().await;
    let stranger = "198.51.100.1";
    for login in [LOGIN, "nobody.here"] {
        for _ in 0..5 {
            let wrong = sign_in_from(&admin, login, "no such moon", stranger).await.err().unwrap();
            assert_eq!(reason(&wrong), "WRONG_PASSWORD", "{login}");
        }
        let wait = sign_in_from(&admin, login, "no such moon", stranger).await.err().unwrap();
        let told = (wait.code(), reason(&wait));
        assert_eq!(told, (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS".into()), "{login}");
        let delay = wait.get_details_retry_info().unwrap().retry_delay.unwrap();
        assert!((1..=4).contains(&delay.as_secs()), "{delay:?}");
        assert!(wait.get_details_localized_message().unwrap().message.contains("次数过多"));
        let right = sign_in_from(&admin, login, PASSWORD, stranger).await.err().unwrap();
        assert_eq!(reason(&right), "TOO_MANY_ATTEMPTS", "a right one waits as well");
    }
    sign_in(&admin, LOGIN, PASSWORD).await.expect("from where they have signed in before");
    tokio::time::sleep(Duration::from_millis(4_100)).await;
    sign_in_from(&admin, LOGIN, PASSWORD, stranger).await.expect("the wait is over");
    for _ in 0..5 {
        let wrong = sign_in_from(&admin, LOGIN, "no such moon", stranger).await.err().unwrap();
        assert_eq!(reason(&wrong), "WRONG_PASSWORD", "the count began anew");
    }
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_set_anew_by_a_link() {
    let (_system, admin, here) = with_somebody().await;
    let there = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let change = |old: &str, new: &str| pb::ChangePasswordRequest {
        request_id: id(),
        old_password: old.to_owned(),
        new_password: new.to_owned(),
        ..Default::default()
    };
    let by = async |request| sessions(&here.user).change_password(here.user.says(request)).await;
    let new = "stars over mountains";
    let refused = by(change("no such moon", new)).await.unwrap_err();
    assert_eq!(reason(&refused), "WRONG_PASSWORD");
    for weak in ["short", "password123", "u-4711-u-4711", "顶好饮料顶好饮料顶好"] {
        let refused = by(change(PASSWORD, weak)).await.unwrap_err();
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(fields[0].field, "new_password", "{weak}");
    }
    let asked = change(PASSWORD, new);
    let changed = by(asked.clone()).await.unwrap().into_inner();
    let next = signed(&admin, changed.session.unwrap());
    orders_of(&next.user).await.unwrap();
    ends_soon(&there.user).await;
    ends_soon(&here.user).await;
    orders_of(&next.user).await.expect("their own session goes on");
    let refreshed = refresh(&admin, &here.answer.refresh_token, &id()).await.unwrap();
    let refused = refresh(&admin, &there.answer.refresh_token, &id()).await.err().unwrap();
    assert_eq!(reason(&refused), "SESSION_ENDED");
    let lost = sessions(&next.user).change_password(next.user.says(asked)).await.unwrap();
    assert_eq!(lost.into_inner().receipt, changed.receipt, "a lost answer is given again");
    let refused = sign_in(&admin, LOGIN, PASSWORD).await.err().unwrap();
    assert_eq!(reason(&refused), "WRONG_PASSWORD");
    sign_in(&admin, LOGIN, new).await.unwrap();

    let reset = pb::ResetPasswordRequest {
        request_id: id(),
        login: LOGIN.to_owned(),
        ..Default::default()
    };
    let link = async || {
        let answer = sessions(&admin).reset_password(admin.says(reset.clone())).await.unwrap();
        let path = answer.into_inner().link_path;
        path.strip_prefix("/password/").unwrap().to_owned()
    };
    let (before, token) = (link().await, link().await);
    ends_soon(&refreshed.user).await;
    let refused = sign_in(&admin, LOGIN, new).await.err().unwrap();
    assert_eq!(reason(&refused), "WRONG_PASSWORD", "the old one is gone");
    let set = async |token: &str, request_id: &str, password: &str| {
        let request = pb::SetPasswordRequest {
            request_id: request_id.to_owned(),
            token: token.to_owned(),
            password: password.to_owned(),
            ..Default::default()
        };
        let answer = sessions(&admin).set_password(Request::new(request)).await?;
        Ok::<_, Status>(signed(&admin, answer.into_inner().session.unwrap()))
    };
    let third = "rivers below bridges";
    assert_eq!(reason(&set(&before, &id(), third).await.err().unwrap()), "RESET_OVER");
    let request_id = id();
    let in_again = set(&token, &request_id, third).await.unwrap();
    orders_of(&in_again.user).await.unwrap();
    set(&token, &request_id, third).await.expect("a lost answer is given again");
    assert_eq!(reason(&set(&token, &id(), third).await.err().unwrap()), "RESET_OVER");
    sign_in(&admin, LOGIN, third).await.unwrap();
}

#[tokio::test]
async fn keys_rotate_while_calls_run() {
    let (system, _admin, person) = with_somebody().await;
    let calls = tokio::spawn({
        let user = person.user.clone();
        async move {
            let until = Instant::now() + Duration::from_secs(8);
            let mut done = 0;
            while Instant::now() < until {
                orders_of(&user).await.expect("a token of before stays good");
                done += 1;
            }
            done
        }
    });
    let keys = |arguments: &[&str]| {
        let done = Command::new(executable())
            .arg("keys")
            .args(arguments)
            .env("QUDAO_SIGNING_KEY", system.key_file())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap()
    };
    let added = keys(&["rotate", "--after", "3", "--json"])["id"].clone();
    let listed = keys(&["list", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[1]["id"]), (2, &added));
    let mut refresh_token = person.answer.refresh_token.clone();
    let since = Instant::now();
    loop {
        let next = refresh(&person.user, &refresh_token, &id()).await.unwrap();
        orders_of(&next.user).await.expect("whichever key it was signed with");
        if signed_with(&next.user.token) == added {
            break;
        }
        refresh_token = next.answer.refresh_token;
        assert!(since.elapsed() < Duration::from_secs(20), "the new key never signs");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(calls.await.unwrap() > 0);
    let operator = system.user("", &[Role::Operator], None);
    assert_eq!(signed_with(&operator.token), added, "who has the file signs with it as well");
}

/// The id of the key that a token says.
fn signed_with(token: &str) -> serde_json::Value {
    let header = token.split('.').next().unwrap();
    let letters = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let bits = header.bytes().map(letters).collect::<Vec<_>>();
    let bytes: Vec<u8> = bits
        .chunks(4)
        .flat_map(|four| {
            let number = four.iter().fold(0_u32, |sum, six| sum << 6 | u32::from(*six));
            let number = number << (6 * (4 - four.len()));
            number.to_be_bytes()[1..four.len()].to_vec()
        })
        .collect();
    serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["kid"].clone()
}

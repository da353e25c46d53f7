//! Signing in through an identity provider, a real one on this machine: oidc-provider, asked by a
//! browser of a few lines (tests/node).

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proto::access::v1::Role;
use proto::partner::v1 as pb;
use proto::partner::v1::identity_provider_service_client::IdentityProviderServiceClient;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::invitation_service_client::InvitationServiceClient;
use proto::partner::v1::tenant_service_client::TenantServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use cluster_tests::support::people::{
    LOGIN, PASSWORD, erase, erasure, places_of, register, registration,
};
use cluster_tests::support::shop::{self, reason};
use cluster_tests::support::system::{Launch, System, User, id};

use crate::system::identity::{Signed, ends_soon, orders_of, sign_in, signed};

const REDIRECT: &str = "http://127.0.0.1:9/oidc/callback";
const SECRET: &str = "a secret that only both know";

fn node(script: &str) -> Command {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("node");
    assert!(folder.join("node_modules/oidc-provider").exists(), "it is missing: make tools");
    let mut command = Command::new("node");
    command.arg(folder.join(script)).stderr(Stdio::null());
    command
}

/// A running provider.
struct IdP {
    port: u16,
    process: Child,
}

impl IdP {
    async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut idp = Self { port, process: Self::process(port) };
        idp.ready().await;
        idp
    }

    fn process(port: u16) -> Child {
        let mut command = node("oidc-provider.mjs");
        command.arg(port.to_string()).arg(REDIRECT).stdout(Stdio::null()).spawn().unwrap()
    }

    async fn ready(&mut self) {
        for _ in 0..600 {
            let known = local::http::get(self.port, "/.well-known/openid-configuration").await;
            if known.is_ok_and(|(code, _)| code == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the provider never got ready");
    }

    fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to misbehave, or to take another key.
    fn asked_to(&self, what: &str) {
        let url = format!("{}/test/{what}", self.issuer());
        let script = format!("await fetch('{url}', {{ method: 'POST' }})");
        let done = Command::new("node").args(["--input-type=module", "-e", &script]).status();
        assert!(done.unwrap().success());
    }

    /// What a browser is sent back with that signs in as somebody and consents.
    fn visited(&self, flow: &pb::BegunFlow, who: &str) -> pb::FinishedFlow {
        let done = node("visit.mjs").arg(&flow.authorization_url).arg(who).output().unwrap();
        let back = String::from_utf8(done.stdout).unwrap();
        assert!(back.starts_with(REDIRECT), "{back}");
        let part = |name: &str| {
            let parts = back.trim().split(['?', '&']);
            let found = parts.filter_map(|part| part.strip_prefix(&format!("{name}="))).next();
            found.unwrap().replace("%3A", ":").replace("%2F", "/")
        };
        pb::FinishedFlow {
            state: part("state"),
            code: part("code"),
            issuer: part("iss"),
            flow_secret: flow.flow_secret.clone(),
        }
    }
}

impl Drop for IdP {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn idps(user: &User) -> IdentityProviderServiceClient<Channel> {
    IdentityProviderServiceClient::new(user.channel.clone())
}

fn configuration(issuer: &str) -> pb::ConfigureIdentityProviderRequest {
    pb::ConfigureIdentityProviderRequest {
        request_id: id(),
        issuer: issuer.to_owned(),
        client_id: "qudao".to_owned(),
        client_secret: SECRET.to_owned(),
        label: "企业账号".to_owned(),
        redirect_uri: REDIRECT.to_owned(),
        ..Default::default()
    }
}

async fn configure(admin: &User, issuer: &str) -> Result<(), Status> {
    let asked = admin.says(configuration(issuer));
    idps(admin).configure_identity_provider(asked).await.map(drop)
}

/// A brand with a provider, and somebody with a password.
async fn stage() -> (System, IdP, User, Signed) {
    let idp = IdP::start().await;
    let environment = vec![("QUDAO_OUTBOUND_PRIVATE", "true".to_owned())];
    let system = System::start_as(Launch { environment, ..Launch::default() }).await;
    let admin = shop::open(&system).await;
    configure(&admin, &idp.issuer()).await.unwrap();
    register(&admin, registration(LOGIN)).await.unwrap();
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    (system, idp, admin, person)
}

async fn begun(by: &User) -> Result<pb::BegunFlow, Status> {
    let tenant_id = "acme".to_owned();
    let asked = pb::StartOidcSignInRequest { tenant_id, ..Default::default() };
    let answer = idps(by).start_oidc_sign_in(Request::new(asked)).await?;
    Ok(answer.into_inner().flow.unwrap())
}

async fn finished(by: &User, flow: pb::FinishedFlow) -> Result<Signed, Status> {
    let asked = pb::FinishOidcSignInRequest { flow: Some(flow) };
    let answer = idps(by).finish_oidc_sign_in(Request::new(asked)).await?;
    Ok(signed(by, answer.into_inner().session.unwrap()))
}

async fn refused(by: &User, flow: pb::FinishedFlow) -> String {
    reason(&finished(by, flow).await.err().expect("nobody is let in"))
}

/// Links somebody with who they are at the provider.
async fn link(idp: &IdP, person: &User, who: &str) -> Result<(), Status> {
    let asked = person.says(pb::StartIdentityLinkRequest {});
    let flow = idps(person).start_identity_link(asked).await?.into_inner().flow.unwrap();
    let flow = Some(idp.visited(&flow, who));
    let asked = pb::LinkIdentityRequest { request_id: id(), flow, ..Default::default() };
    idps(person).link_identity(person.says(asked)).await.map(drop)
}

async fn identities(person: &User) -> pb::ListIdentitiesResponse {
    let asked = person.says(pb::ListIdentitiesRequest {});
    idps(person).list_identities(asked).await.unwrap().into_inner()
}

#[tokio::test]
async fn who_was_linked_signs_in_through_the_provider_and_nobody_else_does() {
    let (system, idp, admin, person) = stage().await;
    let door = pb::GetTenantRequest { tenant_id: "acme".to_owned() };
    let mut tenants = TenantServiceClient::new(admin.channel.clone());
    let door = tenants.get_tenant(Request::new(door)).await.unwrap().into_inner();
    assert_eq!(door.provider_label, "企业账号");
    let who = "subject-4711";
    let flow = begun(&admin).await.unwrap();
    let stranger = idp.visited(&flow, who);
    assert_eq!(refused(&admin, stranger).await, "NOT_LINKED");

    link(&idp, &person.user, who).await.unwrap();
    let flow = begun(&admin).await.unwrap();
    let here = finished(&admin, idp.visited(&flow, who)).await.unwrap();
    assert_eq!(here.answer.user.as_ref().unwrap().user_id, LOGIN);
    orders_of(&here.user).await.unwrap();
    let taken = link(&idp, &admin_signed_in(&admin).await, who).await.unwrap_err();
    assert_eq!(reason(&taken), "IDENTITY_TAKEN");
    for secret in [who, SECRET] {
        assert_eq!(places_of(&system, secret).await, Vec::<String>::new(), "{secret}");
    }

    let listed = identities(&person.user).await;
    assert!(listed.has_password && listed.identities[0].issuer == idp.issuer());
    let unlink = pb::UnlinkIdentityRequest {
        request_id: id(),
        identity_id: listed.identities[0].identity_id.clone(),
        ..Default::default()
    };
    let unlinked = idps(&person.user).unlink_identity(person.user.says(unlink)).await;
    unlinked.unwrap();
    ends_soon(&here.user).await;
    let flow = begun(&admin).await.unwrap();
    assert_eq!(refused(&admin, idp.visited(&flow, who)).await, "NOT_LINKED");
}

async fn admin_signed_in(admin: &User) -> User {
    sign_in(admin, "han.meimei", "correct horse").await.unwrap().user
}

#[tokio::test]
async fn only_the_browser_that_began_a_visit_ends_it_and_only_once() {
    let (_system, idp, admin, person) = stage().await;
    link(&idp, &person.user, "alice").await.unwrap();
    let flow = begun(&admin).await.unwrap();
    let back = idp.visited(&flow, "alice");
    let forged = pb::FinishedFlow { state: "forged".to_owned(), ..back.clone() };
    assert_eq!(refused(&admin, forged).await, "SIGN_IN_OVER", "a state of nobody's");
    let other = begun(&admin).await.unwrap();
    let lured = pb::FinishedFlow { flow_secret: other.flow_secret.clone(), ..back.clone() };
    assert_eq!(refused(&admin, lured).await, "SIGN_IN_OVER", "another browser");
    finished(&admin, back.clone()).await.expect("the browser that began it");
    assert_eq!(refused(&admin, back.clone()).await, "SIGN_IN_OVER", "a second time");
    // The code in a visit of one's own: the provider knows it, and of whom.
    let again = idp.visited(&other, "alice");
    let replayed = pb::FinishedFlow { code: back.code, ..again };
    assert_eq!(refused(&admin, replayed).await, "PROVIDER_REFUSED");
    let third = begun(&admin).await.unwrap();
    let mixed = pb::FinishedFlow {
        issuer: "https://attacker.example".to_owned(),
        ..idp.visited(&third, "alice")
    };
    assert_eq!(refused(&admin, mixed).await, "OTHER_ISSUER", "RFC 9207");
    // What was begun to sign in does not link anybody.
    let fourth = begun(&admin).await.unwrap();
    let flow = Some(idp.visited(&fourth, "bob"));
    let asked = pb::LinkIdentityRequest { request_id: id(), flow, ..Default::default() };
    let no = idps(&person.user).link_identity(person.user.says(asked)).await.unwrap_err();
    assert_eq!(reason(&no), "SIGN_IN_OVER");
}

#[tokio::test]
async fn a_token_that_is_not_wholly_right_lets_nobody_in() {
    let (_system, idp, admin, person) = stage().await;
    link(&idp, &person.user, "alice").await.unwrap();
    let kinds = ["nonce", "audience", "party", "issuer", "expired", "none", "hs256", "key"];
    for kind in kinds {
        idp.asked_to(kind);
        let flow = begun(&admin).await.unwrap();
        let told = refused(&admin, idp.visited(&flow, "alice")).await;
        // What is no signed token at all is not even read.
        let expected = ["ID_TOKEN_NOT_GOOD", "PROVIDER_UNFIT"];
        assert!(expected.contains(&told.as_str()), "{kind}: {told}");
    }
    idp.asked_to("resigned");
    let flow = begun(&admin).await.unwrap();
    let back = idp.visited(&flow, "alice");
    finished(&admin, back).await.expect("signed again with nothing changed: the control");
}

#[tokio::test]
async fn another_key_of_the_provider_is_found_and_a_provider_that_is_away_keeps_nobody_out() {
    let (_system, mut idp, admin, person) = stage().await;
    link(&idp, &person.user, "alice").await.unwrap();
    idp.asked_to("rotate");
    let since = Instant::now();
    loop {
        let flow = begun(&admin).await.unwrap();
        match finished(&admin, idp.visited(&flow, "alice")).await {
            Ok(_) => break,
            // Nobody makes us ask for keys as often as they like.
            Err(no) => assert_eq!(reason(&no), "ID_TOKEN_NOT_GOOD"),
        }
        assert!(since.elapsed() < Duration::from_secs(30), "the key is never found");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let flow = begun(&admin).await.unwrap();
    let back = idp.visited(&flow, "alice");
    idp.process.kill().unwrap();
    idp.process.wait().unwrap();
    let no = finished(&admin, back).await.err().unwrap();
    assert_eq!((no.code(), reason(&no).as_str()), (Code::Unavailable, "PROVIDER_AWAY"));
    sign_in(&admin, LOGIN, PASSWORD).await.expect("with a password");
    let no = configure(&admin, &idp.issuer()).await.unwrap_err();
    assert_eq!(reason(&no), "PROVIDER_AWAY", "one that does not answer is not configured");
    idp.process = IdP::process(idp.port);
    idp.ready().await;
}

#[tokio::test]
async fn an_invitation_is_accepted_through_the_provider_without_a_password() {
    let (_system, idp, admin, _) = stage().await;
    let invite = pb::InviteUserRequest {
        request_id: id(),
        roles: vec![Role::SalesRep.into()],
        ..Default::default()
    };
    let mut inviting = InvitationServiceClient::new(admin.channel.clone());
    let invited = inviting.invite_user(admin.says(invite)).await.unwrap().into_inner();
    let token = invited.link_path.strip_prefix("/invite/").unwrap().to_owned();
    let start =
        pb::StartOidcSignInRequest { invitation_token: token.clone(), ..Default::default() };
    let begun = idps(&admin).start_oidc_sign_in(Request::new(start)).await.unwrap();
    let back = idp.visited(&begun.into_inner().flow.unwrap(), "carol");
    let accept = pb::AcceptInvitationByProviderRequest {
        request_id: id(),
        flow: Some(back),
        token,
        login: "carol.at.idp".to_owned(),
        name: "卡萝".to_owned(),
        ..Default::default()
    };
    let accepted = idps(&admin).accept_invitation_by_provider(Request::new(accept)).await;
    let carol = signed(&admin, accepted.unwrap().into_inner().session.unwrap());
    let listed = identities(&carol.user).await;
    assert!(!listed.has_password && listed.identities.len() == 1);
    let unlink = pb::UnlinkIdentityRequest {
        request_id: id(),
        identity_id: listed.identities[0].identity_id.clone(),
        ..Default::default()
    };
    let no = idps(&carol.user).unlink_identity(carol.user.says(unlink)).await.unwrap_err();
    assert_eq!(reason(&no), "LAST_WAY_IN");

    let flow = self::begun(&admin).await.unwrap();
    finished(&admin, idp.visited(&flow, "carol")).await.unwrap();
    let suspend = pb::SuspendUserRequest {
        request_id: id(),
        login: "carol.at.idp".to_owned(),
        reason: "休假".to_owned(),
        ..Default::default()
    };
    let mut people = IdentityServiceClient::new(admin.channel.clone());
    people.suspend_user(admin.says(suspend)).await.unwrap();
    let flow = self::begun(&admin).await.unwrap();
    assert_eq!(refused(&admin, idp.visited(&flow, "carol")).await, "USER_SUSPENDED");
    erase(&admin, &erasure("carol.at.idp")).await.unwrap();
    let flow = self::begun(&admin).await.unwrap();
    assert_eq!(refused(&admin, idp.visited(&flow, "carol")).await, "NOT_LINKED");
}

#[tokio::test]
async fn a_provider_on_a_private_network_is_not_asked_unless_it_is_allowed() {
    let idp = IdP::start().await;
    let system = System::start().await;
    let admin = shop::open(&system).await;
    for issuer in [idp.issuer(), "https://10.0.0.8".to_owned(), "https://localhost".to_owned()] {
        let no = configure(&admin, &issuer).await.unwrap_err();
        assert_eq!(reason(&no), "PROVIDER_ADDRESS", "{issuer}: {no:?}");
    }
    let no = begun(&admin).await.unwrap_err();
    assert_eq!((no.code(), reason(&no).as_str()), (Code::NotFound, "NO_PROVIDER"));
    let asked = admin.says(pb::GetIdentityProviderRequest {});
    let shown = idps(&admin).get_identity_provider(asked).await.unwrap();
    assert_eq!(shown.into_inner().provider, None);
    let reason_told = "没有".to_owned();
    let remove = pb::RemoveIdentityProviderRequest {
        request_id: id(),
        reason: reason_told,
        ..Default::default()
    };
    let no = idps(&admin).remove_identity_provider(admin.says(remove)).await.unwrap_err();
    assert_eq!(reason(&no), "NO_PROVIDER");
}

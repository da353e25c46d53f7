//! S5: every role on every rpc, against the document that people read.

use std::collections::BTreeMap;
use std::path::Path;

use kernel::access::Who;
use kernel::auth::Caller;
use proto::access::v1::{Module, Role};
use tonic::Code;

use super::requests::{Hints, plain};
use super::row::{Found, Row, Run};
use super::rpcs::{Answer, Rpc, call, walk};
use super::stage::{Stage, caller, of_a_dealer, roles};
use super::tokens::both_languages;

pub(super) static S5: Row = Row {
    id: "S5",
    attack: "people of every role, of none and of one that does not exist call every rpc, and \
             programs of a role that may; those who may, with its module turned off, and before they \
             have changed the password that somebody gave them",
    passes: "PERMISSION_DENIED and ROLE_MISSING exactly where docs/access.md does not name the role; \
             PERSONS_ONLY for programs exactly where it says “people only”; MODULE_OFF exactly \
             where it names a module that is off; PASSWORD_TO_BE_CHANGED for all but three rpcs",
    control: "`s5_notices_a_gate_that_takes_any_role`, \
              `s5_notices_a_gate_that_opens_what_is_turned_off`, \
              `s5_notices_a_gate_that_lets_programs_do_all`, \
              `s5_notices_a_gate_that_asks_nobody_for_another_password`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

async fn attack(stage: &Stage, _: Run) -> Found {
    let channel = stage.channel();
    let rpcs = walk(channel.clone()).await;
    let matrix = matrix();
    let listed: Vec<_> = matrix.keys().cloned().collect();
    let mut there: Vec<_> = rpcs.iter().map(|rpc| rpc.path[1..].to_owned()).collect();
    there.sort_unstable();
    assert_eq!(there, listed, "docs/access.md lists the rpcs that the server has");
    let mut found = Found::default();
    for rpc in &rpcs {
        let admitted = &matrix[&rpc.path[1..]];
        for (role, who) in people() {
            let body = plain(&rpc.method.input(), &Hints::default());
            let token = format!("Bearer {}", stage.token(&who));
            let answer = call(&channel, rpc, body, &[("authorization", &token)]).await;
            let came =
                judged(&answer, admitted.admits(&role)).map_err(|what| format!("{role}: {what}"));
            found.attempt(Some(rpc.name()), came);
        }
    }
    for rpc in &rpcs {
        let came = of_a_program(stage, rpc).await;
        found.attempt(Some(rpc.name()), came);
    }
    for rpc in &rpcs {
        let came = with_first_password(stage, rpc).await;
        found.attempt(Some(rpc.name()), came);
    }
    found.figure("roles", roles().count() + 2);
    modules(stage, &rpcs, &matrix, &mut found).await;
    found
}

/// Somebody who may call an rpc calls it with a token of a tenant that has its module turned off,
/// and of one that has turned off all others.
async fn modules(
    stage: &Stage,
    rpcs: &[Rpc],
    matrix: &BTreeMap<String, Admitted>,
    found: &mut Found,
) {
    let channel = stage.channel();
    let mut tried = 0;
    for rpc in rpcs {
        let admitted = &matrix[&rpc.path[1..]];
        let Some(module) = &admitted.module else { continue };
        let mut people = people().into_iter().filter(|(role, _)| admitted.admits(role));
        let (_, who) =
            people.find(|(_, who)| !who.tenant.is_empty()).expect("somebody may call it");
        for (on, refused) in [(others(module), true), (vec![module.clone()], false)] {
            let who = Caller { modules: on, ..who.clone() };
            let token = format!("Bearer {}", stage.token(&who));
            let body = plain(&rpc.method.input(), &Hints::default());
            let answer = call(&channel, rpc, body, &[("authorization", &token)]).await;
            let came = match (answer.reason() == "MODULE_OFF", refused) {
                (true, true) => both_languages(&answer),
                (false, false) => Ok(()),
                (told, _) => Err(format!("MODULE_OFF is {told} where {module} is off: {refused}")),
            };
            found.attempt(Some(rpc.name()), came);
            tried += 1;
        }
    }
    found.figure("calls with a module turned off or on", tried);
}

fn others(module: &str) -> Vec<String> {
    let all = (1..).map_while(|number| Module::try_from(number).ok());
    all.map(|one| one.as_str_name().to_owned()).filter(|one| one != module).collect()
}

/// Whether a program with a role that may call is kept out exactly where only people may.
async fn of_a_program(stage: &Stage, rpc: &Rpc) -> Result<(), String> {
    let may = |role: &Role| match &rpc.access.who {
        Who::Public | Who::SignedIn => true,
        Who::Roles(named) => named.iter().any(|one| one == role.as_str_name()),
    };
    let role = roles().filter(|role| *role != Role::Operator).find(may);
    let Some(role) = role else { return Ok(()) };
    let dealer = of_a_dealer(role).then_some("hengtong");
    let mut who = caller("acme", &[role], dealer);
    who.user_id = "service:erp".to_owned();
    let body = plain(&rpc.method.input(), &Hints::default());
    let token = format!("Bearer {}", stage.token(&who));
    let answer = call(&stage.channel(), rpc, body, &[("authorization", &token)]).await;
    let kept_out = answer.reason() == "PERSONS_ONLY";
    match rpc.access.persons_only == kept_out {
        true if kept_out => both_languages(&answer),
        true => Ok(()),
        false => Err(format!("a program: {:?} {}", answer.code(), answer.reason())),
    }
}

/// What somebody may call who has yet to change the password that they were given, besides what
/// needs no token.
const BEFORE_A_CHANGE: [&str; 3] = ["GetCurrentUser", "SignOut", "ChangePassword"];

/// Whether somebody who may call an rpc is kept out of it until they have changed their password.
async fn with_first_password(stage: &Stage, rpc: &Rpc) -> Result<(), String> {
    let may = |role: &Role| match &rpc.access.who {
        Who::Public | Who::SignedIn => true,
        Who::Roles(named) => named.iter().any(|one| one == role.as_str_name()),
    };
    let Some(role) = roles().filter(|role| *role != Role::Operator).find(may) else {
        return Ok(());
    };
    let dealer = of_a_dealer(role).then_some("hengtong");
    let who = Caller { password_to_be_changed: true, ..caller("acme", &[role], dealer) };
    let body = plain(&rpc.method.input(), &Hints::default());
    let token = format!("Bearer {}", stage.token(&who));
    let answer = call(&stage.channel(), rpc, body, &[("authorization", &token)]).await;
    let open = rpc.access.who == Who::Public || BEFORE_A_CHANGE.contains(&rpc.method_name());
    match (answer.reason() == "PASSWORD_TO_BE_CHANGED", open) {
        (true, false) => both_languages(&answer),
        (false, true) => Ok(()),
        (true, true) | (false, false) => {
            Err(format!("a first password: {:?} {}", answer.code(), answer.reason()))
        }
    }
}

/// Somebody of each role, by its words in the document.
fn people() -> Vec<(String, Caller)> {
    let mut all: Vec<_> = roles()
        .map(|role| {
            let tenant = if role == Role::Operator { "" } else { "acme" };
            let dealer = of_a_dealer(role).then_some("hengtong");
            (words(role), caller(tenant, &[role], dealer))
        })
        .collect();
    all.push(("no role".to_owned(), caller("acme", &[], None)));
    let mut emperor = caller("acme", &[], None);
    emperor.roles = vec!["ROLE_EMPEROR".to_owned(), "*".to_owned(), "ROLE_UNSPECIFIED".to_owned()];
    all.push(("a role that does not exist".to_owned(), emperor));
    all
}

fn words(role: Role) -> String {
    role.as_str_name().trim_start_matches("ROLE_").replace('_', " ").to_lowercase()
}

fn judged(answer: &Answer, admitted: bool) -> Result<(), String> {
    let (code, reason) = (answer.code(), answer.reason());
    let turned_away = code == Code::PermissionDenied && reason == "ROLE_MISSING";
    match admitted {
        true if turned_away || code == Code::Unauthenticated && reason == "NOT_SIGNED_IN" => {
            Err(format!("turned away: {code:?} {reason}"))
        }
        true => Ok(()),
        false if turned_away => both_languages(answer),
        false => Err(format!("let in: {code:?} {reason}")),
    }
}

/// Who may call an rpc, as the document says it.
struct Admitted {
    /// All of them, when there are none.
    roles: Vec<String>,
    module: Option<String>,
}

impl Admitted {
    fn admits(&self, role: &str) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|one| one == role)
    }
}

/// The document's tables: `<package>.<Service>/<Method>` and who may call it.
fn matrix() -> BTreeMap<String, Admitted> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    let (mut service, mut module, mut matrix) = ("", None, BTreeMap::new());
    let text = std::fs::read_to_string(file).unwrap();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            (service, module) = (name, None);
        }
        if let Some(rest) = line.strip_prefix("Of the module `") {
            module = rest.strip_suffix("`.").map(str::to_owned);
        }
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, method, who, ..] = cells.as_slice() else { continue };
        let Some(method) = method.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) else {
            continue;
        };
        let roles = match *who {
            "anybody, also without a token" | "anybody who is signed in" => Vec::new(),
            roles => roles.split(", ").map(str::to_owned).collect(),
        };
        matrix.insert(format!("{service}/{method}"), Admitted { roles, module: module.clone() });
    }
    matrix
}

//! Who may call what: docs/access.md, made from the contracts and compared with them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kernel::access::{Access, Reach, Who, rules};
use kernel::auth::Caller;
use proto::access::v1::Role;

use crate::schemas::{must_be, root};

/// All rules by service and method, in the order of the alphabet.
fn by_service() -> BTreeMap<String, BTreeMap<String, Access>> {
    let mut services: BTreeMap<String, BTreeMap<String, Access>> = BTreeMap::new();
    for (path, rule) in rules().unwrap() {
        let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
        services.entry(service.to_owned()).or_default().insert(method.to_owned(), rule);
    }
    services
}

fn roles() -> impl Iterator<Item = Role> {
    (1..).map_while(|number| Role::try_from(number).ok())
}

fn caller(role: Role) -> Caller {
    Caller {
        user_id: "li.lei".into(),
        name: "李雷".into(),
        tenant: "bikes".into(),
        roles: vec![role.as_str_name().to_owned()],
        time_zone: "Asia/Shanghai".into(),
        ..Caller::default()
    }
}

/// A role as its document says it: `ROLE_HQ_ADMIN` is `hq admin`.
fn words(role: Role) -> String {
    role.as_str_name().trim_start_matches("ROLE_").replace('_', " ").to_lowercase()
}

fn who(rule: &Who) -> String {
    match rule {
        Who::Public => "anybody, also without a token".to_owned(),
        Who::SignedIn => "anybody who is signed in".to_owned(),
        Who::Roles(_) => {
            let admitted = roles().filter(|role| rule.admits(Some(&caller(*role))));
            admitted.map(words).collect::<Vec<_>>().join(", ")
        }
    }
}

fn whose(access: &Access) -> String {
    let rows = match access.reach {
        None | Some(Reach::Unspecified) => "",
        Some(Reach::Installation) => "the installation",
        Some(Reach::Tenant) => "the tenant's",
        Some(Reach::Company) => "the company's",
        Some(Reach::Own) => "the caller's own",
    };
    let reason = if access.reason_required { "; says why" } else { "" };
    let persons = if access.persons_only { "; people only" } else { "" };
    let first = match access.before_password_change {
        true => "; also before a first password is changed",
        false => "",
    };
    let signed = if access.signed_by_sender { "; what is said is signed" } else { "" };
    let last = if access.apart_from.last { "the last " } else { "" };
    let apart = match &access.apart_from.facts[..] {
        [] => String::new(),
        facts => format!("; not by whoever made {last}{} of it", facts.join(", ")),
    };
    format!("{rows}{reason}{persons}{first}{signed}{apart}")
}

fn document() -> String {
    let mut text = String::from(
        "# Who may call what\n\nMade from the `access` option of each rpc in [proto](../proto); \
         change it there.\nA server enforces it before any handler sees the call, and does not \
         start when an rpc has no rule.\n\
         The tenant comes from the token alone. The last column says whose rows an rpc shows or \
         changes: with “the company's”, people of a dealer see and act for their own company \
         only. “Says why” are those that need a reason, “people only” those that no service \
         account may call. Whoever signs in with a password that somebody else gave them changes \
         it first, and calls nothing else but what is “also before a first password is changed” \
         and what is for anybody. Services of a module are called by nobody of a tenant that has it turned off. Where an rpc is “not by whoever made” an event, duties \
         are kept apart: the same person does not have both for one object; programs \
         hand on what people did elsewhere.\n",
    );
    for (service, methods) in by_service() {
        write!(text, "\n## {service}\n\n").unwrap();
        if let Some(module) = methods.values().find_map(|rule| rule.module) {
            write!(text, "Of the module `{}`.\n\n", module.as_str_name()).unwrap();
        }
        text.push_str("| rpc | who may call | whose rows |\n|---|---|---|\n");
        for (method, rule) in methods {
            writeln!(text, "| `{method}` | {} | {} |", who(&rule.who), whose(&rule)).unwrap();
        }
    }
    text
}

#[test]
fn the_document_of_access_is_the_one_checked_in() {
    must_be(&root().join("docs/access.md"), &document());
}

#[test]
fn duties_are_kept_apart_from_events_that_there_are() {
    let known = root().join("event-schemas");
    for (path, rule) in rules().unwrap() {
        let context = path.trim_start_matches("/qudao.").split('.').next().unwrap();
        for fact in &rule.apart_from.facts {
            let schemas = glob_of(&known.join(context), &format!("{fact}.v"));
            assert!(schemas, "{path} is kept apart from {fact}, which is no event of {context}");
        }
    }
}

/// Whether a file below a folder has a name that begins so.
fn glob_of(folder: &std::path::Path, begins: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.map(Result::unwrap).any(|entry| {
        entry.file_name().to_string_lossy().starts_with(begins) || glob_of(&entry.path(), begins)
    })
}

#[test]
fn only_signing_in_needs_no_token() {
    let open: Vec<_> = by_service()
        .into_values()
        .flatten()
        .filter(|(_, rule)| rule.who.admits(None))
        .map(|(method, _)| method)
        .collect();
    let expected = [
        "AcceptInvitationByProvider",
        "FinishOidcSignIn",
        "StartOidcSignIn",
        "SignIn",
        "AcceptInvitation",
        "GetInvitation",
        "ExchangeKey",
        "RefreshSession",
        "SetPassword",
        "GetTenant",
        "TakeNotice",
    ];
    assert_eq!(open, expected, "each shows in another way who calls, or tells what is on a door");
}

#[test]
fn an_auditor_changes_nothing() {
    let auditor = caller(Role::Auditor);
    let reads = ["Get", "List", "Query", "Read", "Replay", "Watch", "Export", "SignIn"];
    // What everybody does with their own account, and who is no user yet.
    let own = [
        "AcceptInvitation",
        "AcceptInvitationByProvider",
        "ChangePassword",
        "ExchangeKey",
        "FinishOidcSignIn",
        "LinkIdentity",
        "RefreshSession",
        "RevokeSession",
        "SetPassword",
        "SignOut",
        "TakeNotice",
        "StartIdentityLink",
        "StartOidcSignIn",
        "SwitchMembership",
        "UnlinkIdentity",
    ];
    for (method, rule) in by_service().into_values().flatten() {
        let reads = reads.iter().any(|verb| method.starts_with(verb));
        let reads = reads || own.contains(&method.as_str());
        assert!(reads || !rule.who.admits(Some(&auditor)), "{method} admits an auditor");
    }
}

#[test]
fn every_role_may_read_and_only_the_operator_founds_tenants() {
    let may = |method: &str, role: Role| {
        let rules = by_service().into_values().flatten();
        rules
            .filter(|(name, _)| name == method)
            .all(|(_, rule)| rule.who.admits(Some(&caller(role))))
    };
    for role in roles() {
        assert_eq!(may("FoundTenant", role), role == Role::Operator, "{role:?}");
        assert!(may("QuerySales", role) && may("ListOrders", role), "{role:?}");
    }
}

//! Fields that several requests have.

use std::collections::BTreeSet;
use std::str::FromStr;

use kernel::Text;
use kernel::auth::{Caller, is_no_user};
use kernel::failure::{Violations, status};
use proto::access::v1 as access;
use proto::common::v1::Receipt;
use tonic::{Code, Request, Status};
use values::text::bounded;
use values::{DealerId, Explain, RegionId, UserId};

use crate::membership::{Authority, Company, Membership};
use crate::role::Role;

/// What a command rpc answers, before more is put beside it.
pub(super) struct Done(pub(super) Receipt);

impl From<Receipt> for Done {
    fn from(receipt: Receipt) -> Self {
        Self(receipt)
    }
}

pub(super) fn explain(error: impl Explain) -> Text {
    Text::new(error.zh(), error.to_string())
}

pub(super) fn parse<T: FromStr<Err: Explain>>(
    bad: &mut Violations,
    field: &str,
    text: &str,
) -> Option<T> {
    bad.take(field, text.parse().map_err(explain))
}

/// The login of somebody who is to be.
pub(super) fn new_login(bad: &mut Violations, login: &str) -> Option<UserId> {
    let parsed = parse(bad, "login", login);
    if is_no_user(login) {
        let text = Text::new("由系统保留，请换一个", "is kept for the system; choose another");
        bad.add("login", text);
    }
    parsed
}

pub(super) fn reason(bad: &mut Violations, text: &str) -> Option<String> {
    bad.take("reason", bounded(text, 1..=200).map_err(explain))
}

/// The company named; the brand when none is.
pub(super) fn company(bad: &mut Violations, dealer_id: &str) -> Option<Company> {
    match dealer_id {
        "" => Some(Company::Brand),
        id => parse::<DealerId>(bad, "dealer_id", id).map(Company::Dealer),
    }
}

/// A membership, with each role and each region once.
pub(super) fn membership(
    bad: &mut Violations,
    (dealer_id, roles, region_ids): (&str, &[i32], &[String]),
) -> Option<Membership> {
    let company = company(bad, dealer_id);
    let known = |&number: &i32| access::Role::try_from(number).ok().and_then(Role::of);
    let roles: Option<BTreeSet<Role>> = roles.iter().map(known).collect();
    let text = || Text::new("含有未知或不可授予的角色", "holds a role that can not be given");
    let roles = bad.take("roles", roles.ok_or_else(text));
    let regions: Option<BTreeSet<RegionId>> =
        region_ids.iter().map(|id| parse(bad, "region_ids", id)).collect();
    let (roles, regions) = (roles?.into_iter().collect(), regions?.into_iter().collect());
    Some(Membership { company: company?, roles, regions })
}

/// For whom a caller may speak.
pub(super) fn authority(caller: &Caller) -> Result<Authority, Status> {
    if is_admin(caller) {
        return Ok(Authority::Brand);
    }
    let own = caller.dealer_id.as_ref().and_then(|id| id.parse().ok());
    own.map(Authority::Dealer).ok_or_else(not_an_admin)
}

pub(super) fn is_admin(caller: &Caller) -> bool {
    caller.has(access::Role::HqAdmin) || caller.has(access::Role::TenantAdmin)
}

/// Whom a request is about: the caller, or anybody of the tenant if an administrator asks.
pub(super) fn whose<'a>(caller: &'a Caller, login: &'a str) -> Result<&'a str, Status> {
    match login {
        "" => Ok(&caller.user_id),
        own if own == caller.user_id => Ok(own),
        other if is_admin(caller) => Ok(other),
        _ => Err(not_an_admin()),
    }
}

fn not_an_admin() -> Status {
    let text = Text::new(
        "只有管理员可以对他人执行此操作",
        "only an administrator may do this to somebody else",
    );
    status(Code::PermissionDenied, "ROLE_MISSING", &text)
}

/// The request in the name of somebody who has no token yet, but has shown who they are.
pub(super) fn in_the_name_of<T>(mut request: Request<T>, tenant: &str, login: &str) -> Request<T> {
    let (user_id, tenant) = (login.to_owned(), tenant.to_owned());
    request.extensions_mut().insert(Caller { user_id, tenant, ..Caller::default() });
    request
}

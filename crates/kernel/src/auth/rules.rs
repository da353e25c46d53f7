//! What each rpc asks of its caller. The rule stands in the contract, so no handler can forget it.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, MethodDescriptor, Value};
use proto::access::v1::Role;

use super::Caller;

/// The rule of one rpc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Anybody, also without a token.
    Public,
    /// Anybody with a token.
    SignedIn,
    /// Holders of one of these roles.
    Roles(Vec<String>),
}

impl Rule {
    /// Whether a caller may pass.
    pub fn admits(&self, caller: Option<&Caller>) -> bool {
        match (self, caller) {
            (Self::Public, _) | (Self::SignedIn, Some(_)) => true,
            (Self::Roles(allowed), Some(caller)) => {
                caller.roles.iter().any(|role| allowed.contains(role))
            }
            (Self::SignedIn | Self::Roles(_), None) => false,
        }
    }
}

/// Why the rules can not be enforced.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The contracts can not be read.
    #[error("the compiled contracts can not be read")]
    Contracts(#[from] prost_reflect::DescriptorError),
    /// An rpc has no rule.
    #[error("{0} has no access rule: add `option (qudao.access.v1.access)` to it")]
    Missing(String),
}

/// The rule of every rpc of our contracts, by its path `/<package>.<Service>/<Method>`.
///
/// # Errors
/// When an rpc has none: such a system does not start.
pub fn rules() -> Result<HashMap<String, Rule>, RuleError> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS)?;
    let ours = pool.services().filter(|service| service.full_name().starts_with("qudao."));
    ours.flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            match rule(&pool, &method) {
                Some(rule) => Ok((path, rule)),
                None => Err(RuleError::Missing(path)),
            }
        })
        .collect()
}

fn rule(pool: &DescriptorPool, method: &MethodDescriptor) -> Option<Rule> {
    let extension = pool.get_extension_by_name("qudao.access.v1.access")?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let access = options.get_extension(&extension);
    let access = access.as_message()?;
    let flag = |name| access.get_field_by_name(name).is_some_and(|v| v.as_bool() == Some(true));
    if flag("public") {
        return Some(Rule::Public);
    }
    if flag("signed_in") {
        return Some(Rule::SignedIn);
    }
    let roles = access.get_field_by_name("roles")?;
    let names = roles.as_list()?.iter().filter_map(Value::as_enum_number);
    let names: Vec<String> = names
        .filter_map(|number| Role::try_from(number).ok())
        .map(|role| role.as_str_name().to_owned())
        .collect();
    (!names.is_empty()).then_some(Rule::Roles(names))
}

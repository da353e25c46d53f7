//! What callers may call. The rule of each rpc stands in its contract, so no handler can forget it;
//! a process with an rpc that has none does not start.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
pub use proto::access::v1::Reach;
use proto::access::v1::{Module, Role};

use crate::auth::{Caller, is_no_user};

/// The rule of one rpc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who may call it.
    pub who: Who,
    /// Whose rows it shows or changes; none for an rpc that comes before anybody is known.
    pub reach: Option<Reach>,
    /// The call says why, in the field `reason` of its request; the build has seen to that.
    pub reason_required: bool,
    /// Only people may call, and no service account.
    pub persons_only: bool,
    /// Also who has yet to change the password that somebody else gave them may call.
    pub before_password_change: bool,
    /// What is said is signed by whoever says it.
    pub signed_by_sender: bool,
    /// The answer is a stream, which may last.
    pub streams: bool,
    /// What the tenant must have turned on; none for what every tenant has.
    pub module: Option<Module>,
    /// Types of events of the object that the rpc is about, whose doers may not call it.
    pub apart_from: ApartFrom,
}

/// Types of events of the object that an rpc is about, whose doers may not call it. For handlers it
/// is with the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApartFrom {
    /// The types.
    pub facts: Vec<String>,
    /// Only the last of these events stands against its doer, those before it are over.
    pub last: bool,
}

/// Who may call an rpc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, also without a token.
    Public,
    /// Anybody with a token.
    SignedIn,
    /// Holders of one of these roles.
    Roles(Vec<String>),
}

impl Who {
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

impl Access {
    /// Whether the caller's tenant has the module of the rpc turned on. A token that names no
    /// module is for all of them.
    pub fn is_turned_on_for(&self, caller: Option<&Caller>) -> bool {
        let (Some(module), Some(caller)) = (self.module, caller) else { return true };
        caller.modules.is_empty() || caller.modules.iter().any(|on| on == module.as_str_name())
    }

    /// Whether the caller has to change their password before they may call this.
    pub fn waits_for_password_of(&self, caller: Option<&Caller>) -> bool {
        let given = caller.is_some_and(|caller| caller.password_to_be_changed);
        given && self.who != Who::Public && !self.before_password_change
    }

    /// What the caller must not have done to the object; nothing for a program, which hands on
    /// what people did elsewhere.
    pub fn duties_apart_for(&self, caller: Option<&Caller>) -> Option<ApartFrom> {
        let person = caller.is_some_and(|caller| !is_no_user(&caller.user_id));
        (person && !self.apart_from.facts.is_empty()).then(|| self.apart_from.clone())
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
    /// An rpc does not say whose rows it is about.
    #[error("{0} does not say whose rows it shows or changes: add `reach` to its access rule")]
    NoReach(String),
    /// Nothing looks at the requests of an rpc.
    #[error("{0} is in the contracts, and nothing was made that looks at its requests")]
    NotLookedAt(String),
}

/// The rule of every rpc of our contracts, by its path `/<package>.<Service>/<Method>`.
///
/// # Errors
/// When an rpc has none, or one that can not be kept: such a system does not start.
pub fn rules() -> Result<HashMap<String, Access>, RuleError> {
    rules_of(&DescriptorPool::decode(proto::DESCRIPTORS)?)
}

fn rules_of(pool: &DescriptorPool) -> Result<HashMap<String, Access>, RuleError> {
    let ours = pool.services().filter(|service| service.full_name().starts_with("qudao."));
    ours.flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let rule = rule(pool, &method, &path)?;
            Ok((path, rule))
        })
        .collect()
}

fn rule(pool: &DescriptorPool, method: &MethodDescriptor, path: &str) -> Result<Access, RuleError> {
    let missing = || RuleError::Missing(path.to_owned());
    let extension = pool.get_extension_by_name("qudao.access.v1.access").ok_or_else(missing)?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return Err(missing());
    }
    let told = options.get_extension(&extension);
    let told = told.as_message().ok_or_else(missing)?;
    let who = who(told).ok_or_else(missing)?;
    let reach = told.get_field_by_name("reach").and_then(|reach| reach.as_enum_number());
    let reach = reach.and_then(|number| Reach::try_from(number).ok());
    let reach = reach.filter(|reach| *reach != Reach::Unspecified);
    if reach.is_none() && who != Who::Public {
        return Err(RuleError::NoReach(path.to_owned()));
    }
    Ok(Access {
        who,
        reach,
        reason_required: flag(told, "reason_required"),
        persons_only: flag(told, "persons_only"),
        before_password_change: flag(told, "before_password_change"),
        signed_by_sender: flag(told, "signed_by_sender"),
        streams: method.is_server_streaming(),
        module: module(pool, method),
        apart_from: apart_from(told),
    })
}

fn module(pool: &DescriptorPool, method: &MethodDescriptor) -> Option<Module> {
    let extension = pool.get_extension_by_name("qudao.access.v1.module")?;
    let number = method.parent_service().options().get_extension(&extension).as_enum_number()?;
    Module::try_from(number).ok().filter(|module| *module != Module::Unspecified)
}

fn apart_from(told: &DynamicMessage) -> ApartFrom {
    let facts = told.get_field_by_name("apart_from");
    let facts = facts.as_deref().and_then(Value::as_list).unwrap_or_default();
    let facts = facts.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    ApartFrom { facts, last: flag(told, "apart_from_last") }
}

fn flag(told: &DynamicMessage, name: &str) -> bool {
    told.get_field_by_name(name).is_some_and(|value| value.as_bool() == Some(true))
}

fn who(told: &DynamicMessage) -> Option<Who> {
    if flag(told, "public") {
        return Some(Who::Public);
    }
    if flag(told, "signed_in") {
        return Some(Who::SignedIn);
    }
    let roles = told.get_field_by_name("roles")?;
    let names = roles.as_list()?.iter().filter_map(Value::as_enum_number);
    let names: Vec<String> = names
        .filter_map(|number| Role::try_from(number).ok())
        .map(|role| role.as_str_name().to_owned())
        .collect();
    (!names.is_empty()).then_some(Who::Roles(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duties_are_kept_apart_for_people_whatever_their_roles_and_not_for_programs() {
        let access = Access {
            who: Who::SignedIn,
            reach: Some(Reach::Tenant),
            reason_required: false,
            persons_only: false,
            before_password_change: false,
            signed_by_sender: false,
            streams: false,
            module: None,
            apart_from: ApartFrom { facts: vec!["OrderShipped".to_owned()], last: false },
        };
        let caller = |user_id: &str| Caller {
            user_id: user_id.to_owned(),
            roles: vec![Role::Integration.as_str_name().to_owned()],
            ..Caller::default()
        };
        let person = access.duties_apart_for(Some(&caller("li.lei")));
        assert_eq!(person, Some(access.apart_from.clone()));
        for program in ["service:erp", "policy:open-accounts"] {
            assert_eq!(access.duties_apart_for(Some(&caller(program))), None, "{program}");
        }
    }
}

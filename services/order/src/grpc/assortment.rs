//! Requests about the visible range.

use kernel::Text;
use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::assortment_service_server::AssortmentService;
use tonic::{Request, Status};

use super::audience::{
    audience, chosen, reason, scope, told_audience, told_scope, told_until, window,
};
use super::{Api, name, parse};
use crate::assortment::{ASSORTMENT, Assortment, AssortmentCommand, Effect, Rule};

#[tonic::async_trait]
impl AssortmentService for Api {
    async fn set_assortment_rule(
        &self,
        r: Request<api::SetAssortmentRuleRequest>,
    ) -> Reply<api::SetAssortmentRuleResponse> {
        self.0.run(r).await
    }

    async fn remove_assortment_rule(
        &self,
        r: Request<api::RemoveAssortmentRuleRequest>,
    ) -> Reply<api::RemoveAssortmentRuleResponse> {
        self.0.run(r).await
    }
}

impl IntoCommand<Assortment> for api::SetAssortmentRuleRequest {
    type Command = Addressed<Assortment>;

    fn into_command(self, _: &Call) -> Result<Addressed<Assortment>, Status> {
        let mut wrong = Violations::default();
        let rule_id = parse(&mut wrong, "rule_id", &self.rule_id);
        let Some(terms) = self.terms else {
            wrong.add("terms", Text::new("不能为空", "must not be empty"));
            return wrong.finish(None);
        };
        let name = name(&mut wrong, "terms.name", &terms.name);
        let effect = match terms.effect() {
            api::AssortmentEffect::Hide => Some(Effect::Hide),
            api::AssortmentEffect::Exclusive => Some(Effect::Exclusive),
            api::AssortmentEffect::Limit => Some(Effect::Limit),
            api::AssortmentEffect::Unspecified => None,
        };
        let effect = chosen(&mut wrong, "terms.effect", effect);
        let window = window(&mut wrong, "terms.", &terms.from, &terms.until);
        let audience = audience(&mut wrong, "terms.audience", terms.audience.as_ref());
        let scope = scope(&mut wrong, "terms.scope", terms.scope.as_ref());
        let rule = (|| {
            Some(Rule {
                rule_id: rule_id?,
                name: name?,
                effect: effect?,
                window: window?,
                audience: audience?,
                scope: scope?,
            })
        })();
        let command = AssortmentCommand::Set(Box::new(wrong.finish(rule)?));
        Ok(Addressed { object_id: ASSORTMENT.to_owned(), command })
    }
}

impl IntoCommand<Assortment> for api::RemoveAssortmentRuleRequest {
    type Command = Addressed<Assortment>;

    fn into_command(self, _: &Call) -> Result<Addressed<Assortment>, Status> {
        let mut wrong = Violations::default();
        let rule_id = parse(&mut wrong, "rule_id", &self.rule_id);
        let rule_id = wrong.finish(rule_id)?;
        let command = AssortmentCommand::Remove { rule_id, reason: reason(&self.reason)? };
        Ok(Addressed { object_id: ASSORTMENT.to_owned(), command })
    }
}

/// What a rule says, as callers are told it.
pub fn terms_of(rule: &Rule) -> api::AssortmentTerms {
    let effect = match rule.effect {
        Effect::Hide => api::AssortmentEffect::Hide,
        Effect::Exclusive => api::AssortmentEffect::Exclusive,
        Effect::Limit => api::AssortmentEffect::Limit,
    };
    api::AssortmentTerms {
        name: rule.name.clone(),
        effect: effect.into(),
        from: rule.window.from.to_string(),
        until: told_until(&rule.window),
        audience: Some(told_audience(&rule.audience)),
        scope: Some(told_scope(&rule.scope)),
    }
}

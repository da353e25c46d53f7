//! Requests about promotions.

use std::num::NonZeroU32;

use kernel::Text;
use kernel::command::{Addressed, Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::promotion_service_server::PromotionService;
use tonic::{Request, Status};
use values::{BusinessDate, Minor, Quantity};

use super::audience::{
    audience, chosen, rank, reason, scope, texts, told_audience, told_scope, told_until, window,
};
use super::{Api, all, name, parse, words};
use crate::promotion::life::Drafted;
use crate::promotion::{
    BOOK, BasisPoints, BookCommand, Gift, Group, Measure, Offer, Part, Plan, Promotion,
    PromotionBook, PromotionCommand, PromotionRefusal, PromotionStatus, Quota, Reward, Stacking,
    Terms, Tier,
};

#[tonic::async_trait]
impl PromotionService for Api {
    async fn draft_promotion(
        &self,
        r: Request<api::DraftPromotionRequest>,
    ) -> Reply<api::DraftPromotionResponse> {
        self.0.run(r).await
    }

    async fn revise_promotion(
        &self,
        r: Request<api::RevisePromotionRequest>,
    ) -> Reply<api::RevisePromotionResponse> {
        self.0.run(r).await
    }

    async fn approve_promotion(
        &self,
        r: Request<api::ApprovePromotionRequest>,
    ) -> Reply<api::ApprovePromotionResponse> {
        self.0.run(r).await
    }

    async fn pause_promotion(
        &self,
        r: Request<api::PausePromotionRequest>,
    ) -> Reply<api::PausePromotionResponse> {
        self.0.run(r).await
    }

    async fn resume_promotion(
        &self,
        r: Request<api::ResumePromotionRequest>,
    ) -> Reply<api::ResumePromotionResponse> {
        self.0.run(r).await
    }

    async fn end_promotion(
        &self,
        r: Request<api::EndPromotionRequest>,
    ) -> Reply<api::EndPromotionResponse> {
        self.0.run(r).await
    }
}

impl IntoCommand<Promotion> for api::DraftPromotionRequest {
    type Command = Addressed<Promotion>;

    fn into_command(self, _: &Call) -> Result<Addressed<Promotion>, Status> {
        let command = PromotionCommand::Draft(plan(&self.promotion_id, self.terms)?);
        Ok(Addressed { object_id: self.promotion_id, command })
    }
}

impl IntoCommand<Promotion> for api::RevisePromotionRequest {
    type Command = Addressed<Promotion>;

    fn into_command(self, _: &Call) -> Result<Addressed<Promotion>, Status> {
        let command = PromotionCommand::Revise(plan(&self.promotion_id, self.terms)?);
        Ok(Addressed { object_id: self.promotion_id, command })
    }
}

/// Asks something of a promotion that orders have to know of: the book and the promotion change
/// together.
pub struct ChangePromotion {
    promotion_id: String,
    command: PromotionCommand,
    today: BusinessDate,
}

impl Transaction for ChangePromotion {
    type Refusal = PromotionRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<PromotionRefusal>> {
        let promotion = work.read::<Promotion>(&self.promotion_id).await?;
        work.decide::<Promotion>(&self.promotion_id, self.command.clone()).await?;
        let Promotion::Drafted(drafted) = &*promotion else { return Ok(()) };
        let Drafted { plan, status } = &**drafted;
        let command = match (status, &self.command) {
            (PromotionStatus::Draft, PromotionCommand::Approve { .. })
            | (PromotionStatus::Paused, PromotionCommand::Resume { .. }) => {
                BookCommand::List { plan: Box::new(plan.clone()), today: self.today }
            }
            (
                PromotionStatus::Approved,
                PromotionCommand::Pause { .. } | PromotionCommand::End { .. },
            ) => BookCommand::Unlist { promotion_id: plan.terms.promotion_id.clone() },
            // Orders get it or not, as before.
            (_, _) => return Ok(()),
        };
        work.decide::<PromotionBook>(BOOK, command).await
    }
}

fn change(
    promotion_id: String,
    call: &Call,
    command: impl FnOnce(BusinessDate) -> PromotionCommand,
) -> ChangePromotion {
    let today = call.today().into();
    ChangePromotion { promotion_id, command: command(today), today }
}

impl IntoCommand<Promotion> for api::ApprovePromotionRequest {
    type Command = ChangePromotion;

    fn into_command(self, call: &Call) -> Result<ChangePromotion, Status> {
        Ok(change(self.promotion_id, call, |today| PromotionCommand::Approve { today }))
    }
}

impl IntoCommand<Promotion> for api::PausePromotionRequest {
    type Command = ChangePromotion;

    fn into_command(self, call: &Call) -> Result<ChangePromotion, Status> {
        let reason = reason(&self.reason)?;
        Ok(change(self.promotion_id, call, |_| PromotionCommand::Pause { reason }))
    }
}

impl IntoCommand<Promotion> for api::ResumePromotionRequest {
    type Command = ChangePromotion;

    fn into_command(self, call: &Call) -> Result<ChangePromotion, Status> {
        Ok(change(self.promotion_id, call, |today| PromotionCommand::Resume { today }))
    }
}

impl IntoCommand<Promotion> for api::EndPromotionRequest {
    type Command = ChangePromotion;

    fn into_command(self, call: &Call) -> Result<ChangePromotion, Status> {
        let reason = reason(&self.reason)?;
        Ok(change(self.promotion_id, call, |_| PromotionCommand::End { reason }))
    }
}

fn plan(promotion_id: &str, terms: Option<api::PromotionTerms>) -> Result<Plan, Status> {
    let mut wrong = Violations::default();
    let plan = match terms {
        Some(terms) => read(&mut wrong, promotion_id, &terms),
        None => {
            wrong.add("terms", Text::new("不能为空", "must not be empty"));
            None
        }
    };
    wrong.finish(plan)
}

fn read(wrong: &mut Violations, promotion_id: &str, terms: &api::PromotionTerms) -> Option<Plan> {
    let promotion_id = parse(wrong, "promotion_id", promotion_id);
    let currency = parse(wrong, "terms.currency_code", &terms.currency_code);
    let name = name(wrong, "terms.name", &terms.name);
    let window = window(wrong, "terms.", &terms.from, &terms.until);
    let audience = audience(wrong, "terms.audience", terms.audience.as_ref());
    let scope = scope(wrong, "terms.scope", terms.scope.as_ref());
    let group = group(wrong, terms);
    let rank = rank(wrong, "terms.rank", terms.rank);
    let offer = offer(wrong, terms);
    let terms = Terms {
        promotion_id: promotion_id?,
        name: name?,
        window: window?,
        audience: audience?,
        scope: scope?,
        group: group?,
        rank: rank?,
        alone: terms.alone,
        offer: offer?,
        quota: Quota {
            total: NonZeroU32::new(terms.quota_total),
            per_dealer: NonZeroU32::new(terms.quota_per_dealer),
        },
    };
    Some(Plan { currency: currency?, terms })
}

fn group(wrong: &mut Violations, terms: &api::PromotionTerms) -> Option<Group> {
    let rank = rank(wrong, "terms.group_rank", terms.group_rank);
    let name = words(wrong, "terms.group_name", &terms.group_name, 1..=50);
    let stacking = match terms.stacking() {
        api::Stacking::All => Some(Stacking::All),
        api::Stacking::Best => Some(Stacking::Best),
        api::Stacking::First => Some(Stacking::First),
        api::Stacking::Unspecified => None,
    };
    let stacking = chosen(wrong, "terms.stacking", stacking);
    Some(Group { rank: rank?, name: name?, stacking: stacking? })
}

fn offer(wrong: &mut Violations, terms: &api::PromotionTerms) -> Option<Offer> {
    let parts = all(&terms.parts, |index, part| {
        let field = format!("terms.parts[{index}].product_id");
        let product_id = parse(wrong, field, &part.product_id)?;
        Some(Part { product_id, quantity: Quantity::of(part.quantity) })
    });
    let measure = match terms.measure() {
        api::Measure::Amount => Some(Measure::Amount),
        api::Measure::Quantity => Some(Measure::Quantity),
        api::Measure::Sets => Some(Measure::Sets(parts?)),
        api::Measure::Unspecified => None,
    };
    let measure = chosen(wrong, "terms.measure", measure);
    let tiers = all(&terms.tiers, |index, tier| {
        let reward = reward(wrong, &format!("terms.tiers[{index}]"), tier)?;
        Some(Tier { from: tier.from, reward })
    });
    Some(Offer { measure: measure?, tiers: tiers?, repeats: terms.repeats })
}

fn reward(wrong: &mut Violations, field: &str, tier: &api::PromotionTier) -> Option<Reward> {
    use api::promotion_tier::Reward as Given;
    let given = chosen(wrong, &format!("{field}.reward"), tier.reward.as_ref())?;
    Some(match given {
        Given::PercentBasisPoints(points) => {
            // More than there are in the whole is refused by the terms' own rule.
            Reward::Percent(BasisPoints(u16::try_from(*points).unwrap_or(u16::MAX)))
        }
        Given::OffMinor(off) => Reward::Off(Minor(*off)),
        Given::SetPriceMinor(price) => Reward::SetPrice(Minor(*price)),
        Given::Gifts(gifts) => Reward::Gifts(all(&gifts.gifts, |index, one| {
            gift(wrong, &format!("{field}.gifts.gifts[{index}]"), one)
        })?),
    })
}

fn gift(wrong: &mut Violations, field: &str, gift: &api::Gift) -> Option<Gift> {
    let product_id = parse(wrong, format!("{field}.product_id"), &gift.product_id);
    let instead = all(&gift.instead_product_ids, |index, id| {
        parse(wrong, format!("{field}.instead_product_ids[{index}]"), id)
    });
    let quantity = Quantity::of(gift.quantity);
    Some(Gift { product_id: product_id?, quantity, instead: instead? })
}

/// What a plan says, as callers are told it.
pub fn terms_of(plan: Plan) -> api::PromotionTerms {
    let Plan { currency, terms } = plan;
    let (measure, parts) = told_measure(terms.offer.measure);
    api::PromotionTerms {
        name: terms.name,
        currency_code: currency.to_string(),
        from: terms.window.from.to_string(),
        until: told_until(&terms.window),
        audience: Some(told_audience(&terms.audience)),
        scope: Some(told_scope(&terms.scope)),
        group_rank: terms.group.rank.into(),
        group_name: terms.group.name,
        stacking: told_stacking(terms.group.stacking).into(),
        rank: terms.rank.into(),
        alone: terms.alone,
        measure: measure.into(),
        parts,
        tiers: terms.offer.tiers.into_iter().map(told_tier).collect(),
        repeats: terms.offer.repeats,
        quota_total: terms.quota.total.map_or(0, NonZeroU32::get),
        quota_per_dealer: terms.quota.per_dealer.map_or(0, NonZeroU32::get),
    }
}

fn told_stacking(stacking: Stacking) -> api::Stacking {
    match stacking {
        Stacking::All => api::Stacking::All,
        Stacking::Best => api::Stacking::Best,
        Stacking::First => api::Stacking::First,
    }
}

fn told_measure(measure: Measure) -> (api::Measure, Vec<api::SetPart>) {
    let part = |part: Part| api::SetPart {
        product_id: part.product_id.to_string(),
        quantity: units(part.quantity),
    };
    match measure {
        Measure::Amount => (api::Measure::Amount, vec![]),
        Measure::Quantity => (api::Measure::Quantity, vec![]),
        Measure::Sets(parts) => (api::Measure::Sets, parts.into_iter().map(part).collect()),
    }
}

/// The contract lets nobody give more than it can say.
pub(super) fn units(quantity: Quantity) -> u32 {
    quantity.get().try_into().unwrap_or(u32::MAX)
}

fn told_tier(tier: Tier) -> api::PromotionTier {
    use api::promotion_tier::Reward as Given;
    let gift = |gift: Gift| api::Gift {
        product_id: gift.product_id.to_string(),
        quantity: units(gift.quantity),
        instead_product_ids: texts(&gift.instead),
    };
    let reward = match tier.reward {
        Reward::Percent(BasisPoints(points)) => Given::PercentBasisPoints(points.into()),
        Reward::Off(off) => Given::OffMinor(off.0),
        Reward::SetPrice(price) => Given::SetPriceMinor(price.0),
        Reward::Gifts(gifts) => {
            Given::Gifts(api::Gifts { gifts: gifts.into_iter().map(gift).collect() })
        }
    };
    api::PromotionTier { from: tier.from, reward: Some(reward) }
}

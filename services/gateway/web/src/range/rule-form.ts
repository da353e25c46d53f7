// A rule of the visible range as people fill it in, and the terms it stands for.
import { create } from "@bufbuild/protobuf";
import { audienceForm, audienceOf, scopeForm, scopeOf, type AudienceForm, type ScopeForm } from "../audience/form";
import { AssortmentEffect, AssortmentTermsSchema, type AssortmentTerms } from "../gen/qudao/order/v1/assortment_service_pb";
import type { Key } from "../i18n/i18n";

export interface RuleForm extends AudienceForm, ScopeForm {
  id: string;
  name: string;
  effect: AssortmentEffect;
  from: string;
  until: string;
}

export const EFFECTS = [AssortmentEffect.HIDE, AssortmentEffect.EXCLUSIVE, AssortmentEffect.LIMIT] as const;

export const EFFECT_NAMES: Record<AssortmentEffect, Key> = {
  [AssortmentEffect.UNSPECIFIED]: "promo.unknown",
  [AssortmentEffect.HIDE]: "effect.hide",
  [AssortmentEffect.EXCLUSIVE]: "effect.exclusive",
  [AssortmentEffect.LIMIT]: "effect.limit",
};

export const EFFECT_HINTS: Record<AssortmentEffect, Key> = {
  [AssortmentEffect.UNSPECIFIED]: "promo.unknown",
  [AssortmentEffect.HIDE]: "effect.hide.hint",
  [AssortmentEffect.EXCLUSIVE]: "effect.exclusive.hint",
  [AssortmentEffect.LIMIT]: "effect.limit.hint",
};

/** `new` is where rules are written down. */
const ID = /^(?!new$)[a-z0-9-]{1,64}$/;

export function newRule(today: string): RuleForm {
  return { id: "", name: "", effect: AssortmentEffect.HIDE, from: today, until: "", ...audienceForm(), ...scopeForm() };
}

export function ruleForm(id: string, terms: AssortmentTerms): RuleForm {
  const { name, effect, from, until, audience, scope } = terms;
  return { id, name, effect, from, until, ...audienceForm(audience), ...scopeForm(scope) };
}

/** The terms of a form without problems. */
export function ruleTerms(form: RuleForm): AssortmentTerms {
  const { name, effect, from, until } = form;
  return create(AssortmentTermsSchema, { name: name.trim(), effect, from, until, audience: audienceOf(form), scope: scopeOf(form) });
}

export type Problems = Map<string, Key>;

/** What is wrong with which field, by its name in the contract. */
export function ruleProblems(form: RuleForm): Problems {
  const found: Problems = new Map();
  if (!ID.test(form.id)) found.set("rule_id", "range.id.hint");
  if (form.name.trim() === "") found.set("terms.name", "promo.needed");
  if (form.from === "") found.set("terms.from", "promo.needed");
  if (form.until !== "" && form.until < form.from) found.set("terms.until", "days.until.bad");
  if (hidesEverything(form)) found.set("terms.effect", "range.hidesEverything");
  return found;
}

/** Somebody or something has to be named or left out, else nobody would see anything. */
function hidesEverything(form: RuleForm): boolean {
  if (form.effect !== AssortmentEffect.HIDE) return false;
  const { regionIds, levelIds, channelIds, dealerIds, deniedDealerIds, productIds, categories, exceptProductIds } = form;
  const named = [regionIds, levelIds, channelIds, dealerIds, deniedDealerIds, productIds, categories, exceptProductIds];
  return named.every((list) => list.length === 0);
}

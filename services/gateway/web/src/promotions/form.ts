// What a person fills in, and the terms it stands for. Nothing of the terms is lost on the way, not
// even what the form does not show.
import { create } from "@bufbuild/protobuf";
import { audienceForm, audienceOf, scopeForm, scopeOf, type AudienceForm, type ScopeForm } from "../audience/form";
import { parseDecimal, showDecimal } from "../format/decimal";
import { currencyDigits } from "../format/money";
import {
  Measure,
  PromotionTermsSchema,
  Stacking,
  type Gift,
  type PromotionTerms,
  type PromotionTier,
} from "../gen/qudao/order/v1/promotion_service_pb";
import { kindOf, mayRepeat, MEASURES, rewardOf, REWARDS, type Kind, type RewardKind } from "./kinds";

export interface GiftForm {
  productId: string;
  quantity: number;
  insteadIds: string[];
}

export interface PartForm {
  productId: string;
  quantity: number;
}

/** Numbers are what was typed; only what the chosen reward needs counts. */
export interface TierForm {
  from: string;
  reward: RewardKind;
  percent: string;
  off: string;
  setPrice: string;
  gifts: GiftForm[];
}

export interface PromotionForm extends AudienceForm, ScopeForm {
  kind: Kind;
  id: string;
  name: string;
  currencyCode: string;
  from: string;
  until: string;
  groupName: string;
  groupRank: number;
  stacking: Stacking;
  rank: number;
  alone: boolean;
  measure: Measure;
  parts: PartForm[];
  tiers: TierForm[];
  repeats: boolean;
  quotaTotal: number;
  quotaPerDealer: number;
}

export const PERCENT_DIGITS = 2;

const NO_GIFT: GiftForm = { productId: "", quantity: 1, insteadIds: [] };
export const NO_PART: PartForm = { productId: "", quantity: 1 };

export function emptyTier(reward: RewardKind, from = ""): TierForm {
  return { from, reward, percent: "", off: "", setPrice: "", gifts: [NO_GIFT] };
}

export function newForm(today: string, currencyCode: string, groupName: string): PromotionForm {
  return {
    kind: "amountOff",
    id: "",
    name: "",
    currencyCode,
    from: today,
    until: "",
    ...audienceForm(),
    ...scopeForm(),
    groupName,
    groupRank: 0,
    stacking: Stacking.ALL,
    rank: 0,
    alone: false,
    measure: Measure.AMOUNT,
    parts: [],
    tiers: [emptyTier("off")],
    repeats: false,
    quotaTotal: 0,
    quotaPerDealer: 0,
  };
}

/** The same promotion as another kind: what the new kind can say too stays. */
export function withKind(form: PromotionForm, kind: Kind): PromotionForm {
  const measure = MEASURES[kind].includes(form.measure) ? form.measure : (MEASURES[kind][0] ?? Measure.AMOUNT);
  const rewards = REWARDS[kind];
  const usual = rewards[0] ?? "off";
  const from = kind === "percent" || kind === "sets" ? "1" : "";
  const kept = kind === "steps" || kind === form.kind ? form.tiers : form.tiers.slice(0, 1);
  const tiers = kept.map((tier) => ({
    ...tier,
    from: measure === form.measure && tier.from ? tier.from : from,
    // What a set costs is what people think of first.
    reward: rewards.includes(tier.reward) && kind !== "sets" ? tier.reward : usual,
  }));
  // One step is none.
  if (kind === "steps" && tiers.length === 1) tiers.push(emptyTier(tiers[0]?.reward ?? usual));
  return {
    ...form,
    kind,
    measure,
    tiers,
    parts: kind === "sets" && form.parts.length === 0 ? [NO_PART, NO_PART] : form.parts,
    repeats: form.repeats && mayRepeat(kind, tiers.length),
  };
}

/** How many digits a threshold has after the point: only money has some. */
export function fromDigits({ measure, currencyCode }: Pick<PromotionForm, "measure" | "currencyCode">): number {
  return measure === Measure.AMOUNT ? currencyDigits(currencyCode) : 0;
}

export function formOf(id: string, terms: PromotionTerms): PromotionForm {
  return {
    kind: kindOf(terms),
    id,
    name: terms.name,
    currencyCode: terms.currencyCode,
    from: terms.from,
    until: terms.until,
    ...audienceForm(terms.audience),
    ...scopeForm(terms.scope),
    groupName: terms.groupName,
    groupRank: terms.groupRank,
    stacking: terms.stacking,
    rank: terms.rank,
    alone: terms.alone,
    measure: terms.measure,
    parts: terms.parts.map(({ productId, quantity }) => ({ productId, quantity })),
    tiers: terms.tiers.map((tier) => tierForm(tier, terms)),
    repeats: terms.repeats,
    quotaTotal: terms.quotaTotal,
    quotaPerDealer: terms.quotaPerDealer,
  };
}

function tierForm(tier: PromotionTier, terms: PromotionTerms): TierForm {
  const money = currencyDigits(terms.currencyCode);
  const form = emptyTier(rewardOf(tier), showDecimal(tier.from, fromDigits(terms), true));
  const { reward } = tier;
  switch (reward.case) {
    case "percentBasisPoints":
      return { ...form, percent: showDecimal(BigInt(reward.value), PERCENT_DIGITS, true) };
    case "offMinor":
      return { ...form, off: showDecimal(reward.value, money, true) };
    case "setPriceMinor":
      return { ...form, setPrice: showDecimal(reward.value, money, true) };
    case "gifts":
      return { ...form, gifts: reward.value.gifts.map(giftForm) };
    default:
      return form;
  }
}

function giftForm({ productId, quantity, insteadProductIds }: Gift): GiftForm {
  return { productId, quantity, insteadIds: insteadProductIds };
}

/** The terms of a form without problems. */
export function termsOf(form: PromotionForm): PromotionTerms {
  return create(PromotionTermsSchema, {
    name: form.name.trim(),
    currencyCode: form.currencyCode,
    from: form.from,
    until: form.until,
    audience: audienceOf(form),
    scope: scopeOf(form),
    groupName: form.groupName.trim(),
    groupRank: form.groupRank,
    stacking: form.stacking,
    rank: form.rank,
    alone: form.alone,
    measure: form.measure,
    parts: form.measure === Measure.SETS ? form.parts : [],
    tiers: form.tiers.map((tier) => ({
      from: parseDecimal(tier.from, fromDigits(form)) ?? 0n,
      reward: rewardTerms(tier, currencyDigits(form.currencyCode)),
    })),
    repeats: form.repeats,
    quotaTotal: form.quotaTotal,
    quotaPerDealer: form.quotaPerDealer,
  });
}

function rewardTerms({ reward, percent, off, setPrice, gifts }: TierForm, money: number) {
  switch (reward) {
    case "percent":
      return { case: "percentBasisPoints", value: Number(parseDecimal(percent, PERCENT_DIGITS) ?? 0n) } as const;
    case "off":
      return { case: "offMinor", value: parseDecimal(off, money) ?? 0n } as const;
    case "setPrice":
      return { case: "setPriceMinor", value: parseDecimal(setPrice, money) ?? 0n } as const;
    case "gifts": {
      const given = gifts.map(({ productId, quantity, insteadIds }) => ({ productId, quantity, insteadProductIds: insteadIds }));
      return { case: "gifts", value: { gifts: given } } as const;
    }
  }
}

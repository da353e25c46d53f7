// What a person fills in of a rebate plan, the terms it stands for, and what the form itself can say
// about it before the server is asked; the names of fields are those of the contract.
import { create } from "@bufbuild/protobuf";
import { audienceForm, audienceOf, scopeForm, scopeOf, type AudienceForm, type ScopeForm } from "../audience/form";
import { parseDecimal, showDecimal } from "../format/decimal";
import { currencyDigits } from "../format/money";
import {
  RebateBasis,
  RebateCycle,
  RebateLadder,
  RebateTermsSchema,
  type RebateTerms,
  type RebateTier,
} from "../gen/qudao/order/v1/rebate_service_pb";
import type { Key } from "../i18n/i18n";

export interface TierForm {
  from: string;
  reward: "rate" | "perUnit";
  rate: string;
  perUnit: string;
}

export interface RebateForm extends AudienceForm, ScopeForm {
  id: string;
  name: string;
  currencyCode: string;
  from: string;
  until: string;
  cycle: RebateCycle;
  basis: RebateBasis;
  ladder: RebateLadder;
  tiers: TierForm[];
}

/** Digits of a rate in percent: the contract counts millionths. */
export const RATE_DIGITS = 4;
const WHOLE = 1_000_000n;
const ID = /^(?!new$)[a-z0-9-]{1,64}$/;

export function emptyTier(reward: TierForm["reward"], from = ""): TierForm {
  return { from, reward, rate: "", perUnit: "" };
}

/** The first day of the period that a day is in. */
export function firstDay(day: string, cycle: RebateCycle): string {
  const [year = "", month = "01"] = day.split("-");
  if (cycle === RebateCycle.YEAR) return `${year}-01-01`;
  if (cycle === RebateCycle.MONTH) return `${year}-${month}-01`;
  const first = Math.floor((Number(month) - 1) / 3) * 3 + 1;
  return `${year}-${String(first).padStart(2, "0")}-01`;
}

export function newForm(today: string, currencyCode: string): RebateForm {
  return {
    id: "",
    name: "",
    currencyCode,
    from: firstDay(today, RebateCycle.MONTH),
    until: "",
    ...audienceForm(),
    ...scopeForm(),
    cycle: RebateCycle.MONTH,
    basis: RebateBasis.AMOUNT,
    ladder: RebateLadder.WHOLE,
    tiers: [emptyTier("rate", "0")],
  };
}

/** How many digits a threshold has after the point: only money has some. */
export function fromDigits({ basis, currencyCode }: Pick<RebateForm, "basis" | "currencyCode">): number {
  return basis === RebateBasis.AMOUNT ? currencyDigits(currencyCode) : 0;
}

/** What a step may give: by bracket, what is measured is what is paid for. */
export function rewardsOf({ basis, ladder }: Pick<RebateForm, "basis" | "ladder">): TierForm["reward"][] {
  if (ladder !== RebateLadder.BRACKET) return ["rate", "perUnit"];
  return basis === RebateBasis.AMOUNT ? ["rate"] : ["perUnit"];
}

/** The form after a change of what is measured or how steps count: rewards that it allows. */
export function fitting(form: RebateForm): RebateForm {
  const rewards = rewardsOf(form);
  const fit = (tier: TierForm) => (rewards.includes(tier.reward) ? tier : { ...tier, reward: rewards[0] ?? "rate" });
  return { ...form, tiers: form.tiers.map(fit) };
}

export function formOf(id: string, terms: RebateTerms): RebateForm {
  const { name, currencyCode, from, until, cycle, basis, ladder } = terms;
  return {
    id,
    name,
    currencyCode,
    from,
    until,
    ...audienceForm(terms.audience),
    ...scopeForm(terms.scope),
    cycle,
    basis,
    ladder,
    tiers: terms.tiers.map((tier) => tierForm(tier, terms)),
  };
}

function tierForm({ from, reward }: RebateTier, terms: RebateTerms): TierForm {
  const threshold = showDecimal(from, fromDigits(terms), true);
  if (reward.case === "perUnitMinor") {
    return { ...emptyTier("perUnit", threshold), perUnit: showDecimal(reward.value, currencyDigits(terms.currencyCode), true) };
  }
  return { ...emptyTier("rate", threshold), rate: showDecimal(BigInt(reward.value ?? 0), RATE_DIGITS, true) };
}

/** The terms of a form without problems. */
export function termsOf(form: RebateForm): RebateTerms {
  const money = currencyDigits(form.currencyCode);
  const reward = ({ reward, rate, perUnit }: TierForm) =>
    reward === "rate"
      ? ({ case: "ratePpm", value: Number(parseDecimal(rate, RATE_DIGITS) ?? 0n) } as const)
      : ({ case: "perUnitMinor", value: parseDecimal(perUnit, money) ?? 0n } as const);
  return create(RebateTermsSchema, {
    name: form.name.trim(),
    currencyCode: form.currencyCode,
    from: form.from,
    until: form.until,
    audience: audienceOf(form),
    scope: scopeOf(form),
    cycle: form.cycle,
    basis: form.basis,
    ladder: form.ladder,
    tiers: form.tiers.map((tier) => ({ from: parseDecimal(tier.from, fromDigits(form)) ?? 0n, reward: reward(tier) })),
  });
}

export type Problems = Map<string, Key>;

export function problemsOf(form: RebateForm): Problems {
  const found: Problems = new Map();
  const wrong = (field: string, when: boolean, words: Key) => {
    if (when && !found.has(field)) found.set(field, words);
  };
  wrong("plan_id", !ID.test(form.id), "rebate.id.hint");
  wrong("terms.name", form.name.trim() === "", "rebate.needed");
  wrong("terms.from", form.from === "", "rebate.needed");
  wrong("terms.from", form.from !== firstDay(form.from, form.cycle), "rebate.from.bad");
  wrong("terms.until", form.until !== "" && form.until < form.from, "rebate.until.bad");
  let before: bigint | undefined;
  form.tiers.forEach((tier, i) => {
    const field = `terms.tiers[${i}]`;
    const from = parseDecimal(tier.from, fromDigits(form));
    wrong(`${field}.from`, from === undefined, "rebate.number.bad");
    wrong(`${field}.from`, from !== undefined && before !== undefined && from <= before, "rebate.tiers.rising");
    before = from ?? before;
    if (tier.reward === "rate") {
      const rate = parseDecimal(tier.rate, RATE_DIGITS) ?? 0n;
      wrong(`${field}.rate_ppm`, rate < 1n || rate > WHOLE, "rebate.rate.bad");
    } else {
      const amount = parseDecimal(tier.perUnit, currencyDigits(form.currencyCode)) ?? 0n;
      wrong(`${field}.per_unit_minor`, amount < 1n, "rebate.perUnit.bad");
    }
  });
  return found;
}

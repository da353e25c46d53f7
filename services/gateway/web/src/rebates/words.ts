// Rebate plans and what dealers have reached, as people would say it.
import { showDecimal } from "../format/decimal";
import { RebateNotCounted, RebatePlanStatus, type RebateAccrual } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateBasis, RebateCycle, RebateLadder, type RebateTerms, type RebateTier } from "../gen/qudao/order/v1/rebate_service_pb";
import type { Key, Translate } from "../i18n/i18n";
import type { Format } from "../ui/format";
import { RATE_DIGITS } from "./form";

/** The read model that all of it comes from. */
export const REBATES = "rebates";

export const CYCLES: [RebateCycle, Key][] = [
  [RebateCycle.MONTH, "rebate.cycle.month"],
  [RebateCycle.QUARTER, "rebate.cycle.quarter"],
  [RebateCycle.YEAR, "rebate.cycle.year"],
];

export const BASES: [RebateBasis, Key][] = [
  [RebateBasis.AMOUNT, "rebate.basis.amount"],
  [RebateBasis.UNITS, "rebate.basis.units"],
];

export const LADDERS: [RebateLadder, Key][] = [
  [RebateLadder.WHOLE, "rebate.ladder.whole"],
  [RebateLadder.BRACKET, "rebate.ladder.bracket"],
];

export const STATUSES = {
  draft: RebatePlanStatus.DRAFT,
  running: RebatePlanStatus.RUNNING,
  ended: RebatePlanStatus.ENDED,
} as const;

export type StatusName = keyof typeof STATUSES;

export const STATUS_NAMES = Object.keys(STATUSES) as StatusName[];

export function keyOf<Value>(list: [Value, Key][], value: Value): Key {
  return list.find(([one]) => one === value)?.[1] ?? "status.unknown";
}

const NOT_COUNTED: Record<RebateNotCounted, Key | undefined> = {
  [RebateNotCounted.UNSPECIFIED]: undefined,
  [RebateNotCounted.DEALER]: "rebate.notCounted.dealer",
  [RebateNotCounted.CURRENCY]: "rebate.notCounted.currency",
  [RebateNotCounted.DAY]: "rebate.notCounted.day",
  [RebateNotCounted.SENDS_AGAIN]: "rebate.notCounted.sendsAgain",
  [RebateNotCounted.NO_GOODS]: "rebate.notCounted.noGoods",
};

/** Why an order does not count; undefined of one that does. */
export function notCounted(why: RebateNotCounted): Key | undefined {
  return NOT_COUNTED[why];
}

/** So much of what a plan measures. */
export function measureWords(basis: RebateBasis, measure: bigint, currency: string, t: Translate, format: Format): string {
  return basis === RebateBasis.AMOUNT ? format.money(measure, currency) : t("rebate.units", { n: format.count(measure) });
}

export function rewardWords(reward: RebateTier["reward"] | undefined, currency: string, t: Translate, format: Format): string {
  if (reward?.case === "ratePpm") return `${showDecimal(BigInt(reward.value), RATE_DIGITS, true)}%`;
  if (reward?.case === "perUnitMinor") return `${t("rebate.perUnit")} ${format.money(reward.value, currency)}`;
  return "–";
}

export function tierWords({ basis, currencyCode, tiers }: RebateTerms, t: Translate, format: Format): string[] {
  return tiers.map(({ from, reward }) =>
    t("rebate.tier.from", {
      from: measureWords(basis, from, currencyCode, t, format),
      reward: rewardWords(reward, currencyCode, t, format),
    }),
  );
}

/** What is missing for the next tier; empty at the highest. */
export function missingWords(accrual: RebateAccrual, t: Translate, format: Format): string {
  const { nextTierNo, missing, basis, currencyCode } = accrual;
  if (nextTierNo === 0) return "";
  return t("rebate.missing", { tier: nextTierNo, missing: measureWords(basis, missing, currencyCode, t, format) });
}

/** What a dealer has reached and was not given. */
export function openMinor({ accruedMinor, settledMinor }: RebateAccrual): bigint {
  return accruedMinor - settledMinor;
}

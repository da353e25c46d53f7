// The six kinds of promotion that the trade knows: combinations of what is measured and what is
// given.
import { Measure, type PromotionTerms, type PromotionTier } from "../gen/qudao/order/v1/promotion_service_pb";

export const KINDS = ["amountOff", "amountGifts", "percent", "buyGifts", "steps", "sets"] as const;

export type Kind = (typeof KINDS)[number];

export type RewardKind = "percent" | "off" | "setPrice" | "gifts";

/** What each kind measures; steps have the choice. */
export const MEASURES: Record<Kind, Measure[]> = {
  amountOff: [Measure.AMOUNT],
  amountGifts: [Measure.AMOUNT],
  percent: [Measure.QUANTITY],
  buyGifts: [Measure.QUANTITY],
  steps: [Measure.AMOUNT, Measure.QUANTITY],
  sets: [Measure.SETS],
};

/** What each kind can give, the usual first. */
export const REWARDS: Record<Kind, RewardKind[]> = {
  amountOff: ["off"],
  amountGifts: ["gifts"],
  percent: ["percent"],
  buyGifts: ["gifts"],
  steps: ["off", "percent", "gifts"],
  sets: ["setPrice", "off", "percent", "gifts"],
};

export function hasTiers(kind: Kind): boolean {
  return kind === "steps" || kind === "sets";
}

/** Whether people choose between once and each time; of sets it is always each one. */
export function mayRepeat(kind: Kind, tiers: number): boolean {
  return kind !== "percent" && kind !== "sets" && tiers === 1;
}

export function rewardOf(tier: PromotionTier): RewardKind {
  switch (tier.reward.case) {
    case "percentBasisPoints":
      return "percent";
    case "setPriceMinor":
      return "setPrice";
    case "gifts":
      return "gifts";
    default:
      return "off";
  }
}

/** The narrowest kind that can say it; steps can say all but sets. */
export function kindOf({ measure, tiers, repeats }: PromotionTerms): Kind {
  if (measure === Measure.SETS) return "sets";
  const [tier] = tiers;
  if (!tier || tiers.length > 1) return "steps";
  const reward = rewardOf(tier);
  const fits = KINDS.filter((kind) => !hasTiers(kind) && MEASURES[kind].includes(measure) && REWARDS[kind].includes(reward));
  return fits.find((kind) => !repeats || mayRepeat(kind, 1)) ?? "steps";
}

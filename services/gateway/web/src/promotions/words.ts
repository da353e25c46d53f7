// What a promotion says, as people would say it.
import type { AudienceWords } from "../audience/words";
import { showDecimal } from "../format/decimal";
import {
  Measure,
  Stacking,
  type Gift,
  type PromotionTerms,
  type PromotionTier,
} from "../gen/qudao/order/v1/promotion_service_pb";
import type { Key } from "../i18n/i18n";
import { PERCENT_DIGITS } from "./form";

export const STACKINGS = [Stacking.ALL, Stacking.BEST, Stacking.FIRST] as const;

export const STACKING_NAMES: Record<Stacking, Key> = {
  [Stacking.UNSPECIFIED]: "promo.unknown",
  [Stacking.ALL]: "promo.stacking.all",
  [Stacking.BEST]: "promo.stacking.best",
  [Stacking.FIRST]: "promo.stacking.first",
};

export const STACKING_HINTS: Record<Stacking, Key> = {
  [Stacking.UNSPECIFIED]: "promo.unknown",
  [Stacking.ALL]: "promo.stacking.all.hint",
  [Stacking.BEST]: "promo.stacking.best.hint",
  [Stacking.FIRST]: "promo.stacking.first.hint",
};

/** One sentence for each tier. */
export function offerWords(terms: PromotionTerms, words: AudienceWords): string[] {
  return terms.tiers.map((tier) => {
    const gives = rewardWords(tier, terms.currencyCode, words);
    const when = whenWords(tier.from, terms, words);
    return when ? words.t("tier.line", { when, gives }) : gives;
  });
}

function whenWords(from: bigint, terms: PromotionTerms, { t, format }: AudienceWords): string {
  const each = terms.repeats;
  switch (terms.measure) {
    case Measure.AMOUNT:
      return t(each ? "tier.amount.each" : "tier.amount", { from: format.money(from, terms.currencyCode) });
    case Measure.SETS:
      return from <= 1n ? t("tier.set") : t("tier.sets", { from: format.count(from) });
    default:
      // From the first piece on is what everybody expects.
      if (from <= 1n && !each) return terms.tiers.length > 1 ? t("tier.quantity", { from: "1" }) : "";
      return t(each ? "tier.quantity.each" : "tier.quantity", { from: format.count(from) });
  }
}

function rewardWords({ reward }: PromotionTier, currency: string, words: AudienceWords): string {
  const { t, format } = words;
  switch (reward.case) {
    case "percentBasisPoints":
      return t("reward.percent", { percent: showDecimal(BigInt(reward.value), PERCENT_DIGITS, true) });
    case "offMinor":
      return t("reward.off", { money: format.money(reward.value, currency) });
    case "setPriceMinor":
      return t("reward.setPrice", { money: format.money(reward.value, currency) });
    case "gifts":
      return t("reward.gifts", { goods: reward.value.gifts.map((gift) => giftWords(gift, words)).join(t("promotion.and")) });
    default:
      return t("promo.unknown");
  }
}

function giftWords({ productId, quantity, insteadProductIds }: Gift, { t, format, product }: AudienceWords): string {
  const goods = t("promotion.goods", { name: product(productId), n: format.count(quantity) });
  if (insteadProductIds.length === 0) return goods;
  return goods + t("reward.instead", { goods: insteadProductIds.map(product).join(t("promo.or")) });
}

export function partsWords(terms: PromotionTerms, { t, format, product }: AudienceWords): string {
  const each = terms.parts.map(({ productId, quantity }) =>
    t("promotion.goods", { name: product(productId), n: format.count(quantity) }),
  );
  return each.join(" + ");
}

/** Which goods are meant is to be said, but of a set: it says itself what it is made of. */
export function hasScope({ measure, scope }: PromotionTerms): boolean {
  const named = [scope?.productIds, scope?.categories, scope?.exceptProductIds].some((list) => list?.length);
  return measure !== Measure.SETS || named;
}

export function groupWords(terms: PromotionTerms, { t }: AudienceWords): string[] {
  const said = [t("promo.group.words", { name: terms.groupName, stacking: t(STACKING_NAMES[terms.stacking]) })];
  if (terms.groupRank > 0 || terms.rank > 0) said.push(t("promo.group.ranks", { group: terms.groupRank, rank: terms.rank }));
  if (terms.alone) said.push(t("promo.alone.words"));
  return said;
}

export function quotaWords({ quotaTotal, quotaPerDealer }: PromotionTerms, { t, format }: AudienceWords): string[] {
  const said: string[] = [];
  if (quotaTotal > 0) said.push(t("promo.quota.total.words", { n: format.count(quotaTotal) }));
  if (quotaPerDealer > 0) said.push(t("promo.quota.each.words", { n: format.count(quotaPerDealer) }));
  return said.length > 0 ? said : [t("promo.quota.none")];
}

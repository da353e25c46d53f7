// What a promotion says, as people would say it.
import {
  Measure,
  Stacking,
  type Gift,
  type PromotionTerms,
  type PromotionTier,
} from "../gen/qudao/order/v1/promotion_service_pb";
import type { Key, Translate } from "../i18n/i18n";
import type { Format } from "../ui/format";
import { showDecimal } from "./decimal";
import { PERCENT_DIGITS } from "./form";

export interface TermsWords {
  t: Translate;
  format: Format;
  product: (id: string) => string;
  dealer: (id: string) => string;
  region: (id: string) => string;
}

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
export function offerWords(terms: PromotionTerms, words: TermsWords): string[] {
  return terms.tiers.map((tier) => {
    const gives = rewardWords(tier, terms.currencyCode, words);
    const when = whenWords(tier.from, terms, words);
    return when ? words.t("tier.line", { when, gives }) : gives;
  });
}

function whenWords(from: bigint, terms: PromotionTerms, { t, format }: TermsWords): string {
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

function rewardWords({ reward }: PromotionTier, currency: string, words: TermsWords): string {
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

function giftWords({ productId, quantity, insteadProductIds }: Gift, { t, format, product }: TermsWords): string {
  const goods = t("promotion.goods", { name: product(productId), n: format.count(quantity) });
  if (insteadProductIds.length === 0) return goods;
  return goods + t("reward.instead", { goods: insteadProductIds.map(product).join(t("promo.or")) });
}

export function partsWords(terms: PromotionTerms, { t, format, product }: TermsWords): string {
  const each = terms.parts.map(({ productId, quantity }) =>
    t("promotion.goods", { name: product(productId), n: format.count(quantity) }),
  );
  return each.join(" + ");
}

/** Lists longer than this end with how many more there are. */
export const SHOWN = 12;

function listed(ids: string[], name: (id: string) => string, { t, format }: TermsWords): string {
  const shown = ids.slice(0, SHOWN).map(name).join(t("promotion.and"));
  return ids.length > SHOWN ? t("promo.list.more", { shown, n: format.count(ids.length) }) : shown;
}

export function categoryName(path: string[]): string {
  return path.join(" › ");
}

/** Which goods are meant is to be said, but of a set: it says itself what it is made of. */
export function hasScope({ measure, scope }: PromotionTerms): boolean {
  const named = [scope?.productIds, scope?.categories, scope?.exceptProductIds].some((list) => list?.length);
  return measure !== Measure.SETS || named;
}

export function scopeWords({ scope }: PromotionTerms, words: TermsWords): string[] {
  const { t, product } = words;
  const categories = (scope?.categories ?? []).map(({ path }) => path);
  const said: string[] = [];
  if (categories.length > 0) said.push(t("promo.scope.categories", { list: categories.map(categoryName).join(t("promotion.and")) }));
  if (scope?.productIds.length) said.push(t("promo.scope.products", { list: listed(scope.productIds, product, words) }));
  if (said.length === 0) said.push(t("promo.scope.all"));
  if (scope?.exceptProductIds.length) said.push(t("promo.scope.except", { list: listed(scope.exceptProductIds, product, words) }));
  return said;
}

export function audienceWords({ audience }: PromotionTerms, words: TermsWords): string[] {
  const { t, dealer, region } = words;
  const lists: [Key, string[] | undefined, (id: string) => string][] = [
    ["promo.audience.regions", audience?.regionIds, region],
    ["promo.audience.levels", audience?.levelIds, (id) => id],
    ["promo.audience.channels", audience?.channelIds, (id) => id],
    ["promo.audience.dealers", audience?.dealerIds, dealer],
  ];
  const said = lists.flatMap(([key, ids, name]) => (ids?.length ? [t(key, { list: listed(ids, name, words) })] : []));
  if (said.length === 0) said.push(t("promo.audience.all"));
  const denied = audience?.deniedDealerIds ?? [];
  if (denied.length > 0) said.push(t("promo.audience.denied", { list: listed(denied, dealer, words) }));
  return said;
}

export function daysWords({ from, until }: { from: string; until: string }, t: Translate): string {
  return until ? t("promo.days.until", { from, until }) : t("promo.days.open", { from });
}

export function groupWords(terms: PromotionTerms, { t }: TermsWords): string[] {
  const said = [t("promo.group.words", { name: terms.groupName, stacking: t(STACKING_NAMES[terms.stacking]) })];
  if (terms.groupRank > 0 || terms.rank > 0) said.push(t("promo.group.ranks", { group: terms.groupRank, rank: terms.rank }));
  if (terms.alone) said.push(t("promo.alone.words"));
  return said;
}

export function quotaWords({ quotaTotal, quotaPerDealer }: PromotionTerms, { t, format }: TermsWords): string[] {
  const said: string[] = [];
  if (quotaTotal > 0) said.push(t("promo.quota.total.words", { n: format.count(quotaTotal) }));
  if (quotaPerDealer > 0) said.push(t("promo.quota.each.words", { n: format.count(quotaPerDealer) }));
  return said.length > 0 ? said : [t("promo.quota.none")];
}

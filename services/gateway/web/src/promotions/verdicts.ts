// What came of a promotion, in words: one place for the basket, the order and the trial.
import {
  PromotionVerdict,
  type MissingGoods,
  type QuoteOrderResponse,
  type TriedPromotion,
} from "../gen/qudao/order/v1/order_service_pb";
import type { Key, Translate } from "../i18n/i18n";
import type { Format } from "../ui/format";

const { APPLIED, TOO_LITTLE } = PromotionVerdict;

export const VERDICTS: Record<PromotionVerdict, Key> = {
  [PromotionVerdict.UNSPECIFIED]: "verdict.unknown",
  [PromotionVerdict.APPLIED]: "verdict.applied",
  [PromotionVerdict.DAY]: "verdict.day",
  [PromotionVerdict.DEALER]: "verdict.dealer",
  [PromotionVerdict.REGION]: "verdict.region",
  [PromotionVerdict.LEVEL]: "verdict.level",
  [PromotionVerdict.CHANNEL]: "verdict.channel",
  [PromotionVerdict.SCOPE]: "verdict.scope",
  [PromotionVerdict.TOO_LITTLE]: "verdict.tooLittle",
  [PromotionVerdict.RAN_OUT]: "verdict.ranOut",
  [PromotionVerdict.FLOOR]: "verdict.floor",
  [PromotionVerdict.GIFTS_GONE]: "verdict.giftsGone",
  [PromotionVerdict.NOT_ALONE]: "verdict.notAlone",
  [PromotionVerdict.AFTER_ONE_ALONE]: "verdict.afterOneAlone",
  [PromotionVerdict.GROUP]: "verdict.group",
};

/** What it takes to say something about a quote: it knows goods and promotions by id. */
export interface Words {
  t: Translate;
  format: Format;
  currency: string;
  product: (id: string) => string;
  promotion: (id: string) => string;
}

/** Names of the promotions that a quote tried. */
export function promotionNames(promotions: TriedPromotion[]): (id: string) => string {
  const names = new Map(promotions.map(({ promotionId, name }) => [promotionId, name]));
  return (id) => names.get(id) ?? id;
}

/** Products that a quote names without saying what they are called. */
export function namelessProducts(quote: QuoteOrderResponse | undefined): string[] {
  const missing = (quote?.promotions ?? []).flatMap((one) => [...one.missingParts, ...one.missingGifts]);
  const replaced = (quote?.gifts ?? []).map((gift) => gift.insteadOfProductId).filter(Boolean);
  return [...missing.map(({ productId }) => productId), ...replaced];
}

export function goodsWords(goods: MissingGoods[], { t, format, product }: Words): string {
  const each = goods.map(({ productId, quantity }) => t("promotion.goods", { name: product(productId), n: format.count(quantity) }));
  return each.join(t("promotion.and"));
}

/** How much more it takes for the promotion, or for more of it; empty when nothing more would help. */
export function missingWords(tried: TriedPromotion, words: Words): string {
  const { t, format, currency } = words;
  if (tried.missingMinor > 0n) return format.money(tried.missingMinor, currency);
  if (tried.missingQuantity > 0) return t("order.pieces", { n: format.count(tried.missingQuantity) });
  return goodsWords(tried.missingParts, words);
}

/** The verdict and, where there is more to say, what is behind it. */
export function verdictWords(tried: TriedPromotion, words: Words): string {
  const { t, format, currency } = words;
  const said = [t(VERDICTS[tried.verdict] ?? "verdict.unknown")];
  const missing = missingWords(tried, words);
  if (missing) said.push(t(tried.verdict === APPLIED ? "verdict.next" : "verdict.missing", { missing }));
  if (tried.otherPromotionId) said.push(t("verdict.other", { name: words.promotion(tried.otherPromotionId) }));
  if (tried.keptByFloorMinor > 0n) said.push(t("verdict.keptByFloor", { money: format.money(tried.keptByFloorMinor, currency) }));
  if (tried.missingGifts.length > 0) said.push(t("verdict.giftsMissing", { goods: goodsWords(tried.missingGifts, words) }));
  if (tried.ranOut && tried.verdict === APPLIED) said.push(t("verdict.noMore"));
  // That it is given goes without saying where more is said.
  return (tried.verdict === APPLIED && said.length > 1 ? said.slice(1) : said).join(t("verdict.joint"));
}

const MOST_HINTS = 3;

function isNear(tried: TriedPromotion): boolean {
  const more = tried.missingMinor > 0n || tried.missingQuantity > 0 || tried.missingParts.length > 0;
  return more && (tried.verdict === TOO_LITTLE || (tried.verdict === APPLIED && !tried.ranOut));
}

/** What a little more would bring; what is not given yet comes first. */
export function nearMisses(promotions: TriedPromotion[]): TriedPromotion[] {
  const near = promotions.filter(isNear);
  const [open, given] = [TOO_LITTLE, APPLIED].map((verdict) => near.filter((one) => one.verdict === verdict));
  return [...(open ?? []), ...(given ?? [])].slice(0, MOST_HINTS);
}

export function hintWords(tried: TriedPromotion, words: Words): string {
  const values = { missing: missingWords(tried, words), name: tried.name };
  return words.t(tried.verdict === APPLIED ? "hint.more" : "hint.first", values);
}

export function given(promotions: TriedPromotion[]): TriedPromotion[] {
  return promotions.filter(({ verdict }) => verdict === APPLIED);
}

// Whom something is for, on which days and about which goods, as people would say it.
import type { PromotionAudience, PromotionScope } from "../gen/qudao/order/v1/promotion_service_pb";
import type { Key, Translate } from "../i18n/i18n";
import type { Format } from "../ui/format";

/** What it takes to say it: messages know everything by its id only. */
export interface AudienceWords {
  t: Translate;
  format: Format;
  product: (id: string) => string;
  dealer: (id: string) => string;
  region: (id: string) => string;
  level: (id: string) => string;
  channel: (id: string) => string;
}

/** Lists longer than this end with how many more there are. */
export const SHOWN = 12;

function listed(ids: string[], name: (id: string) => string, { t, format }: AudienceWords): string {
  const shown = ids.slice(0, SHOWN).map(name).join(t("promotion.and"));
  return ids.length > SHOWN ? t("list.more", { shown, n: format.count(ids.length) }) : shown;
}

export function categoryName(path: string[]): string {
  return path.join(" › ");
}

export function scopeWords(scope: PromotionScope | undefined, words: AudienceWords): string[] {
  const { t, product } = words;
  const categories = (scope?.categories ?? []).map(({ path }) => path);
  const said: string[] = [];
  if (categories.length > 0) said.push(t("scope.categories", { list: categories.map(categoryName).join(t("promotion.and")) }));
  if (scope?.productIds.length) said.push(t("scope.products", { list: listed(scope.productIds, product, words) }));
  if (said.length === 0) said.push(t("scope.all"));
  if (scope?.exceptProductIds.length) said.push(t("scope.except", { list: listed(scope.exceptProductIds, product, words) }));
  return said;
}

export function audienceWords(audience: PromotionAudience | undefined, words: AudienceWords): string[] {
  const { t, dealer, region, level, channel } = words;
  const lists: [Key, string[] | undefined, (id: string) => string][] = [
    ["audience.regions", audience?.regionIds, region],
    ["audience.levels", audience?.levelIds, level],
    ["audience.channels", audience?.channelIds, channel],
    ["audience.dealers", audience?.dealerIds, dealer],
  ];
  const said = lists.flatMap(([key, ids, name]) => (ids?.length ? [t(key, { list: listed(ids, name, words) })] : []));
  if (said.length === 0) said.push(t("audience.all"));
  const denied = audience?.deniedDealerIds ?? [];
  if (denied.length > 0) said.push(t("audience.denied", { list: listed(denied, dealer, words) }));
  return said;
}

export function daysWords({ from, until }: { from: string; until: string }, t: Translate): string {
  return until ? t("days.until", { from, until }) : t("days.open", { from });
}

// Whether something is for a dealer of the made-up brand, and which goods it is about.
import type { PromotionAudience, PromotionScope } from "../gen/qudao/order/v1/promotion_service_pb";
import { PriceListVerdict } from "../gen/qudao/order/v1/price_list_service_pb";
import { pathOf } from "./cube";
import type { DemoDealer, DemoProduct, World } from "./world";

const { DEALER, LEVEL, CHANNEL, REGION } = PriceListVerdict;

const fits = (wanted: string[] | undefined, has: string[]) => !wanted?.length || wanted.some((id) => has.includes(id));

/** Why something is not for a dealer; undefined when it is. */
export function notFor(world: World, dealer: DemoDealer, audience: PromotionAudience | undefined): PriceListVerdict | undefined {
  if (audience?.deniedDealerIds.includes(dealer.dealerId)) return DEALER;
  if (!fits(audience?.dealerIds, [dealer.dealerId])) return DEALER;
  if (!fits(audience?.levelIds, [dealer.levelId])) return LEVEL;
  if (!fits(audience?.channelIds, [dealer.channelId])) return CHANNEL;
  return fits(audience?.regionIds, pathOf(world, dealer.regionId)) ? undefined : REGION;
}

/** The smaller, the more closely it says for whom it is. */
export function closeness(audience: PromotionAudience | undefined): number {
  const lists = [audience?.dealerIds, audience?.levelIds, audience?.channelIds, audience?.regionIds];
  const first = lists.findIndex((ids) => ids?.length);
  return first < 0 ? lists.length : first;
}

export function inScope({ productId, category }: DemoProduct, scope: PromotionScope | undefined): boolean {
  if (!scope) return true;
  if (scope.exceptProductIds.includes(productId)) return false;
  if (scope.productIds.length === 0 && scope.categories.length === 0) return true;
  const below = scope.categories.some(({ path }) => path.every((name, i) => category[i] === name));
  return below || scope.productIds.includes(productId);
}

export function countsOn({ from, until }: { from: string; until: string }, day: string): boolean {
  return from <= day && (until === "" || day <= until);
}

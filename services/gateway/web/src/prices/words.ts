// What came of a price list and of the visible range for a dealer, in words.
import { PriceListVerdict, Visibility } from "../gen/qudao/order/v1/price_list_service_pb";
import type { Key } from "../i18n/i18n";

/** The list that counts for everybody. */
export const BASE = "base";

export const LIST_VERDICTS: Record<PriceListVerdict, Key> = {
  [PriceListVerdict.UNSPECIFIED]: "verdict.unknown",
  [PriceListVerdict.USED]: "listVerdict.used",
  [PriceListVerdict.NO_PRICE]: "listVerdict.noPrice",
  [PriceListVerdict.LATER]: "listVerdict.later",
  [PriceListVerdict.OTHER_CURRENCY]: "listVerdict.otherCurrency",
  [PriceListVerdict.DAY]: "listVerdict.day",
  [PriceListVerdict.DEALER]: "listVerdict.dealer",
  [PriceListVerdict.REGION]: "listVerdict.region",
  [PriceListVerdict.LEVEL]: "listVerdict.level",
  [PriceListVerdict.CHANNEL]: "listVerdict.channel",
};

export const VISIBILITIES: Record<Visibility, Key> = {
  [Visibility.UNSPECIFIED]: "verdict.unknown",
  [Visibility.VISIBLE]: "visibility.visible",
  [Visibility.NOT_PUBLISHED]: "visibility.notPublished",
  [Visibility.HIDDEN]: "visibility.hidden",
  [Visibility.FOR_OTHERS]: "visibility.forOthers",
  [Visibility.OUTSIDE_LIMITS]: "visibility.outsideLimits",
};

/** One that is newer than the page is said to be unknown. */
export function listVerdictKey(verdict: PriceListVerdict): Key {
  return LIST_VERDICTS[verdict] ?? "verdict.unknown";
}

export function visibilityKey(visibility: Visibility): Key {
  return VISIBILITIES[visibility] ?? "verdict.unknown";
}

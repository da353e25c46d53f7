import { useRegions } from "../cockpit/use-regions";
import type { PromotionTerms } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { useProductNames } from "../products/use-product-names";
import { useDealerNames } from "../settings/use-dealer-names";
import { useFormat } from "../ui/format";
import { SHOWN, type TermsWords } from "./words";

/** Every product that the terms name. */
function productsOf({ scope, parts, tiers }: PromotionTerms): string[] {
  const gifts = tiers.flatMap(({ reward }) => (reward.case === "gifts" ? reward.value.gifts : []));
  return [
    ...(scope?.productIds ?? []),
    ...(scope?.exceptProductIds ?? []),
    ...parts.map(({ productId }) => productId),
    ...gifts.flatMap(({ productId, insteadProductIds }) => [productId, ...insteadProductIds]),
  ];
}

/** The dealers of whom there is a name to be shown: no list shows more. */
function dealersOf({ audience }: PromotionTerms): string[] {
  const { dealerIds = [], deniedDealerIds = [] } = audience ?? {};
  return [...dealerIds.slice(0, SHOWN), ...deniedDealerIds.slice(0, SHOWN)];
}

/** What it takes to say what terms say. */
export function useTermsWords(terms: PromotionTerms): TermsWords {
  const { t } = useI18n();
  const format = useFormat();
  const regions = useRegions();
  const product = useProductNames(productsOf(terms));
  const dealers = useDealerNames(dealersOf(terms));
  return {
    t,
    format,
    product,
    dealer: (id) => dealers.get(id) ?? id,
    region: (id) => regions.data?.all.find(({ regionId }) => regionId === id)?.name ?? id,
  };
}

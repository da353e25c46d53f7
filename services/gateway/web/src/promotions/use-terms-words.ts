import { useAudienceWords } from "../audience/use-audience-words";
import type { AudienceWords } from "../audience/words";
import type { PromotionTerms } from "../gen/qudao/order/v1/promotion_service_pb";

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

/** What it takes to say what terms say. */
export function useTermsWords(terms: PromotionTerms): AudienceWords {
  return useAudienceWords([terms.audience], productsOf(terms));
}

import { useAudienceWords } from "../audience/use-audience-words";
import { SHOWN, type AudienceWords } from "../audience/words";
import type { AssortmentTerms } from "../gen/qudao/order/v1/assortment_service_pb";

/** The products of which there is a name to be shown: no list shows more. */
function productsOf({ scope }: AssortmentTerms): string[] {
  return [...(scope?.productIds ?? []).slice(0, SHOWN), ...(scope?.exceptProductIds ?? []).slice(0, SHOWN)];
}

/** What it takes to say what rules say. */
export function useRulesWords(rules: (AssortmentTerms | undefined)[]): AudienceWords {
  const known = rules.filter((terms) => terms !== undefined);
  return useAudienceWords(
    known.map(({ audience }) => audience),
    known.flatMap(productsOf),
  );
}

import { useRegions } from "../cockpit/use-regions";
import { useDealerClasses } from "../dealers/use-dealer-classes";
import type { PromotionAudience } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { useProductNames } from "../products/use-product-names";
import { useDealerNames } from "../settings/use-dealer-names";
import { useFormat } from "../ui/format";
import { SHOWN, type AudienceWords } from "./words";

/** The dealers of whom there is a name to be shown: no list shows more. */
function dealersOf(audience: PromotionAudience | undefined): string[] {
  const { dealerIds = [], deniedDealerIds = [] } = audience ?? {};
  return [...dealerIds.slice(0, SHOWN), ...deniedDealerIds.slice(0, SHOWN)];
}

/** What it takes to name these buyers and products. */
export function useAudienceWords(audiences: (PromotionAudience | undefined)[], productIds: string[] = []): AudienceWords {
  const { t } = useI18n();
  const format = useFormat();
  const regions = useRegions();
  const { levelName, channelName } = useDealerClasses();
  const product = useProductNames(productIds);
  const dealers = useDealerNames(audiences.flatMap(dealersOf));
  return {
    t,
    format,
    product,
    dealer: (id) => dealers.get(id) ?? id,
    region: (id) => regions.data?.all.find(({ regionId }) => regionId === id)?.name ?? id,
    level: levelName,
    channel: channelName,
  };
}

import { Sentences } from "../audience/sentences";
import { audienceWords, daysWords, type AudienceWords } from "../audience/words";
import type { PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { BASE } from "./words";

interface Props {
  list: PriceList;
  words: AudienceWords;
  /** In one line. */
  brief?: boolean;
}

/** For whom a list counts. */
export function ForWhom({ list, words, brief = false }: Props) {
  const { t } = useI18n();
  if (list.priceListId === BASE) return <>{t("prices.base.audience")}</>;
  if (!list.placement) return <span className="soft">–</span>;
  const said = audienceWords(list.placement.audience, words);
  return brief ? <>{said.join(" · ")}</> : <Sentences said={said} />;
}

/** On which days it counts. */
export function OnDays({ list }: { list: PriceList }) {
  const { t } = useI18n();
  if (list.priceListId === BASE) return <>{t("prices.base.days")}</>;
  if (!list.placement) return <span className="tag">{t("prices.notPlaced")}</span>;
  return <>{daysWords(list.placement, t)}</>;
}

import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { PriceListService, PriceListVerdict, type ExplainPriceResponse } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { listVerdictKey } from "../prices/words";
import { breakWords } from "../products/break-words";
import { useMay } from "../session/session";
import { useFormat } from "../ui/format";
import { Loading, QueryView } from "../ui/states";
import { useSlow } from "../ui/use-slow";
import { useMall } from "./mall-state";

const WAIT_MS = 300;

/** Why one costs what it does when so many are ordered. */
export function PriceWhy({ product: { productId, baseUnit }, quantity }: { product: Product; quantity: number }) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { dealerId } = useMall();
  const enabled = useMay()(PriceListService.method.explainPrice);
  const asked = useSlow(quantity, WAIT_MS);
  const query = useQuery(
    `mall-why/${productId}/${asked}`,
    (signal) => pricing.explainPrice({ dealerId, productId, quantity: asked }, { signal }),
    { enabled, keep: true },
  );
  if (!enabled) return null;
  return (
    <section className="mall-card">
      <h2>{t("mall.why")}</h2>
      <QueryView query={query} skeleton={<Loading rows={2} />}>
        {(answer) => <Why answer={answer} unit={baseUnit} quantity={asked} />}
      </QueryView>
    </section>
  );
}

function Why({ answer, unit, quantity }: { answer: ExplainPriceResponse; unit: string; quantity: number }) {
  const { t } = useI18n();
  const format = useFormat();
  const { unitPriceMinor, currencyCode, priceLists, nextBreak } = answer;
  const used = priceLists.find(({ verdict }) => verdict === PriceListVerdict.USED);
  const others = priceLists.filter((list) => list !== used);
  if (unitPriceMinor === undefined) return <p className="soft">{t("explain.noPrice")}</p>;
  return (
    <>
      <p data-explained-price>
        {t("mall.why.price", {
          n: format.count(quantity),
          unit,
          price: format.money(unitPriceMinor, currencyCode),
          list: used?.name ?? "–",
        })}
      </p>
      {nextBreak && <p className="why-next">{t("mall.why.next", { break: breakWords(nextBreak, { unit, currency: currencyCode, t, format }) })}</p>}
      {others.length > 0 && (
        <details className="why-others">
          <summary>{t("mall.why.others", { n: others.length })}</summary>
          <ul>
            {others.map(({ priceListId, name, verdict }) => (
              <li key={priceListId}>
                {name} <span className="soft">{t(listVerdictKey(verdict))}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService, PromotionVerdict, type QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useProductNames } from "../products/use-product-names";
import { hintWords, missingWords, namelessProducts, promotionNames, verdictWords, type Words } from "../promotions/verdicts";
import { useFormat } from "../ui/format";
import { Loading, QueryView } from "../ui/states";
import { useSeldom, useSlow } from "../ui/use-slow";
import { useMall } from "./mall-state";
import { about } from "./offers";
import { canOrder } from "./range";

const WAIT_MS = 300;
const AGAIN_MS = 5_000;

/** The promotions that a product is part of, and what this many of it would bring. */
export function ProductOffers({ product, quantity }: { product: Product; quantity: number }) {
  const { t } = useI18n();
  const ordering = useClient(OrderService);
  const { dealerId } = useMall();
  const asked = useSlow(quantity, WAIT_MS);
  const { productId } = product;
  const query = useQuery(
    `mall-offers/${productId}/${asked}`,
    (signal) => ordering.quoteOrder({ dealerId, lines: [{ productId, quantity: asked }] }, { signal }),
    { tick: useSeldom(useTick("promotions"), AGAIN_MS), enabled: canOrder(product), keep: true },
  );
  if (!canOrder(product)) return null;
  return (
    <section className="mall-card">
      <h2>{t("mall.offers")}</h2>
      <QueryView
        query={query}
        skeleton={<Loading rows={2} />}
        isEmpty={(quote) => about(quote.promotions).length === 0}
        empty={<p className="soft">{t("mall.offers.none")}</p>}
      >
        {(quote) => <Offered quote={quote} />}
      </QueryView>
    </section>
  );
}

function Offered({ quote }: { quote: QuoteOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const product = useProductNames(namelessProducts(quote));
  const words: Words = { t, format, currency: quote.currencyCode, product, promotion: promotionNames(quote.promotions) };
  return (
    <ul className="product-offers">
      {about(quote.promotions).map((tried) => {
        const applied = tried.verdict === PromotionVerdict.APPLIED;
        const more = missingWords(tried, words) !== "";
        return (
          <li key={tried.promotionId} data-offer={tried.promotionId}>
            <span>
              <strong>{tried.name}</strong>
              {applied && <span className="tag tag-received">{t("verdict.applied")}</span>}
            </span>
            <span className="soft">{more ? hintWords(tried, words) : verdictWords(tried, words)}</span>
            {tried.offMinor > 0n && <span>{t("mall.offer.off", { money: format.money(tried.offMinor, quote.currencyCode) })}</span>}
          </li>
        );
      })}
      {quote.gifts.map((gift, i) => (
        <li key={i}>
          <span>
            <span className="tag tag-gift">{t("promotion.gift")}</span> {gift.productName || gift.productId} × {format.count(gift.quantity)} {gift.baseUnit}
          </span>
        </li>
      ))}
    </ul>
  );
}

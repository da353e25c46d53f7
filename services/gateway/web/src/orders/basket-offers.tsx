import { GiftOutlined } from "@ant-design/icons";
import type { QuotedGift, QuoteOrderResponse, TriedPromotion } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useProductNames } from "../products/use-product-names";
import { given, hintWords, namelessProducts, nearMisses, promotionNames, type Words } from "../promotions/verdicts";
import { useFormat } from "../ui/format";

/** What promotions bring, and what a little more would bring. */
export function BasketOffers({ quote, stale }: { quote: QuoteOrderResponse; stale: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  const product = useProductNames(namelessProducts(quote));
  const promotion = promotionNames(quote.promotions);
  const words: Words = { t, format, currency: quote.currencyCode, product, promotion };
  const applied = given(quote.promotions);
  const hints = nearMisses(quote.promotions);
  return (
    <div className={stale ? "offers stale" : "offers"} aria-busy={stale}>
      {quote.gifts.length > 0 && (
        <ul className="offer-gifts" aria-label={t("promotion.gifts")}>
          {quote.gifts.map((gift, i) => (
            <Gift key={i} gift={gift} words={words} />
          ))}
        </ul>
      )}
      {applied.length > 0 && (
        <>
          <h3>{t("promotion.given")}</h3>
          <ul className="offer-given">
            {applied.map((one) => (
              <Given key={one.promotionId} tried={one} words={words} />
            ))}
          </ul>
        </>
      )}
      {hints.length > 0 && (
        <ul className="offer-hints" aria-label={t("promotion.hints")}>
          {hints.map((one) => (
            <li key={one.promotionId}>{hintWords(one, words)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Gift({ gift, words }: { gift: QuotedGift; words: Words }) {
  const { t, format, product, promotion } = words;
  const { productName, productId, quantity, baseUnit, promotionId, insteadOfProductId } = gift;
  return (
    <li>
      <span className="basket-name">
        <span>
          <span className="tag tag-gift">{t("promotion.gift")}</span> {productName || productId}
        </span>
        <span className="soft">
          {promotion(promotionId)}
          {insteadOfProductId && ` · ${t("promotion.instead", { name: product(insteadOfProductId) })}`}
        </span>
      </span>
      <span className="num">
        {format.count(quantity)} {baseUnit}
      </span>
    </li>
  );
}

function Given({ tried, words }: { tried: TriedPromotion; words: Words }) {
  const { t, format, currency } = words;
  return (
    <li>
      <span>
        {tried.name}
        {tried.times > 1 && <span className="soft"> × {format.count(tried.times)}</span>}
        {tried.ranOut && <span className="soft"> · {t("verdict.noMore")}</span>}
      </span>
      <span className="num">
        {tried.offMinor > 0n ? format.money(-tried.offMinor, currency) : <GiftOutlined aria-label={t("promotion.gift")} />}
      </span>
    </li>
  );
}

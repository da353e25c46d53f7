import { Link } from "react-router";
import type { GetOrderResponse, OrderPromotion } from "../gen/qudao/order/v1/order_query_service_pb";
import { PromotionQueryService } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";

/** The promotions behind the discounts and gifts of an order. */
export function OrderPromotions({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  if (order.promotions.length === 0) return null;
  return (
    <Panel title={t("promotion.given")}>
      <ul className="offer-given">
        {order.promotions.map((one) => (
          <Given key={one.promotionId} promotion={one} order={order} />
        ))}
      </ul>
    </Panel>
  );
}

function Given({ promotion, order }: { promotion: OrderPromotion; order: GetOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const { promotionId, name, times, offMinor } = promotion;
  const gifts = order.lines.filter((line) => line.giftPromotionId === promotionId);
  const words = gifts.map((line) =>
    t("promotion.goods", { name: line.productName || line.productId, n: format.count(line.quantity) }),
  );
  return (
    <li>
      <span>
        {may(PromotionQueryService.method.getPromotion) ? (
          <Link to={`/promotions/${encodeURIComponent(promotionId)}`}>{name}</Link>
        ) : (
          name
        )}
        {times > 1 && <span className="soft"> × {format.count(times)}</span>}
      </span>
      <span className={offMinor > 0n ? "num" : ""}>
        {offMinor > 0n ? format.money(-offMinor, order.summary?.currencyCode) : t("promotion.givenGoods", { goods: words.join(t("promotion.and")) })}
      </span>
    </li>
  );
}

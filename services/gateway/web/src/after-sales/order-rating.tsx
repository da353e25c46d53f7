import { Link } from "react-router";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useSurface } from "../shell/surface";
import { Stars } from "./marks";

/** How content the dealer is with an order, and whose goods it sends again. */
export function OrderRating({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const { afterSales: pages } = useSurface();
  const { ratedGoods, ratedService, ratedComment, replacesAfterSaleId: replaces } = order;
  return (
    <>
      {replaces && (
        <p className="note">
          {t("case.replaces")} {pages ? <Link className="mono" to={`${pages}/${encodeURIComponent(replaces)}`}>{replaces}</Link> : <span className="mono">{replaces}</span>}
        </p>
      )}
      {ratedGoods > 0 && (
        <p className="note case-rating" data-order-rating>
          <span>
            {t("rate.goods")} <Stars n={ratedGoods} />
          </span>
          <span>
            {t("rate.service")} <Stars n={ratedService} />
          </span>
          {ratedComment && <span>{ratedComment}</span>}
        </p>
      )}
    </>
  );
}

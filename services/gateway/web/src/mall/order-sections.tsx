import type { ComponentType, ReactNode } from "react";
import { OrderAfterSales } from "../after-sales/order-after-sales";
import { OrderRating } from "../after-sales/order-rating";
import type { GetOrderResponse, OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { netOf } from "../orders/lines";
import { OrderChanges, ReviewNotice } from "../orders/order-changes";
import { OrderPaymentPanel } from "../orders/order-payment";
import { OrderPromotions } from "../orders/order-promotions";
import { StatusSteps } from "../orders/status";
import { OrderPayments } from "../payments/order-payments";
import { OrderShipments } from "../shipments/order-shipments";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { OrderWaiting } from "../waiting/order-waiting";
import { useMall } from "./mall-state";
import { levelsOf, packedWords, type Level } from "./pack";

export interface OrderSection {
  name: string;
  /** Shows one thing about an order; nothing where there is nothing to show. */
  Section: ComponentType<{ order: GetOrderResponse }>;
}

/** What the page of an order has, from above. Something more about orders is one more line here. */
export const ORDER_SECTIONS: OrderSection[] = [
  { name: "state", Section: State },
  { name: "goods", Section: Goods },
  { name: "changes", Section: OrderChanges },
  { name: "waiting", Section: OrderWaiting },
  { name: "shipments", Section: OrderShipments },
  { name: "afterSales", Section: OrderAfterSales },
  { name: "payment", Section: OrderPaymentPanel },
  { name: "payments", Section: OrderPayments },
  { name: "promotions", Section: OrderPromotions },
  { name: "rating", Section: OrderRating },
];

/** How far it is, what it costs, and what was said about it. */
function State({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const { summary, note, cancelReason, shortClosedReason } = order;
  if (!summary) return null;
  const money = (minor: bigint) => format.money(minor, summary.currencyCode);
  const facts: [string, ReactNode][] = [
    [t("order.net"), <strong key="net" data-order-net>{money(summary.netMinor)}</strong>],
    ...(summary.offMinor > 0n ? [[t("order.off"), money(-summary.offMinor)] as [string, ReactNode]] : []),
    ...(summary.closedNetMinor > 0n ? [[t("order.closedNet"), money(-summary.closedNetMinor)] as [string, ReactNode]] : []),
    [t("order.submittedAt"), format.time(summary.submittedAt)],
  ];
  return (
    <section className="mall-card">
      <StatusSteps status={summary.status} />
      <ReviewNotice order={order} />
      {cancelReason && <p className="note">{t("order.cancelReason", { reason: cancelReason })}</p>}
      {shortClosedReason && <p className="note">{t("order.shortClosedReason", { reason: shortClosedReason })}</p>}
      <FactList facts={facts} />
      {note && (
        <p className="note">
          <span className="soft">{t("order.note")}: </span>
          {note}
        </p>
      )}
    </section>
  );
}

/** Each line with how much of it was ordered, has left, and has arrived. */
function Goods({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const { catalogue } = useMall();
  const levels = ({ productId, baseUnit }: OrderLine) =>
    levelsOf(catalogue.data?.byId.get(productId) ?? { packagings: [], baseUnit });
  return (
    <section className="mall-card">
      <h2>{t("order.goods")}</h2>
      <ul className="tracked">
        {order.lines.map((line) => (
          <Tracked key={line.lineNo} line={line} levels={levels(line)} currency={order.summary?.currencyCode ?? ""} />
        ))}
      </ul>
    </section>
  );
}

function Tracked({ line, levels, currency }: { line: OrderLine; levels: Level[]; currency: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { productName, productId, quantity, shipped, received, closedQuantity, giftPromotionId } = line;
  const words = (amount: bigint) => packedWords(Number(amount), levels, format.count);
  const wanted = quantity - closedQuantity;
  return (
    <li data-line={line.lineNo}>
      <span className="order-card-line">
        <span>
          {giftPromotionId && <span className="tag tag-gift">{t("promotion.gift")}</span>} {productName || productId}
        </span>
        <strong className="num">{format.money(netOf(line), currency)}</strong>
      </span>
      <Progress wanted={wanted} shipped={shipped} received={received} />
      <span className="soft tracked-words">
        <span>{t("mall.ordered", { quantity: words(quantity) })}</span>
        <span>{t("mall.shipped", { quantity: words(shipped) })}</span>
        <span>{t("mall.received", { quantity: words(received) })}</span>
        {closedQuantity > 0n && <span>{t("mall.closed", { quantity: words(closedQuantity) })}</span>}
      </span>
    </li>
  );
}

/** The words below say the same. */
function Progress({ wanted, shipped, received }: { wanted: bigint; shipped: bigint; received: bigint }) {
  const share = (part: bigint) => (wanted > 0n ? Number((part * 100n) / wanted) : 0);
  return (
    <span className="tracked-bar" aria-hidden="true">
      <span className="tracked-received" style={{ width: `${share(received)}%` }} />
      <span className="tracked-shipped" style={{ width: `${share(shipped - received)}%` }} />
    </span>
  );
}

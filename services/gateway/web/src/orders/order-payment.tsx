import type { ReactNode } from "react";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { CreditStanding } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { HoldNotice } from "./hold-notice";
import { isOnHold, openMinor, SOURCES, usedOf } from "./payment";

/** What waits for credit says so below. */
const STANDINGS = new Map<CreditStanding, { key: Key; tag: string }>([
  [CreditStanding.RESERVED, { key: "pay.standing.reserved", tag: "confirmed" }],
  [CreditStanding.REFUSED, { key: "pay.standing.refused", tag: "cancelled" }],
]);

/** What an order is paid from, and what it waits for. */
export function OrderPaymentPanel({ order: { payment, summary } }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  if (!payment) return null;
  const currency = summary?.currencyCode;
  const used = usedOf(payment);
  const open = openMinor(payment);
  const standing = STANDINGS.get(payment.creditStanding);
  const amount = (minor: bigint, id: string) => (
    <span className="num" data-paid={id}>
      {format.money(minor, currency)}
    </span>
  );
  const facts: [string, ReactNode][] = [
    ...SOURCES.filter((one) => used[one] > 0n).map((one): [string, ReactNode] => [t(`pay.${one}`), amount(used[one], one)]),
    ...(payment.onlineMinor > 0n ? [[t("pay.online"), amount(payment.onlineMinor, "online")] as [string, ReactNode]] : []),
    ...(open > 0n ? [[t("pay.open"), <strong key="open">{amount(open, "open")}</strong>] as [string, ReactNode]] : []),
    ...(standing
      ? [[t("pay.standing"), <span key="standing" className={`tag tag-${standing.tag}`}>{t(standing.key)}</span>] as [string, ReactNode]]
      : []),
  ];
  return (
    <Panel title={t("pay.title")} className="order-payment">
      {facts.length > 0 && <FactList facts={facts} />}
      {isOnHold(payment) && <HoldNotice payment={payment} currency={currency} title="pay.onHold" />}
    </Panel>
  );
}

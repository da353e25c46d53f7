import type { ReactNode } from "react";
import type { OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { holdReasons } from "../orders/payment";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";

interface Props {
  orders: OrderSummary[];
  onOpen: (order: OrderSummary) => void;
  actions: ((order: OrderSummary) => ReactNode) | undefined;
}

export function HoldTable({ orders, onOpen, actions }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const why = (order: OrderSummary) =>
    [
      ...holdReasons(order).map((key) => t(key)),
      ...(order.missingCreditMinor > 0n
        ? [t("pay.missing", { money: format.money(order.missingCreditMinor, order.currencyCode) })]
        : []),
    ].join(" · ");
  return (
    <DataTable
      label={t("funds.tab.holds")}
      rows={orders}
      rowKey={(order) => order.orderId}
      onOpen={onOpen}
      columns={[
        { key: "id", title: t("order.number"), cell: (order) => <span className="mono">{order.orderId}</span> },
        { key: "dealer", title: t("order.dealer"), cell: (order) => order.dealerName },
        { key: "region", title: t("order.region"), cell: (order) => order.regionName },
        { key: "time", title: t("order.submittedAt"), cell: (order) => format.time(order.submittedAt) },
        { key: "why", title: t("funds.hold.why"), cell: why },
        { key: "net", title: t("order.net"), number: true, cell: (order) => format.money(order.netMinor, order.currencyCode) },
      ]}
      {...(actions && { actions })}
      card={(order) => (
        <>
          <span className="card-line">
            <strong>{order.dealerName}</strong>
            <strong className="num">{format.money(order.netMinor, order.currencyCode)}</strong>
          </span>
          <span className="card-line">{why(order)}</span>
          <span className="card-line soft">
            <span>{format.time(order.submittedAt)}</span>
            <span className="mono">{order.orderId}</span>
          </span>
        </>
      )}
    />
  );
}

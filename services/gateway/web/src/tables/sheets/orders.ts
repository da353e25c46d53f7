import type { OrderSummary } from "../../gen/qudao/order/v1/order_query_service_pb";
import { holdReasons } from "../../orders/payment";
import { statusName } from "../../orders/status";
import { money, whole, type Sheet, type SheetColumn, type SheetWords } from "../cells";

function who({ t }: SheetWords): SheetColumn<OrderSummary>[] {
  return [
    { title: t("order.number"), cell: (o) => o.orderId },
    { title: t("order.date"), cell: (o) => o.businessDate },
    { title: t("sheet.dealerId"), cell: (o) => o.dealerId },
    { title: t("order.dealer"), cell: (o) => o.dealerName },
    { title: t("order.region"), cell: (o) => o.regionName },
  ];
}

function amounts({ t }: SheetWords): SheetColumn<OrderSummary>[] {
  return [
    { title: t("order.gross"), cell: (o) => money(o.grossMinor, o.currencyCode) },
    { title: t("sheet.off"), cell: (o) => money(o.offMinor, o.currencyCode) },
    { title: t("order.net"), cell: (o) => money(o.netMinor, o.currencyCode) },
    { title: t("order.tax"), cell: (o) => money(o.taxMinor, o.currencyCode) },
    { title: t("currency.label"), cell: (o) => o.currencyCode },
  ];
}

export const ordersSheet: Sheet<OrderSummary> = {
  columns: (words) => [
    ...who(words),
    {
      title: words.t("order.status"),
      cell: ({ status }) => {
        const name = statusName(status);
        return words.t(name ? `status.${name}` : "status.unknown");
      },
    },
    { title: words.t("order.lines"), cell: (o) => whole(o.lineCount) },
    { title: words.t("order.quantity"), cell: (o) => whole(o.quantity) },
    ...amounts(words),
    { title: words.t("order.submittedAt"), cell: (o) => words.time(o.submittedAt) },
  ],
};

/** Orders that wait for credit, with why and for how much. */
export const holdsSheet: Sheet<OrderSummary> = {
  columns: (words) => [
    ...who(words),
    { title: words.t("order.submittedAt"), cell: (o) => words.time(o.submittedAt) },
    { title: words.t("funds.hold.why"), cell: (o) => holdReasons(o).map((key) => words.t(key)).join(" · ") },
    { title: words.t("sheet.missingCredit"), cell: (o) => money(o.missingCreditMinor, o.currencyCode) },
    ...amounts(words),
  ],
};

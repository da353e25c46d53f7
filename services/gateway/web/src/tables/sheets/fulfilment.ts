// Shipments and after-sale cases.
import { CAUSES, SETTLEMENTS, STATUSES as CASE_STATUSES } from "../../after-sales/words";
import { nameOf } from "../../funds/words";
import type { AfterSale, AfterSaleGoods } from "../../gen/qudao/order/v1/after_sale_query_service_pb";
import type { AfterSaleSettlement } from "../../gen/qudao/order/v1/after_sale_service_pb";
import type { Shipment } from "../../gen/qudao/order/v1/shipment_query_service_pb";
import { STATUSES } from "../../shipments/words";
import { money, whole, type Sheet, type SheetWords } from "../cells";

export const shipmentsSheet: Sheet<Shipment> = {
  columns: ({ t, time }) => [
    { title: t("ship.number"), cell: (one) => one.shipmentId },
    { title: t("order.number"), cell: (one) => one.orderId },
    { title: t("sheet.dealerId"), cell: (one) => one.dealerId },
    { title: t("sheet.dealerName"), cell: (one) => one.dealerName },
    {
      title: t("order.status"),
      cell: ({ status }) => {
        const name = nameOf(STATUSES, status);
        return t(name ? `ship.status.${name}` : "status.unknown");
      },
    },
    { title: t("stock.warehouse"), cell: (one) => one.warehouseId },
    { title: t("order.lines"), cell: (one) => whole(one.lineCount) },
    { title: t("ship.released"), cell: (one) => whole(one.quantity) },
    { title: t("order.shipped"), cell: (one) => whole(one.shipped) },
    { title: t("ship.withdrawn"), cell: (one) => whole(one.withdrawn) },
    { title: t("ship.carrier"), cell: (one) => one.carrier },
    { title: t("ship.tracking"), cell: (one) => one.trackingNumber },
    { title: t("ship.reference"), cell: (one) => one.reference },
    { title: t("ship.releasedAt"), cell: (one) => time(one.releasedAt) },
    { title: t("ship.acknowledgedAt"), cell: (one) => time(one.acknowledgedAt) },
    { title: t("ship.shippedAt"), cell: (one) => time(one.shippedAt) },
    { title: t("ship.reason"), cell: (one) => one.reason },
  ],
};

interface CaseLine {
  one: AfterSale;
  goods: AfterSaleGoods | undefined;
  /** What it is settled with is of the case, and is told once. */
  first: boolean;
}

function settlementName(settlement: AfterSaleSettlement, { t }: SheetWords): string {
  const name = nameOf(SETTLEMENTS, settlement);
  return name ? t(`case.settlement.${name}`) : "";
}

/** A row for each of the goods of a case. */
export const afterSalesSheet: Sheet<AfterSale, CaseLine> = {
  lines: (one) => (one.lines.length === 0 ? [{ one, goods: undefined, first: true }] : one.lines.map((goods, i) => ({ one, goods, first: i === 0 }))),
  columns: (words) => [
    { title: words.t("case.number"), cell: ({ one }) => one.afterSaleId },
    { title: words.t("order.number"), cell: ({ one }) => one.orderId },
    { title: words.t("sheet.dealerId"), cell: ({ one }) => one.dealerId },
    { title: words.t("sheet.dealerName"), cell: ({ one }) => one.dealerName },
    {
      title: words.t("order.status"),
      cell: ({ one: { status } }) => {
        const name = nameOf(CASE_STATUSES, status);
        return words.t(name ? `case.status.${name}` : "status.unknown");
      },
    },
    { title: words.t("sheet.productId"), cell: ({ goods }) => goods?.productId },
    { title: words.t("sheet.productName"), cell: ({ goods }) => goods?.productName },
    { title: words.t("order.quantity"), cell: ({ goods }) => whole(goods?.quantity) },
    { title: words.t("sheet.baseUnit"), cell: ({ goods }) => goods?.baseUnit },
    {
      title: words.t("case.cause"),
      cell: ({ goods }) => {
        const name = goods && nameOf(CAUSES, goods.cause);
        return name && words.t(`case.cause.${name}`);
      },
    },
    { title: words.t("case.wish"), cell: ({ one }) => settlementName(one.wish, words) },
    { title: words.t("case.outcome"), cell: ({ one }) => settlementName(one.settlement, words) },
    { title: words.t("case.amount"), cell: ({ one, first }) => (first && one.settledAt ? money(one.amountMinor, one.currencyCode) : undefined) },
    { title: words.t("currency.label"), cell: ({ one }) => one.currencyCode },
    { title: words.t("case.requestedAt"), cell: ({ one }) => words.time(one.requestedAt) },
    { title: words.t("sheet.decidedAt"), cell: ({ one }) => words.time(one.decidedAt) },
    { title: words.t("sheet.settledAt"), cell: ({ one }) => words.time(one.settledAt) },
  ],
};

import { App, Button } from "antd";
import { useState } from "react";
import { RateOrderDialog } from "../after-sales/rate-order-dialog";
import { ReceiveDialog } from "../after-sales/receive-dialog";
import { RequestDialog } from "../after-sales/request-dialog";
import { claimableOf, toReceive } from "../after-sales/rules";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { OrderStatus, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { useHandedOver } from "../shipments/use-order-shipments";
import { CancelDialog, CloseShortDialog, ConfirmDialog, ShipDialog } from "./action-dialogs";
import { RefuseDialog, ReleaseDialog } from "./hold-dialogs";
import { toShip } from "./lines";
import { PayDialog } from "./pay-dialog";
import { dueMinor, openMinor } from "./payment";

/** In the order in which they are offered. */
const METHODS = {
  release: OrderService.method.releaseCreditHold,
  pay: OrderService.method.payOrder,
  refuse: OrderService.method.refuseCredit,
  confirm: OrderService.method.confirmOrder,
  ship: OrderService.method.shipOrder,
  receive: OrderService.method.receiveOrder,
  rate: OrderService.method.rateOrder,
  claim: AfterSaleService.method.requestAfterSale,
  closeShort: OrderService.method.closeOrderShort,
  cancel: OrderService.method.cancelOrder,
} as const;

export type ActionName = keyof typeof METHODS;

/** What ends an order. */
const HARMS: ActionName[] = ["refuse", "closeShort", "cancel"];

/** What nobody has to do. */
const OPTIONAL: ActionName[] = ["rate", "claim"];

const { SUBMITTED, ON_HOLD, AWAITING_PAYMENT, CONFIRMED, PARTLY_SHIPPED, SHIPPED, PARTLY_RECEIVED, RECEIVED } = OrderStatus;

/** Offers what usually makes sense in a status; the order itself decides. */
const WHEN: Record<ActionName, OrderStatus[]> = {
  release: [ON_HOLD],
  pay: [AWAITING_PAYMENT, ON_HOLD],
  refuse: [ON_HOLD],
  confirm: [SUBMITTED],
  ship: [CONFIRMED, PARTLY_SHIPPED, PARTLY_RECEIVED],
  receive: [PARTLY_SHIPPED, SHIPPED, PARTLY_RECEIVED],
  rate: [PARTLY_RECEIVED, RECEIVED],
  claim: [PARTLY_RECEIVED, RECEIVED],
  closeShort: [PARTLY_SHIPPED, PARTLY_RECEIVED],
  cancel: [SUBMITTED, ON_HOLD, AWAITING_PAYMENT, CONFIRMED],
};

function isOpen(action: ActionName, order: GetOrderResponse): boolean {
  if (action === "pay") return dueMinor(order.payment) > 0n;
  if (action === "confirm") return openMinor(order.payment) === 0n;
  if (action === "ship" || action === "closeShort") return order.lines.some((line) => toShip(line) > 0n);
  if (action === "receive") return order.lines.some((line) => toReceive(line) > 0);
  if (action === "claim") return order.lines.some((line) => claimableOf(line) > 0);
  if (action === "rate") return order.ratedGoods === 0;
  return true;
}

export interface DialogProps {
  order: GetOrderResponse;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

export function OrderActions({
  order,
  paysOnline = false,
  onDone,
  onStale,
}: {
  order: GetOrderResponse;
  /** Paying through a provider is offered first. */
  paysOnline?: boolean;
  onDone: (position: bigint) => void;
  onStale: () => void;
}) {
  const { t } = useI18n();
  const may = useMay();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<ActionName>();
  const status = order.summary?.status ?? OrderStatus.UNSPECIFIED;
  const fits = (action: ActionName) => WHEN[action].includes(status) && may(METHODS[action]) && isOpen(action, order);
  const handedOver = useHandedOver(order, fits("ship"));
  // What was handed over to warehouses leaves by its shipments.
  const offered = (Object.keys(METHODS) as ActionName[]).filter((action) => fits(action) && (action !== "ship" || handedOver === false));
  const props = {
    order,
    onClose: () => setDialog(undefined),
    onStale,
    onDone: (position: bigint) => {
      if (dialog) void message.success(t(`action.${dialog}.done`));
      setDialog(undefined);
      onDone(position);
    },
  };
  return (
    <>
      {offered.map((action, i) => (
        <Button
          key={action}
          type={i === 0 && !HARMS.includes(action) && !OPTIONAL.includes(action) && !paysOnline ? "primary" : "default"}
          danger={HARMS.includes(action)}
          data-act={action}
          onClick={() => setDialog(action)}
        >
          {t(`action.${action}`)}
        </Button>
      ))}
      {dialog === "pay" && <PayDialog {...props} />}
      {dialog === "release" && <ReleaseDialog {...props} />}
      {dialog === "refuse" && <RefuseDialog {...props} />}
      {dialog === "confirm" && <ConfirmDialog {...props} />}
      {dialog === "cancel" && <CancelDialog {...props} />}
      {dialog === "closeShort" && <CloseShortDialog {...props} />}
      {dialog === "ship" && <ShipDialog {...props} />}
      {dialog === "receive" && <ReceiveDialog {...props} />}
      {dialog === "rate" && <RateOrderDialog {...props} />}
      {dialog === "claim" && <RequestDialog {...props} />}
    </>
  );
}

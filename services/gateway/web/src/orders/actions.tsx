import { App, Button } from "antd";
import { useState } from "react";
import { OrderStatus, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { CancelDialog, CloseShortDialog, ConfirmDialog, QuantityDialog } from "./action-dialogs";
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
  closeShort: OrderService.method.closeOrderShort,
  cancel: OrderService.method.cancelOrder,
} as const;

export type ActionName = keyof typeof METHODS;

/** What ends an order. */
const HARMS: ActionName[] = ["refuse", "closeShort", "cancel"];

const { SUBMITTED, ON_HOLD, AWAITING_PAYMENT, CONFIRMED, PARTLY_SHIPPED, SHIPPED, PARTLY_RECEIVED } = OrderStatus;

/** Offers what usually makes sense in a status; the order itself decides. */
const WHEN: Record<ActionName, OrderStatus[]> = {
  release: [ON_HOLD],
  pay: [AWAITING_PAYMENT, ON_HOLD],
  refuse: [ON_HOLD],
  confirm: [SUBMITTED],
  ship: [CONFIRMED, PARTLY_SHIPPED, PARTLY_RECEIVED],
  receive: [PARTLY_SHIPPED, SHIPPED, PARTLY_RECEIVED],
  closeShort: [PARTLY_SHIPPED, PARTLY_RECEIVED],
  cancel: [SUBMITTED, ON_HOLD, AWAITING_PAYMENT, CONFIRMED],
};

function isOpen(action: ActionName, order: GetOrderResponse): boolean {
  if (action === "pay") return dueMinor(order.payment) > 0n;
  if (action === "confirm") return openMinor(order.payment) === 0n;
  if (action === "ship" || action === "closeShort") return order.lines.some((line) => toShip(line) > 0n);
  if (action === "receive") return order.lines.some((line) => line.received < line.shipped);
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
  const offered = (Object.keys(METHODS) as ActionName[]).filter(
    (action) => WHEN[action].includes(status) && may(METHODS[action]) && isOpen(action, order),
  );
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
          type={i === 0 && !HARMS.includes(action) && !paysOnline ? "primary" : "default"}
          danger={HARMS.includes(action)}
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
      {(dialog === "ship" || dialog === "receive") && <QuantityDialog {...props} action={dialog} />}
    </>
  );
}

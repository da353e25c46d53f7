import { App, Button } from "antd";
import { useState } from "react";
import { RateOrderDialog } from "../after-sales/rate-order-dialog";
import { ReceiveDialog } from "../after-sales/receive-dialog";
import { RequestDialog } from "../after-sales/request-dialog";
import { claimableOf, toReceive } from "../after-sales/rules";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import type { Role } from "../gen/qudao/access/v1/access_pb";
import { OrderChangeService } from "../gen/qudao/order/v1/order_change_service_pb";
import { OrderStatus, type GetOrderResponse, type OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderReviewService } from "../gen/qudao/order/v1/order_review_service_pb";
import { ReviewStep } from "../gen/qudao/order/v1/order_rules_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay, useUser } from "../session/session";
import { useHandedOver } from "../shipments/use-order-shipments";
import { CancelDialog, CloseShortDialog, ConfirmDialog, ShipDialog } from "./action-dialogs";
import { ChangeDialog } from "./change-dialog";
import { DecideChangeDialog } from "./decide-change";
import { RefuseDialog, ReleaseDialog } from "./hold-dialogs";
import { toShip } from "./lines";
import { PayDialog } from "./pay-dialog";
import { dueMinor, openMinor } from "./payment";
import { takesStep } from "./review";
import { ApproveDialog, RefuseOrderDialog, ResubmitDialog, SendBackDialog } from "./review-dialogs";

/** In the order in which they are offered. */
const METHODS = {
  release: OrderService.method.releaseCreditHold,
  pay: OrderService.method.payOrder,
  refuse: OrderService.method.refuseCredit,
  confirm: OrderService.method.confirmOrder,
  approve: OrderReviewService.method.approveOrder,
  agree: OrderChangeService.method.approveOrderChange,
  resubmit: OrderReviewService.method.resubmitOrder,
  ship: OrderService.method.shipOrder,
  receive: OrderService.method.receiveOrder,
  rate: OrderService.method.rateOrder,
  claim: AfterSaleService.method.requestAfterSale,
  change: OrderChangeService.method.proposeOrderChange,
  withdraw: OrderChangeService.method.withdrawOrderChange,
  disagree: OrderChangeService.method.refuseOrderChange,
  sendBack: OrderReviewService.method.sendBackOrder,
  refuseOrder: OrderReviewService.method.refuseOrder,
  closeShort: OrderService.method.closeOrderShort,
  cancel: OrderService.method.cancelOrder,
} as const;

export type ActionName = keyof typeof METHODS;

/** What ends an order. */
const HARMS: ActionName[] = ["refuse", "disagree", "refuseOrder", "closeShort", "cancel"];

/** What nobody has to do. */
const OPTIONAL: ActionName[] = ["rate", "claim", "change", "withdraw", "sendBack", "resubmit"];

const { SUBMITTED, ON_HOLD, AWAITING_PAYMENT, CONFIRMED, PARTLY_SHIPPED, SHIPPED, PARTLY_RECEIVED, RECEIVED } = OrderStatus;

/** Before it is confirmed. */
const BEFORE = [SUBMITTED, ON_HOLD, AWAITING_PAYMENT];
/** While something of it can still be another. */
const OPEN = [...BEFORE, CONFIRMED, PARTLY_SHIPPED, PARTLY_RECEIVED];

/** Offers what usually makes sense in a status; the order itself decides. */
const WHEN: Record<ActionName, OrderStatus[]> = {
  release: [ON_HOLD],
  pay: [AWAITING_PAYMENT, ON_HOLD],
  refuse: [ON_HOLD],
  confirm: [SUBMITTED],
  approve: BEFORE,
  sendBack: BEFORE,
  refuseOrder: BEFORE,
  resubmit: BEFORE,
  change: OPEN,
  agree: OPEN,
  disagree: OPEN,
  withdraw: OPEN,
  ship: [CONFIRMED, PARTLY_SHIPPED, PARTLY_RECEIVED],
  receive: [PARTLY_SHIPPED, SHIPPED, PARTLY_RECEIVED],
  rate: [PARTLY_RECEIVED, RECEIVED],
  claim: [PARTLY_RECEIVED, RECEIVED],
  closeShort: [PARTLY_SHIPPED, PARTLY_RECEIVED],
  cancel: [SUBMITTED, ON_HOLD, AWAITING_PAYMENT, CONFIRMED],
};

/** What is offered by how far the review and a change of it are; nothing of it: by something else. */
function isTurn(action: ActionName, order: OrderSummary, roles: Role[]): boolean | undefined {
  if (action === "approve" || action === "sendBack" || action === "refuseOrder") return takesStep(roles, order);
  if (action === "resubmit") return order.sentBack;
  if (action === "change") return !order.changeWaits;
  if (action === "agree" || action === "disagree" || action === "withdraw") return order.changeWaits;
  if (action === "confirm" && (order.sentBack || order.reviewStep !== ReviewStep.UNSPECIFIED)) return false;
  return undefined;
}

function isOpen(action: ActionName, order: GetOrderResponse, roles: Role[]): boolean {
  const turn = order.summary && isTurn(action, order.summary, roles);
  if (turn !== undefined && !(action === "change" && turn)) return turn;
  if (action === "change") return order.replacesAfterSaleId === "" && order.lines.some((line) => toShip(line) > 0n);
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
  const { roles } = useUser();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<ActionName>();
  const status = order.summary?.status ?? OrderStatus.UNSPECIFIED;
  const fits = (action: ActionName) => WHEN[action].includes(status) && may(METHODS[action]) && isOpen(action, order, roles);
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
      {dialog === "approve" && <ApproveDialog {...props} />}
      {dialog === "sendBack" && <SendBackDialog {...props} />}
      {dialog === "refuseOrder" && <RefuseOrderDialog {...props} />}
      {dialog === "resubmit" && <ResubmitDialog {...props} />}
      {dialog === "change" && <ChangeDialog {...props} />}
      {(dialog === "agree" || dialog === "disagree" || dialog === "withdraw") && (
        <DecideChangeDialog {...props} decision={dialog} />
      )}
      {dialog === "cancel" && <CancelDialog {...props} />}
      {dialog === "closeShort" && <CloseShortDialog {...props} />}
      {dialog === "ship" && <ShipDialog {...props} />}
      {dialog === "receive" && <ReceiveDialog {...props} />}
      {dialog === "rate" && <RateOrderDialog {...props} />}
      {dialog === "claim" && <RequestDialog {...props} />}
    </>
  );
}

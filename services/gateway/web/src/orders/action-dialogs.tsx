import { InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import type { DialogProps } from "./actions";
import { toShip } from "./lines";
import { useCommand } from "./use-command";

function basics({ order }: DialogProps) {
  return { orderId: order.summary?.orderId ?? "", expectedVersion: order.summary?.version ?? 0n };
}

/** What the action means for this order, in numbers. */
function useNumbers({ order }: DialogProps) {
  const format = useFormat();
  return {
    pieces: format.count(order.summary?.quantity ?? 0n),
    money: format.money(order.summary?.netMinor ?? 0n, order.summary?.currencyCode),
    dealer: order.summary?.dealerName ?? "",
  };
}

export function ConfirmDialog(props: DialogProps) {
  const { t } = useI18n();
  const ordering = useClient(OrderService);
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  return (
    <AskFirst
      title={t("action.confirm.title", { id: base.orderId })}
      okText={t("action.confirm")}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["confirm", String(base.expectedVersion)], (requestId) => ordering.confirmOrder({ ...base, requestId }))
      }
    >
      <p>{t("action.confirm.consequence", useNumbers(props))}</p>
    </AskFirst>
  );
}

export function CancelDialog(props: DialogProps) {
  const { t } = useI18n();
  const ordering = useClient(OrderService);
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const text = reason.trim();
  return (
    <AskFirst
      title={t("action.cancel.title", { id: base.orderId })}
      okText={t("action.cancel")}
      danger
      disabled={text === ""}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["cancel", String(base.expectedVersion), text], (requestId) =>
          ordering.cancelOrder({ ...base, requestId, reason: text }),
        )
      }
    >
      <p>{t("action.cancel.consequence", useNumbers(props))}</p>
      <ReasonField label={t("action.cancel.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

export function CloseShortDialog(props: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const ordering = useClient(OrderService);
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const text = reason.trim();
  const pieces = props.order.lines.reduce((total, line) => total + toShip(line), 0n);
  return (
    <AskFirst
      title={t("action.closeShort.title", { id: base.orderId })}
      okText={t("action.closeShort")}
      danger
      disabled={text === ""}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["closeShort", base.orderId, String(base.expectedVersion), text], (requestId) =>
          ordering.closeOrderShort({ ...base, requestId, reason: text }),
        )
      }
    >
      <p>{t("action.closeShort.consequence", { pieces: format.count(pieces) })}</p>
      <ReasonField label={t("action.closeShort.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

export function ShipDialog(props: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const ordering = useClient(OrderService);
  const command = useCommand(props.onDone, props.onStale);
  const open = props.order.lines.filter((line) => toShip(line) > 0n);
  const [quantities, setQuantities] = useState(() => new Map(open.map((line) => [line.lineNo, Number(toShip(line))])));
  const base = basics(props);
  const lines = [...quantities]
    .filter(([, quantity]) => quantity > 0)
    .map(([lineNo, quantity]) => ({ lineNo, quantity }));
  const pieces = lines.reduce((total, line) => total + line.quantity, 0);
  return (
    <AskFirst
      title={t("action.ship.title", { id: base.orderId })}
      okText={t("action.ship.count", { n: format.count(pieces) })}
      disabled={pieces === 0}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["ship", String(base.expectedVersion), lines], (requestId) => ordering.shipOrder({ ...base, requestId, lines }))
      }
    >
      <ul className="quantities">
        {open.map((line) => (
          <li key={line.lineNo}>
            <span>
              {line.giftPromotionId && <span className="tag tag-gift">{t("promotion.gift")}</span>}{" "}
              {line.productName || line.productId}
              <span className="soft"> {t("action.open", { n: format.count(toShip(line)), unit: line.baseUnit })}</span>
            </span>
            <InputNumber
              aria-label={`${line.productName} ${t("order.quantity")}`}
              inputMode="numeric"
              precision={0}
              min={0}
              max={Number(toShip(line))}
              value={quantities.get(line.lineNo) ?? 0}
              onChange={(value) => setQuantities((before) => new Map(before).set(line.lineNo, value ?? 0))}
            />
          </li>
        ))}
      </ul>
    </AskFirst>
  );
}

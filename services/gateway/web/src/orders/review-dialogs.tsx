import { Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { OrderReviewService } from "../gen/qudao/order/v1/order_review_service_pb";
import { ReviewStep } from "../gen/qudao/order/v1/order_rules_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import type { DialogProps } from "./actions";
import { stepKey } from "./review";
import { useCommand } from "./use-command";

function basics({ order }: DialogProps) {
  const { orderId = "", version = 0n, reviewStep = ReviewStep.UNSPECIFIED } = order.summary ?? {};
  return { orderId, expectedVersion: version, step: reviewStep };
}

/** Lets the order pass the step that it waits for. */
export function ApproveDialog(props: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const reviewing = useClient(OrderReviewService);
  const [note, setNote] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const { dealerName = "", quantity = 0n, netMinor = 0n, currencyCode } = props.order.summary ?? {};
  const text = note.trim();
  return (
    <AskFirst
      title={t("action.approve.title", { id: base.orderId, step: t(stepKey(base.step)) })}
      okText={t("action.approve")}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["approve", base.orderId, String(base.expectedVersion), text], (requestId) =>
          reviewing.approveOrder({ ...base, requestId, note: text }),
        )
      }
    >
      <p>
        {t("action.approve.consequence", {
          dealer: dealerName,
          pieces: format.count(quantity),
          money: format.money(netMinor, currencyCode),
        })}
      </p>
      <Input
        name="review-note"
        aria-label={t("review.note")}
        placeholder={t("review.note")}
        maxLength={200}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </AskFirst>
  );
}

/** Sends the order back to who ordered. */
export function SendBackDialog(props: DialogProps) {
  return <Verdict {...props} verdict="sendBack" />;
}

/** Does not accept the order, which ends it. */
export function RefuseOrderDialog(props: DialogProps) {
  return <Verdict {...props} verdict="refuseOrder" />;
}

function Verdict({ verdict, ...props }: DialogProps & { verdict: "sendBack" | "refuseOrder" }) {
  const { t } = useI18n();
  const reviewing = useClient(OrderReviewService);
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const text = reason.trim();
  const send = (requestId: string) => reviewing[verdict === "sendBack" ? "sendBackOrder" : "refuseOrder"]({ ...base, requestId, reason: text });
  return (
    <AskFirst
      title={t(`action.${verdict}.title`, { id: base.orderId })}
      okText={t(`action.${verdict}`)}
      danger
      disabled={text === ""}
      state={command}
      onClose={props.onClose}
      onOk={() => void command.run([verdict, base.orderId, String(base.expectedVersion), text], send)}
    >
      <p>{t(`action.${verdict}.consequence`)}</p>
      <ReasonField label={t("review.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** Submits an order again that was sent back, as it is. */
export function ResubmitDialog(props: DialogProps) {
  const { t } = useI18n();
  const reviewing = useClient(OrderReviewService);
  const [note, setNote] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const { orderId, expectedVersion } = basics(props);
  const text = note.trim();
  return (
    <AskFirst
      title={t("action.resubmit.title", { id: orderId })}
      okText={t("action.resubmit")}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["resubmit", orderId, String(expectedVersion), text], (requestId) =>
          reviewing.resubmitOrder({ orderId, expectedVersion, requestId, note: text }),
        )
      }
    >
      <p>{t("action.resubmit.consequence")}</p>
      <Input
        name="review-note"
        aria-label={t("review.note")}
        placeholder={t("review.note")}
        maxLength={200}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </AskFirst>
  );
}

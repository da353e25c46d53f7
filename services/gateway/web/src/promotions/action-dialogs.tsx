import { useState } from "react";
import { reasonOf } from "../api/errors";
import { useClient } from "../api/clients";
import { daysWords } from "../audience/words";
import { PromotionStatus } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { PromotionService } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { ReasonField } from "../ui/reason-field";
import type { DialogProps } from "./actions";

function basics({ promotion: { promotionId, version } }: DialogProps) {
  return { promotionId, expectedVersion: version };
}

/** Makes a draft count. Whoever wrote it is told who has to do it. */
export function ApproveDialog(props: DialogProps) {
  const { t } = useI18n();
  const promoting = useClient(PromotionService);
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const { name } = props.promotion;
  const apart = reasonOf(command.error) === "DUTIES_APART";
  return (
    <AskFirst
      title={t("promo.approve.title", { name })}
      okText={t("promo.action.approve")}
      disabled={apart}
      {...(apart && { todo: t("promo.apart.todo") })}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["approve", String(base.expectedVersion)], (requestId) => promoting.approvePromotion({ ...base, requestId }))
      }
    >
      <p>{t("promo.approve.consequence", { days: daysWords(props.promotion, t) })}</p>
    </AskFirst>
  );
}

export function ResumeDialog(props: DialogProps) {
  const { t } = useI18n();
  const promoting = useClient(PromotionService);
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  return (
    <AskFirst
      title={t("promo.resume.title", { name: props.promotion.name })}
      okText={t("promo.action.resume")}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["resume", String(base.expectedVersion)], (requestId) => promoting.resumePromotion({ ...base, requestId }))
      }
    >
      <p>{t("promo.resume.consequence", { days: daysWords(props.promotion, t) })}</p>
    </AskFirst>
  );
}

/** Stops a promotion, for now or for good. */
export function StopDialog(props: DialogProps & { how: "pause" | "end" }) {
  const { how, promotion } = props;
  const { t } = useI18n();
  const promoting = useClient(PromotionService);
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const text = reason.trim();
  const draft = promotion.status === PromotionStatus.DRAFT;
  const send = (requestId: string) => {
    const request = { ...base, requestId, reason: text };
    return how === "pause" ? promoting.pausePromotion(request) : promoting.endPromotion(request);
  };
  return (
    <AskFirst
      title={t(`promo.${how}.title`, { name: promotion.name })}
      okText={t(`promo.action.${how}`)}
      danger={how === "end"}
      disabled={text === ""}
      state={command}
      onClose={props.onClose}
      onOk={() => void command.run([how, String(base.expectedVersion), text], send)}
    >
      <p>{t(how === "end" && draft ? "promo.end.draft" : `promo.${how}.consequence`)}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

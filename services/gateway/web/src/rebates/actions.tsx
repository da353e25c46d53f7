import { App, Button } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { reasonOf } from "../api/errors";
import { useClient } from "../api/clients";
import { RebatePlanStatus, type RebatePlan } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { ReasonField } from "../ui/reason-field";

interface Props {
  plan: RebatePlan;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** What this person can do with a plan as far as it is. */
export function PlanActions({ plan, onDone, onStale }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<"approve" | "end">();
  if (plan.status === RebatePlanStatus.ENDED) return null;
  const close = () => setDialog(undefined);
  const done = (position: bigint) => {
    if (dialog) void message.success(t(`rebate.action.${dialog}.done`));
    close();
    onDone(position);
  };
  const waits = plan.draftVersion > 0;
  const { approveRebatePlan, reviseRebatePlan, endRebatePlan } = RebateService.method;
  return (
    <>
      {waits && may(approveRebatePlan) && (
        <Button type="primary" onClick={() => setDialog("approve")}>
          {t("rebate.action.approve")}
        </Button>
      )}
      {may(reviseRebatePlan) && (
        <Button onClick={() => void navigate(`/rebates/${encodeURIComponent(plan.planId)}/edit`)}>
          {t(waits ? "rebate.action.revise" : "rebate.action.version")}
        </Button>
      )}
      {may(endRebatePlan) && (
        <Button danger onClick={() => setDialog("end")}>
          {t("rebate.action.end")}
        </Button>
      )}
      {dialog === "approve" && <Approve plan={plan} onDone={done} onStale={onStale} onClose={close} />}
      {dialog === "end" && <End plan={plan} onDone={done} onStale={onStale} onClose={close} />}
    </>
  );
}

/** Whoever wrote it is told who has to do it. */
function Approve({ plan, onDone, onStale, onClose }: Props & { onClose: () => void }) {
  const { t } = useI18n();
  const rebating = useClient(RebateService);
  const command = useCommand(onDone, onStale);
  const { planId, version } = plan;
  const apart = reasonOf(command.error) === "DUTIES_APART";
  const send = (requestId: string) => rebating.approveRebatePlan({ requestId, planId, expectedVersion: version });
  return (
    <AskFirst
      title={t("rebate.approve.title", { name: plan.name })}
      okText={t("rebate.action.approve")}
      disabled={apart}
      {...(apart && { todo: t("rebate.apart") })}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["approve", String(version)], send)}
    >
      <p>{t("rebate.approve.consequence", { version: plan.draftVersion, from: plan.from })}</p>
    </AskFirst>
  );
}

function End({ plan, onDone, onStale, onClose }: Props & { onClose: () => void }) {
  const { t } = useI18n();
  const rebating = useClient(RebateService);
  const [reason, setReason] = useState("");
  const command = useCommand(onDone, onStale);
  const { planId, version } = plan;
  const text = reason.trim();
  const send = (requestId: string) => rebating.endRebatePlan({ requestId, planId, expectedVersion: version, reason: text });
  return (
    <AskFirst
      title={t("rebate.end.title", { name: plan.name })}
      okText={t("rebate.action.end")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["end", String(version), text], send)}
    >
      <p>{t("rebate.end.consequence")}</p>
      <ReasonField label={t("rebate.reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

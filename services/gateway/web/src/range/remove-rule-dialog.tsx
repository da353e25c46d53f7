import { App } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { AssortmentService } from "../gen/qudao/order/v1/assortment_service_pb";
import type { AssortmentRule } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { ReasonField } from "../ui/reason-field";

interface Props {
  rule: AssortmentRule;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Lets a rule count no more. */
export function RemoveRuleDialog({ rule, onClose, onDone }: Props) {
  const { t } = useI18n();
  const assortment = useClient(AssortmentService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand((position) => {
    void message.success(t("range.removed"));
    onDone(position);
  });
  const body = { ruleId: rule.ruleId, reason: reason.trim() };
  return (
    <AskFirst
      title={t("range.remove.title", { name: rule.terms?.name ?? rule.ruleId })}
      okText={t("range.remove")}
      danger
      disabled={body.reason === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => assortment.removeAssortmentRule({ requestId, ...body }))}
    >
      <p>{t("range.remove.consequence")}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

import { Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { PickDealer } from "../ui/pick-dealer";
import type { DialogProps } from "./dealer-actions";
import { useToldCommand } from "./use-told-command";

const FIELDS = ["of_dealer_id"];

/** Lets a dealer draw on the credit of another one, or on its own again. */
export function ShareDialog({ funds, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const credit = useClient(CreditService);
  const before = funds.credit?.ofDealerId ?? "";
  const [shares, setShares] = useState(before !== "");
  const [of, setOf] = useState({ id: before, name: funds.credit?.ofDealerName ?? "" });
  const command = useToldCommand("funds.act.share.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const itself = of.id === funds.dealerId;
  const ofDealerId = shares ? of.id : "";
  const body = { dealerId: funds.dealerId, ofDealerId };
  return (
    <FormDialog
      title={t("funds.act.share.title", { name: funds.dealerName })}
      okText={t("classes.define.save")}
      ready={ofDealerId !== before && (!shares || (of.id !== "" && !itself))}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => credit.shareCredit({ ...body, requestId }))}
    >
      <p>{t("funds.act.share.note")}</p>
      <Radio.Group
        className="share-choice"
        aria-label={t("funds.act.share")}
        value={shares}
        options={[
          { value: false, label: t("funds.share.own") },
          { value: true, label: t("funds.share.of") },
        ]}
        onChange={(event) => setShares(event.target.value as boolean)}
      />
      {shares && (
        <Field label={t("funds.share.dealer")} problem={itself ? t("funds.share.itself") : told("of_dealer_id")}>
          <PickDealer value={of.id} name={of.name} onChange={(id, name) => setOf({ id, name })} />
        </Field>
      )}
    </FormDialog>
  );
}

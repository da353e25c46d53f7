import { Button, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { reasonOf } from "../api/errors";
import { useQuery } from "../api/use-query";
import { useToldCommand } from "../funds/use-told-command";
import { nameOf, namesOf, PURPOSES, REMITTANCES, type PurposeName } from "../funds/words";
import { BankLineService } from "../gen/qudao/order/v1/bank_line_service_pb";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import type { BankLine } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { Field } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { PickDealer } from "../ui/pick-dealer";
import { ReasonField } from "../ui/reason-field";
import { actsOn, LINES, type ActName } from "./words";

export interface LineAct {
  name: ActName;
  line: BankLine;
}

export function useMayAct(): boolean {
  return useMay()(BankLineService.method.confirmBankMatch);
}

export function LineButtons({ line, onAct }: { line: BankLine; onAct: (act: LineAct) => void }) {
  const { t } = useI18n();
  return (
    <>
      {actsOn(nameOf(LINES, line.status)).map((name) => (
        <Button
          key={name}
          size="small"
          {...(name === "confirm" && { type: "primary" as const })}
          aria-label={t("recon.act.of", { act: t(`recon.act.${name}`), id: line.bankReference })}
          onClick={() => onAct({ name, line })}
        >
          {t(`recon.act.${name}`)}
        </Button>
      ))}
    </>
  );
}

interface DialogProps {
  line: BankLine;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

export function LineDialog({ act: { name, line }, ...rest }: Omit<DialogProps, "line"> & { act: LineAct }) {
  switch (name) {
    case "confirm":
      return <ConfirmDialog line={line} {...rest} />;
    case "propose":
      return <ProposeDialog line={line} {...rest} />;
    case "assign":
      return <AssignDialog line={line} {...rest} />;
    default:
      return <ReasonDialog name={name} line={line} {...rest} />;
  }
}

function useMoney({ amountMinor, currencyCode }: BankLine): string {
  return useFormat().money(amountMinor, currencyCode);
}

/** The remittance counts with what the bank has. Whoever reported it is told who has to do it. */
function ConfirmDialog({ line, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const lines = useClient(BankLineService);
  const command = useToldCommand("recon.act.confirm.done", onDone, onStale);
  const apart = reasonOf(command.error) === "DUTIES_APART";
  const { lineId, remittanceId } = line;
  const money = useMoney(line);
  const send = (requestId: string) => lines.confirmBankMatch({ requestId, lineId, remittanceId });
  return (
    <AskFirst
      title={t("recon.act.confirm.title", { id: remittanceId })}
      okText={t("recon.act.confirm")}
      disabled={apart}
      {...(apart && { todo: t("remit.apart.todo") })}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([lineId, remittanceId], send)}
    >
      <p>{t("recon.act.confirm.note", { dealer: line.dealerName, money })}</p>
    </AskFirst>
  );
}

/** Which of the remittances that wait it is. */
function ProposeDialog({ line, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const funds = useClient(FundsQueryService);
  const lines = useClient(BankLineService);
  const [remittanceId, setRemittance] = useState<string>();
  const command = useToldCommand("recon.act.propose.done", onDone, onStale);
  const waiting = useQuery("recon-waiting", (signal) => funds.listRemittances({ page: { size: 200 }, statuses: [REMITTANCES.reported] }, { signal }));
  const options = (waiting.data?.remittances ?? [])
    .filter(({ currencyCode }) => currencyCode === line.currencyCode)
    .sort((a, b) => Number(b.amountMinor === line.amountMinor) - Number(a.amountMinor === line.amountMinor))
    .map((one) => ({
      value: one.remittanceId,
      label: `${one.dealerName} · ${format.money(one.amountMinor, one.currencyCode)} · ${one.paidOn} · ${one.bankReference}`,
    }));
  const { lineId } = line;
  const money = useMoney(line);
  const send = (requestId: string) => lines.proposeBankMatch({ requestId, lineId, remittanceId: remittanceId ?? "" });
  return (
    <AskFirst
      title={t("recon.act.propose.title", { id: line.bankReference })}
      okText={t("recon.act.propose")}
      disabled={remittanceId === undefined}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([lineId, remittanceId], send)}
    >
      <p>{t("recon.act.propose.note", { money })}</p>
      <Field label={t("recon.remittance")} problem="">
        <Select
          className="wide"
          showSearch
          optionFilterProp="label"
          loading={waiting.loading}
          aria-label={t("recon.remittance")}
          placeholder={t("recon.remittance.pick")}
          notFoundContent={t("recon.remittance.none")}
          value={remittanceId}
          options={options}
          onChange={setRemittance}
        />
      </Field>
    </AskFirst>
  );
}

/** Money that nobody has reported. */
function AssignDialog({ line, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const lines = useClient(BankLineService);
  const [dealer, setDealer] = useState({ id: "", name: "" });
  const [purpose, setPurpose] = useState<PurposeName>("topUp");
  const [note, setNote] = useState("");
  const command = useToldCommand("recon.act.assign.done", onDone, onStale);
  const apart = reasonOf(command.error) === "DUTIES_APART";
  const { lineId } = line;
  const money = useMoney(line);
  const send = (requestId: string) =>
    lines.assignBankLine({ requestId, lineId, dealerId: dealer.id, purpose: PURPOSES[purpose], note: note.trim() });
  return (
    <AskFirst
      title={t("recon.act.assign.title", { id: line.bankReference })}
      okText={t("recon.act.assign")}
      disabled={dealer.id === "" || apart}
      {...(apart && { todo: t("recon.apart.todo") })}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([lineId, dealer.id, purpose, note], send)}
    >
      <p>{t("recon.act.assign.note", { money })}</p>
      <Field label={t("order.dealer")} problem="">
        <PickDealer value={dealer.id} name={dealer.name} onChange={(id, name) => setDealer({ id, name })} />
      </Field>
      <Segmented<PurposeName>
        block
        aria-label={t("remit.purpose")}
        value={purpose}
        options={namesOf(PURPOSES).map((value) => ({ value, label: t(`remit.purpose.${value}`) }))}
        onChange={setPurpose}
      />
      <Field label={t("remit.note")} problem="">
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 4 }} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
      </Field>
    </AskFirst>
  );
}

function ReasonDialog({ name, line, onClose, onDone, onStale }: DialogProps & { name: "setAside" | "reopen" }) {
  const { t } = useI18n();
  const lines = useClient(BankLineService);
  const [reason, setReason] = useState("");
  const command = useToldCommand(`recon.act.${name}.done`, onDone, onStale);
  const text = reason.trim();
  const { lineId } = line;
  const send = (requestId: string) => {
    const asked = { requestId, lineId, expectedVersion: line.version, reason: text };
    return name === "setAside" ? lines.setBankLineAside(asked) : lines.reopenBankLine(asked);
  };
  return (
    <AskFirst
      title={t(`recon.act.${name}.title`, { id: line.bankReference })}
      okText={t(`recon.act.${name}`)}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([name, lineId, String(line.version), text], send)}
    >
      <p>{t(`recon.act.${name}.note`)}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

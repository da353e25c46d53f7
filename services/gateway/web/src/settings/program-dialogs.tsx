import { CopyOutlined } from "@ant-design/icons";
import { App, Button, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import {
  ServiceAccountService,
  type IssueServiceKeyResponse,
  type ServiceAccountEntry,
  type ServiceKeyEntry,
} from "../gen/qudao/partner/v1/service_account_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { PlaceFields } from "./place-fields";
import type { Place } from "./roles";

interface Closing {
  onClose: () => void;
  onDone: () => void;
}

export function AddProgramDialog({ onClose, onDone }: Closing) {
  const { t } = useI18n();
  const programs = useClient(ServiceAccountService);
  const { message } = App.useApp();
  const [kind, setKind] = useState<"brand" | "dealer">("brand");
  const [place, setPlace] = useState<Place>({ dealerId: "", dealerName: "", roles: [], regionIds: [] });
  const [accountId, setAccountId] = useState("");
  const [name, setName] = useState("");
  const command = useCommand(() => {
    void message.success(t("programs.add.done"));
    onDone();
  });
  const problem = useFieldProblems(command.error);
  const { dealerId, roles, regionIds } = place;
  const wanted = { accountId, name: name.trim(), dealerId, roles, regionIds };
  const ready = accountId !== "" && wanted.name !== "" && roles.length > 0 && (kind === "brand" || dealerId !== "");
  return (
    <Modal
      open
      width={520}
      title={t("programs.add")}
      okText={t("programs.add")}
      okButtonProps={{ disabled: !ready }}
      cancelText={t("action.close")}
      confirmLoading={command.busy}
      onCancel={onClose}
      onOk={() => void command.run(wanted, (requestId) => programs.addServiceAccount({ requestId, ...wanted }))}
    >
      <Field label={t("programs.id")} problem={problem("account_id")} hint={t("programs.id.hint")}>
        <Input
          name="account-id"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          value={accountId}
          onChange={(event) => setAccountId(event.target.value.trim().toLowerCase())}
        />
      </Field>
      <Field label={t("programs.name")} problem={problem("name")} hint={t("programs.name.hint")}>
        <Input name="account-name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <PlaceFields place={place} onChange={setPlace} fixedCompany={false} kind={kind} onKind={setKind} />
      <RestOfFailure error={command.error} fields={["account_id", "name"]} />
    </Modal>
  );
}

const DAYS = 90;
const MOST_DAYS = 366;

/** Makes a key, and shows it this once. */
export function IssueKeyDialog({ account, onClose, onDone }: Closing & { account: ServiceAccountEntry }) {
  const { t } = useI18n();
  const programs = useClient(ServiceAccountService);
  const [days, setDays] = useState(DAYS);
  const [made, setMade] = useState<IssueServiceKeyResponse>();
  const command = useCommand(onDone);
  const { accountId, name } = account;
  const issue = () =>
    command.run([accountId, days], async (requestId) => {
      const answer = await programs.issueServiceKey({ requestId, accountId, days });
      setMade(answer);
      return answer;
    });
  return (
    <Modal
      open
      width={560}
      title={t("programs.issue.title", { name })}
      onCancel={onClose}
      footer={
        made ? (
          <Button onClick={onClose}>{t("link.done")}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t("action.close")}</Button>
            <Button type="primary" loading={command.busy} onClick={() => void issue()}>
              {t("programs.issue")}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <KeyBox made={made} />
      ) : (
        <>
          <Field label={t("programs.issue.days")}>
            <InputNumber min={1} max={MOST_DAYS} precision={0} value={days} onChange={(value) => setDays(value ?? DAYS)} />
          </Field>
          <RestOfFailure error={command.error} fields={[]} />
        </>
      )}
    </Modal>
  );
}

function KeyBox({ made }: { made: IssueServiceKeyResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const { message } = App.useApp();
  if (!made.key) return <p>{t("programs.key.lost")}</p>;
  const copy = () =>
    navigator.clipboard.writeText(made.key).then(
      () => message.success(t("programs.key.copied")),
      () => message.warning(t("link.notCopied")),
    );
  return (
    <div className="link-box">
      <p>{t("programs.key.made")}</p>
      <div className="link-line">
        <Input readOnly className="mono" value={made.key} aria-label={t("programs.key.label")} onFocus={(event) => event.target.select()} />
        <Button type="primary" icon={<CopyOutlined />} onClick={() => void copy()}>
          {t("link.copy")}
        </Button>
      </div>
      <p className="soft">{t("programs.key.until", { time: format.time(made.expiresAt) })}</p>
    </div>
  );
}

/** What is done to a program, for a reason. */
export type Act =
  | { kind: "suspend" | "reinstate" | "remove"; account: ServiceAccountEntry }
  | { kind: "revoke"; account: ServiceAccountEntry; key: ServiceKeyEntry };

export function ReasonedDialog({ act, onClose, onDone }: Closing & { act: Act }) {
  const { t } = useI18n();
  const programs = useClient(ServiceAccountService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand(() => {
    void message.success(t(`programs.${act.kind}.done`));
    onDone();
  });
  const text = reason.trim();
  const send = (requestId: string) => {
    const request = { requestId, accountId: act.account.accountId, reason: text };
    switch (act.kind) {
      case "suspend":
        return programs.suspendServiceAccount(request);
      case "reinstate":
        return programs.reinstateServiceAccount(request);
      case "remove":
        return programs.removeServiceAccount(request);
      case "revoke":
        return programs.revokeServiceKey({ ...request, keyId: act.key.keyId });
    }
  };
  const words = t(`programs.${act.kind}`);
  return (
    <AskFirst
      title={t("programs.act", { act: words, name: act.account.name })}
      okText={words}
      danger={act.kind !== "reinstate"}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([act.kind, act.account.accountId, act.kind === "revoke" ? act.key.keyId : "", text], send)}
    >
      <p>{t(`programs.${act.kind}.consequence`, { hint: act.kind === "revoke" ? act.key.hint : "" })}</p>
      <ReasonField label={t("programs.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

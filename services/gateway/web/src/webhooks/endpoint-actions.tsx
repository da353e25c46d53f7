import { App, DatePicker, Modal } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { WebhookService } from "../gen/qudao/partner/v1/webhook_service_pb";
import { DeliveryService, type Webhook } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { Field } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { SecretBox } from "./secret-box";

export interface ActionProps {
  endpoint: Webhook;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

const based = ({ endpointId, version }: Webhook) => ({ endpointId, expectedVersion: version });

/** Sends no more, for now or for ever. */
export function StopDialog({ endpoint, how, onClose, onDone }: ActionProps & { how: "disable" | "remove" }) {
  const { t } = useI18n();
  const format = useFormat();
  const webhooks = useClient(WebhookService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand((position) => {
    void message.success(t(`webhook.${how}d`));
    onDone(position);
    onClose();
  });
  const text = reason.trim();
  const send = (requestId: string) => {
    const request = { ...based(endpoint), requestId, reason: text };
    return how === "remove" ? webhooks.removeWebhook(request) : webhooks.disableWebhook(request);
  };
  return (
    <AskFirst
      title={t(`webhook.${how}.title`)}
      okText={t(`webhook.action.${how}`)}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([endpoint.endpointId, text], send)}
    >
      <p>{t(`webhook.${how}.consequence`, { n: format.count(endpoint.pending) })}</p>
      <ReasonField label={t("webhook.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

export function EnableDialog({ endpoint, onClose, onDone }: ActionProps) {
  const { t } = useI18n();
  const webhooks = useClient(WebhookService);
  const { message } = App.useApp();
  const command = useCommand((position) => {
    void message.success(t("webhook.enabled"));
    onDone(position);
    onClose();
  });
  return (
    <AskFirst
      title={t("webhook.enable.title")}
      okText={t("webhook.action.enable")}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(endpoint.endpointId, (requestId) => webhooks.enableWebhook({ ...based(endpoint), requestId }))}
    >
      <p>{t("webhook.enable.consequence")}</p>
    </AskFirst>
  );
}

/** Makes a new secret and shows it. */
export function RotateDialog({ endpoint, onClose, onDone }: ActionProps) {
  const { t } = useI18n();
  const format = useFormat();
  const webhooks = useClient(WebhookService);
  const [made, setMade] = useState({ secret: "", previousUntil: "" });
  const command = useCommand(onDone);
  const send = async (requestId: string) => {
    const answer = await webhooks.rotateWebhookSecret({ ...based(endpoint), requestId });
    setMade(answer);
    return answer;
  };
  if (made.secret) {
    return (
      <Modal open title={t("webhook.secret")} onCancel={onClose} onOk={onClose} mask={{ closable: false }} cancelButtonProps={{ hidden: true }} okText={t("link.done")}>
        <SecretBox secret={made.secret} note={t("webhook.previousUntil", { time: format.time(made.previousUntil) })} />
      </Modal>
    );
  }
  return (
    <AskFirst
      title={t("webhook.rotate.title")}
      okText={t("webhook.action.rotate")}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(endpoint.endpointId, send)}
    >
      <p>{t("webhook.rotate.consequence")}</p>
    </AskFirst>
  );
}

/** Shows the secret to whoever says why. */
export function RevealDialog({ endpoint: { endpointId }, onClose }: ActionProps) {
  const { t } = useI18n();
  const webhooks = useClient(WebhookService);
  const [reason, setReason] = useState("");
  const [secret, setSecret] = useState("");
  const action = useAction();
  if (secret) {
    return (
      <Modal open title={t("webhook.secret")} onCancel={onClose} onOk={onClose} cancelButtonProps={{ hidden: true }} okText={t("link.done")}>
        <SecretBox secret={secret} />
      </Modal>
    );
  }
  const text = reason.trim();
  return (
    <AskFirst
      title={t("webhook.reveal.title")}
      okText={t("webhook.action.reveal")}
      disabled={text === ""}
      state={action}
      onClose={onClose}
      onOk={() => void action.run(async () => setSecret((await webhooks.revealWebhookSecret({ endpointId, reason: text })).secret))}
    >
      <p>{t("webhook.reveal.consequence")}</p>
      <ReasonField label={t("webhook.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** Sends again what failed since a time. */
export function ResendDialog({ endpoint: { endpointId }, onClose, onSent }: ActionProps & { onSent: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const deliveries = useClient(DeliveryService);
  const { message } = App.useApp();
  const [since, setSince] = useState(() => dayjs().subtract(7, "day"));
  const action = useAction();
  const send = async () => {
    const { count } = await deliveries.resendFailed({ endpointId, since: since.toISOString() });
    void message.success(t("webhook.resendFailed.done", { n: format.count(count) }));
    onSent();
    onClose();
  };
  return (
    <AskFirst
      title={t("webhook.resendFailed.title")}
      okText={t("webhook.action.resend")}
      state={action}
      onClose={onClose}
      onOk={() => void action.run(send)}
    >
      <p>{t("webhook.resendFailed.consequence")}</p>
      <Field label={t("webhook.resendFailed.since")}>
        <DatePicker showTime allowClear={false} value={since} onChange={(time) => time && setSince(time)} />
      </Field>
    </AskFirst>
  );
}

import { App, Button, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { WebhookService } from "../gen/qudao/partner/v1/webhook_service_pb";
import { DeliveryService, type Webhook } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { patternName, typeName } from "./facts";
import { SecretBox } from "./secret-box";

const FIELDS = ["url", "description", "event_types"];

/** All that can be listened to, the widest first. */
function optionsOf(names: string[], t: Translate) {
  const contexts = [...new Set(names.map((name) => name.split(".")[0] ?? ""))];
  const whole = ["*", ...contexts.map((context) => `${context}.*`)].map((value) => ({ value, label: patternName(value, t) }));
  return [...whole, ...names.map((value) => ({ value, label: `${typeName(value, t)} · ${value}` }))];
}

interface Props {
  /** The one that is changed; a new one without it. */
  endpoint?: Webhook;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Adds an endpoint and shows its secret, or changes one. */
export function EndpointDialog({ endpoint, onClose, onDone }: Props) {
  const { t } = useI18n();
  const webhooks = useClient(WebhookService);
  const deliveries = useClient(DeliveryService);
  const { message } = App.useApp();
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [description, setDescription] = useState(endpoint?.description ?? "");
  const [eventTypes, setEventTypes] = useState(endpoint?.eventTypes ?? []);
  const [secret, setSecret] = useState("");
  const [stale, setStale] = useState(false);
  const types = useQuery("event-types", (signal) => deliveries.listEventTypes({}, { signal }));
  const command = useCommand(
    (position) => {
      void message.success(t(endpoint ? "webhook.changed" : "webhook.registered"));
      onDone(position);
      if (endpoint) onClose();
    },
    () => setStale(true),
  );
  const problem = useFieldProblems(command.error);
  const wish = { url: url.trim(), description: description.trim(), eventTypes };
  const send = async (requestId: string) => {
    if (endpoint) {
      return webhooks.changeWebhook({ ...wish, requestId, endpointId: endpoint.endpointId, expectedVersion: endpoint.version });
    }
    const answer = await webhooks.registerWebhook({ ...wish, requestId });
    setSecret(answer.secret);
    return answer;
  };
  const save = (
    <>
      <Button onClick={onClose}>{t("action.close")}</Button>
      <Button
        type="primary"
        disabled={wish.url === "" || eventTypes.length === 0}
        loading={command.busy}
        onClick={() => void command.run(wish, send)}
      >
        {t(endpoint ? "webhook.save" : "webhook.add")}
      </Button>
    </>
  );
  return (
    <Modal
      open
      width={560}
      title={t(endpoint ? "webhook.change.title" : "webhook.add")}
      onCancel={onClose}
      mask={{ closable: secret === "" }}
      footer={secret ? <Button onClick={onClose}>{t("link.done")}</Button> : save}
    >
      {secret ? (
        <SecretBox secret={secret} />
      ) : (
        <div className="place-fields">
          <Field label={t("webhook.url")} problem={problem("url")} hint={t("webhook.url.hint")}>
            <Input maxLength={1000} inputMode="url" placeholder="https://erp.example.com/hooks" value={url} onChange={(event) => setUrl(event.target.value)} />
          </Field>
          <Field label={t("webhook.description")} problem={problem("description")}>
            <Input maxLength={200} value={description} onChange={(event) => setDescription(event.target.value)} />
          </Field>
          <Field label={t("webhook.events")} problem={problem("event_types")} hint={t("webhook.events.hint")}>
            <Select
              mode="multiple"
              aria-label={t("webhook.events")}
              value={eventTypes}
              loading={types.loading}
              maxCount={50}
              optionFilterProp="label"
              options={optionsOf((types.data?.types ?? []).map(({ name }) => name), t)}
              onChange={setEventTypes}
            />
          </Field>
          <RestOfFailure error={command.error ?? types.error} fields={FIELDS} {...(stale && { todo: t("webhook.change.conflict") })} />
        </div>
      )}
    </Modal>
  );
}

import { CloseOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { WebhookService } from "../gen/qudao/partner/v1/webhook_service_pb";
import { DeliveryService, type Webhook } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { Failure } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { DeliveryDetail } from "./delivery-detail";
import { DeliveryLog } from "./delivery-log";
import { EnableDialog, ResendDialog, RevealDialog, RotateDialog, StopDialog } from "./endpoint-actions";
import { EndpointDialog } from "./endpoint-dialog";
import { causeOf, patternName } from "./facts";
import { Rate, StateOf } from "./webhooks";

type Dialog = "change" | "enable" | "disable" | "remove" | "rotate" | "reveal" | "resendFailed";

interface Props {
  endpoint: Webhook;
  /** What makes the log ask again. */
  tick: string;
  onClose: () => void;
  onChanged: (position: bigint) => void;
}

/** One endpoint beside the list: what it is, what was sent there. */
export function EndpointDetail({ endpoint, tick, onClose, onChanged }: Props) {
  const { t } = useI18n();
  const phone = usePhone();
  const section = useRef<HTMLElement>(null);
  const [params, change] = useUrlParams();
  const [dialog, setDialog] = useState<Dialog>();
  const [sent, setSent] = useState(0);
  const again = `${tick}/${sent}`;
  const delivery = params.get("delivery") ?? "";
  useEffect(() => {
    section.current?.scrollIntoView({ block: phone ? "start" : "nearest" });
  }, [phone]);
  return (
    <section ref={section} className="detail" aria-label={t("webhook.endpoint")}>
      <Head endpoint={endpoint} onClose={onClose} />
      <Actions endpoint={endpoint} onAct={setDialog} onSent={() => setSent(sent + 1)} />
      {delivery ? (
        <DeliveryDetail key={delivery} deliveryId={delivery} tick={again} onClose={() => change({ delivery: "" })} onSent={() => setSent(sent + 1)} />
      ) : (
        <DeliveryLog endpointId={endpoint.endpointId} tick={again} onOpen={(one) => change({ delivery: one })} />
      )}
      <Dialogs dialog={dialog} endpoint={endpoint} onClose={() => setDialog(undefined)} onDone={onChanged} onSent={() => setSent(sent + 1)} />
    </section>
  );
}

function Head({ endpoint, onClose }: { endpoint: Webhook; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const { description, url, eventTypes, enabled, failingSince, previousSecretUntil, registeredAt } = endpoint;
  return (
    <header className="webhook-head">
      <div className="card-line">
        <h2>
          {description || t("webhook.endpoint")} <StateOf endpoint={endpoint} />
        </h2>
        <Button type="text" icon={<CloseOutlined />} aria-label={t("webhook.back")} onClick={onClose} />
      </div>
      <span className="mono webhook-url">{url}</span>
      <span className="soft">{eventTypes.map((one) => patternName(one, t)).join(" · ")}</span>
      {!enabled && <p className="webhook-note">{causeOf(endpoint, t)}</p>}
      {enabled && failingSince && <p className="webhook-note">{t("webhook.failingSince", { time: format.time(failingSince) })}</p>}
      {previousSecretUntil && <p className="soft">{t("webhook.previousUntil", { time: format.time(previousSecretUntil) })}</p>}
      <div className="card-line">
        <span className="name">
          <span className="soft">{t("webhook.rate")}</span>
          <Rate endpoint={endpoint} />
        </span>
        <span className="soft">{t("webhook.since", { time: format.time(registeredAt) })}</span>
      </div>
    </header>
  );
}

interface ActionsProps {
  endpoint: Webhook;
  onAct: (dialog: Dialog) => void;
  onSent: () => void;
}

function Actions({ endpoint: { endpointId, enabled, failed }, onAct, onSent }: ActionsProps) {
  const { t } = useI18n();
  const may = useMay();
  const deliveries = useClient(DeliveryService);
  const { message } = App.useApp();
  const action = useAction();
  const requestId = useRef(crypto.randomUUID());
  const test = () =>
    action.run(async () => {
      await deliveries.sendTestEvent({ requestId: requestId.current, endpointId });
      requestId.current = crypto.randomUUID();
      void message.success(t("webhook.test.sent"));
      onSent();
    });
  const { changeWebhook, enableWebhook, disableWebhook, removeWebhook, rotateWebhookSecret, revealWebhookSecret } = WebhookService.method;
  const button = (dialog: Dialog, danger = false) => (
    <Button danger={danger} onClick={() => onAct(dialog)}>
      {t(`webhook.action.${dialog}`)}
    </Button>
  );
  return (
    <>
      <div className="row-actions webhook-buttons">
        {enabled && may(DeliveryService.method.sendTestEvent) && (
          <Button type="primary" loading={action.busy} onClick={() => void test()}>
            {t("webhook.action.test")}
          </Button>
        )}
        {enabled && failed > 0n && may(DeliveryService.method.resendFailed) && button("resendFailed")}
        {may(changeWebhook) && button("change")}
        {may(revealWebhookSecret) && button("reveal")}
        {may(rotateWebhookSecret) && button("rotate")}
        {may(enabled ? disableWebhook : enableWebhook) && button(enabled ? "disable" : "enable", enabled)}
        {may(removeWebhook) && button("remove", true)}
      </div>
      {action.error !== undefined && <Failure error={action.error} />}
    </>
  );
}

interface DialogsProps {
  dialog: Dialog | undefined;
  endpoint: Webhook;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onSent: () => void;
}

function Dialogs({ dialog, onSent, ...props }: DialogsProps) {
  switch (dialog) {
    case "change":
      return <EndpointDialog {...props} />;
    case "enable":
      return <EnableDialog {...props} />;
    case "disable":
    case "remove":
      return <StopDialog {...props} how={dialog} />;
    case "rotate":
      return <RotateDialog {...props} />;
    case "reveal":
      return <RevealDialog {...props} />;
    case "resendFailed":
      return <ResendDialog {...props} onSent={onSent} />;
    default:
      return null;
  }
}

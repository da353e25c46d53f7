import { ArrowLeftOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { useQuery } from "../api/use-query";
import { DeliveryService, type Attempt, type GetDeliveryResponse } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { CopyId } from "../ui/copy-id";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { Failure, QueryView } from "../ui/states";
import { StatusOf } from "./delivery-log";
import { problemOf, typeName } from "./facts";

interface Props {
  deliveryId: string;
  tick: string;
  onClose: () => void;
  onSent: () => void;
}

/** One event on its way: what is sent, and what came of each attempt. */
export function DeliveryDetail({ deliveryId, tick, onClose, onSent }: Props) {
  const { t } = useI18n();
  const deliveries = useClient(DeliveryService);
  const query = useQuery(`delivery/${deliveryId}`, (signal) => deliveries.getDelivery({ deliveryId }, { signal }), { tick });
  return (
    <section className="delivery" aria-label={t("webhook.delivery")}>
      <Button type="link" icon={<ArrowLeftOutlined />} onClick={onClose}>
        {t("webhook.deliveries")}
      </Button>
      <QueryView query={query}>{(data) => <Told data={data} onSent={onSent} />}</QueryView>
    </section>
  );
}

/** JSON with line breaks; what is none as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Told({ data: { delivery, attempts, body }, onSent }: { data: GetDeliveryResponse; onSent: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const deliveries = useClient(DeliveryService);
  const { message } = App.useApp();
  const action = useAction();
  if (!delivery) return null;
  const { deliveryId, eventId, eventType, occurredAt, nextAt, status } = delivery;
  const resend = () =>
    action.run(async () => {
      await deliveries.resendDelivery({ deliveryId });
      void message.success(t("webhook.resent"));
      onSent();
    });
  const next: [string, string][] = nextAt ? [[t("webhook.next"), format.time(nextAt, true)]] : [];
  return (
    <>
      <header className="card-line">
        <h3>
          {typeName(eventType, t)} <StatusOf status={status} />
        </h3>
        {may(DeliveryService.method.resendDelivery) && (
          <Button loading={action.busy} onClick={() => void resend()}>
            {t("webhook.action.resend")}
          </Button>
        )}
      </header>
      {action.error !== undefined && <Failure error={action.error} />}
      <FactList
        facts={[
          [t("webhook.event"), <span key="type" className="mono">{eventType}</span>],
          [t("webhook.id"), <CopyId key="id" value={eventId} />],
          [t("webhook.occurred"), format.time(occurredAt, true)],
          ...next,
        ]}
      />
      <h3>{t("webhook.attempts")}</h3>
      {attempts.length === 0 && <p className="soft">{t("webhook.attempts.none")}</p>}
      <ol className="attempts">
        {attempts.map((attempt) => (
          <AttemptLine key={attempt.number} attempt={attempt} />
        ))}
      </ol>
      <details>
        <summary>{t("webhook.body")}</summary>
        <pre className="webhook-body" tabIndex={0}>{readable(body)}</pre>
      </details>
    </>
  );
}

function AttemptLine({ attempt: { number, at, durationMs, httpStatus, error, excerpt } }: { attempt: Attempt }) {
  const { t } = useI18n();
  const format = useFormat();
  const problem = problemOf(error, httpStatus, t);
  return (
    <li className="attempt">
      <span className="card-line">
        <strong>
          {t("webhook.attempt.number", { n: format.count(number) })} · {problem || `HTTP ${httpStatus}`}
        </strong>
        <span className={`tag ${problem ? "tag-cancelled" : "tag-received"}`}>{t(problem ? "webhook.status.failed" : "webhook.status.delivered")}</span>
      </span>
      <span className="soft">
        {format.time(at, true)} · {format.count(durationMs)} ms
      </span>
      {excerpt && <pre className="webhook-body" tabIndex={0}>{excerpt}</pre>}
    </li>
  );
}

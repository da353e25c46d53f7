import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { DeliveryService, DeliveryStatus, type Delivery } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { outcomeOf, STATUSES, typeName } from "./facts";

const FILTERS = [DeliveryStatus.UNSPECIFIED, DeliveryStatus.PENDING, DeliveryStatus.FAILED, DeliveryStatus.DELIVERED];

export function StatusOf({ status }: { status: DeliveryStatus }) {
  const { t } = useI18n();
  const [look, words] = STATUSES[status];
  return <span className={`tag ${look}`}>{t(words)}</span>;
}

/** What was sent to an endpoint, the newest first. */
export function DeliveryLog({ endpointId, tick, onOpen }: { endpointId: string; tick: string; onOpen: (deliveryId: string) => void }) {
  const { t } = useI18n();
  const deliveries = useClient(DeliveryService);
  const [params, change] = useUrlParams();
  const status = Number(params.get("status") ?? "0") as DeliveryStatus;
  const token = params.get("token") ?? "";
  const query = useQuery(
    `deliveries/${endpointId}/${status}/${token}`,
    (signal) => deliveries.listDeliveries({ endpointId, status, page: { size: PAGE_SIZE, token } }, { signal }),
    { tick, keep: true },
  );
  return (
    <div>
      <h3>{t("webhook.deliveries")}</h3>
      <div className="filters chips" role="group" aria-label={t("webhook.status")}>
        {FILTERS.map((one) => (
          <button
            key={one}
            type="button"
            className={one === status ? "chip chip-on" : "chip"}
            aria-pressed={one === status}
            onClick={() => change({ status: one ? String(one) : "", page: "", token: "" })}
          >
            {one ? t(STATUSES[one][1]) : t("filter.all")}
          </button>
        ))}
      </div>
      <QueryView
        query={query}
        isEmpty={(data) => data.deliveries.length === 0}
        empty={<Empty title={t("webhook.deliveries.none")} todo={t("webhook.deliveries.none.todo")} />}
      >
        {(data) => (
          <>
            <DeliveryTable deliveries={data.deliveries} onOpen={onOpen} />
            <footer className="list-foot">
              <Pager page={data.page} rows={data.deliveries.length} />
            </footer>
          </>
        )}
      </QueryView>
    </div>
  );
}

function DeliveryTable({ deliveries, onOpen }: { deliveries: Delivery[]; onOpen: (deliveryId: string) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const outcome = (one: Delivery) => {
    const next = one.status === DeliveryStatus.PENDING && one.nextAt ? `${t("webhook.next")} ${format.time(one.nextAt, true)}` : "";
    return [outcomeOf(one, t), next].filter(Boolean).join(" · ");
  };
  return (
    <DataTable<Delivery>
      label={t("webhook.deliveries")}
      rows={deliveries}
      rowKey={(one) => one.deliveryId}
      onOpen={(one) => onOpen(one.deliveryId)}
      columns={[
        { key: "event", title: t("webhook.event"), cell: (one) => typeName(one.eventType, t) },
        { key: "at", title: t("webhook.occurred"), cell: (one) => format.time(one.occurredAt, true) },
        { key: "status", title: t("webhook.state"), cell: (one) => <StatusOf status={one.status} /> },
        { key: "attempts", title: t("webhook.attempts"), number: true, cell: (one) => format.count(one.attempts) },
        { key: "answer", title: t("webhook.answer"), cell: (one) => <div className="wrap">{outcome(one)}</div> },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{typeName(one.eventType, t)}</strong>
            <StatusOf status={one.status} />
          </span>
          <span className="card-line soft">
            <span>{format.time(one.occurredAt, true)}</span>
            <span>{t("webhook.attempt.number", { n: format.count(one.attempts) })}</span>
          </span>
          {outcome(one) && <span className="soft">{outcome(one)}</span>}
        </>
      )}
    />
  );
}

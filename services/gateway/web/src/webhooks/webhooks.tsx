import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { WebhookService } from "../gen/qudao/partner/v1/webhook_service_pb";
import { DeliveryService, type Webhook } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { EndpointDetail } from "./endpoint-detail";
import { EndpointDialog } from "./endpoint-dialog";
import { patternName, stateOf, successRate } from "./facts";
import { useEvery } from "./use-every";

const LOOK_MS = 5_000;

/** Where events are sent, and how that goes; one endpoint beside the list. */
export function Webhooks() {
  const { t } = useI18n();
  const deliveries = useClient(DeliveryService);
  const may = useMay();
  const [params, change] = useUrlParams();
  const [position, setPosition] = useState(0n);
  const [adding, setAdding] = useState(false);
  const token = params.get("token") ?? "";
  const tick = useEvery(LOOK_MS);
  const query = useQuery(
    `webhooks/${token}`,
    (signal) => deliveries.listWebhooks({ page: { size: PAGE_SIZE, token }, minPosition: position }, { signal }),
    { tick: `${tick}/${position}`, keep: true },
  );
  const chosen = params.get("endpoint") ?? "";
  const open = (endpoint: string) => change({ endpoint, delivery: "", status: "", page: "", token: "" });
  const add = may(WebhookService.method.registerWebhook) && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t("webhook.add")}
    </Button>
  );
  const endpoint = query.data?.webhooks.find((one) => one.endpointId === chosen);
  return (
    <>
      <div className="webhook-actions">{query.data !== undefined && query.data.webhooks.length > 0 && add}</div>
      <Panel className="panel-flush">
        <div className={endpoint ? "beside beside-open beside-webhook" : "beside"}>
          <QueryView
            query={query}
            isEmpty={(data) => data.webhooks.length === 0}
            empty={<Empty title={t("webhook.none")} todo={t("webhook.none.todo")} action={add} />}
          >
            {(data) => (
              <div>
                <EndpointTable webhooks={data.webhooks} chosen={chosen} onOpen={(one) => open(one.endpointId)} />
                <footer className="list-foot">
                  <FreshnessMark freshness={data.freshness} projection="webhooks-partner" />
                  {!endpoint && <Pager page={data.page} rows={data.webhooks.length} />}
                </footer>
              </div>
            )}
          </QueryView>
          {endpoint && (
            <EndpointDetail
              key={chosen}
              endpoint={endpoint}
              tick={`${tick}/${position}`}
              onClose={() => open("")}
              onChanged={setPosition}
            />
          )}
        </div>
      </Panel>
      {adding && <EndpointDialog onClose={() => setAdding(false)} onDone={setPosition} />}
    </>
  );
}

export function StateOf({ endpoint }: { endpoint: Webhook }) {
  const { t } = useI18n();
  const [look, words] = stateOf(endpoint);
  return <span className={`tag ${look}`}>{t(words)}</span>;
}

/** So many that wait are counted, and no more. */
const COUNTED = 1_000n;

export function Rate({ endpoint }: { endpoint: Webhook }) {
  const { t } = useI18n();
  const format = useFormat();
  const rate = successRate(endpoint);
  const { delivered, failed, pending } = endpoint;
  const counts = { delivered: format.count(delivered), failed: format.count(failed), pending: `${format.count(pending)}${pending >= COUNTED ? "+" : ""}` };
  if (rate === undefined && pending === 0n) return <span className="soft">{t("webhook.rate.none")}</span>;
  return (
    <span className="name">
      <span>{rate === undefined ? "–" : `${rate}%`}</span>
      <span className="soft">{t("webhook.rate.counts", counts)}</span>
    </span>
  );
}

interface TableProps {
  webhooks: Webhook[];
  chosen: string;
  onOpen: (endpoint: Webhook) => void;
}

function EndpointTable({ webhooks, chosen, onOpen }: TableProps) {
  const { t } = useI18n();
  const events = ({ eventTypes }: Webhook) => eventTypes.map((one) => patternName(one, t)).join(" · ");
  const name = (one: Webhook) => (
    <span className="name">
      <span>{one.description || t("webhook.endpoint")}</span>
      <span className="mono soft webhook-url">{one.url}</span>
    </span>
  );
  return (
    <DataTable<Webhook>
      label={t("webhook.title")}
      rows={webhooks}
      rowKey={(one) => one.endpointId}
      onOpen={onOpen}
      isOpen={(one) => one.endpointId === chosen}
      columns={[
        { key: "name", title: t("webhook.endpoint"), cell: name },
        { key: "state", title: t("webhook.state"), cell: (one) => <StateOf endpoint={one} /> },
        ...(chosen
          ? []
          : [
              { key: "events", title: t("webhook.events"), cell: (one: Webhook) => <div className="wrap">{events(one)}</div> },
              { key: "rate", title: t("webhook.rate"), cell: (one: Webhook) => <Rate endpoint={one} /> },
            ]),
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{one.description || t("webhook.endpoint")}</strong>
            <StateOf endpoint={one} />
          </span>
          <span className="mono soft webhook-url">{one.url}</span>
          <span className="soft">{events(one)}</span>
          <Rate endpoint={one} />
        </>
      )}
    />
  );
}

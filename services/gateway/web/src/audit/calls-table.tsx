import type { Call } from "../gen/qudao/history/v1/access_log_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { useUrlParams } from "../ui/url-state";
import { resultKey, resultName, rpcParts } from "./calls-state";
import { FIRST_PAGE } from "./state";

/** Calls, the newest first. */
export function CallTable({ calls }: { calls: Call[] }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <DataTable<Call>
      label={t("calls.title")}
      rows={calls}
      rowKey={(call) => call.callId}
      columns={[
        { key: "at", title: t("calls.at"), cell: (call) => format.time(call.at, true) },
        { key: "actor", title: t("audit.column.actor"), cell: (call) => <Caller call={call} /> },
        { key: "rpc", title: t("calls.rpc.column"), cell: (call) => <Rpc call={call} /> },
        { key: "result", title: t("calls.result"), cell: (call) => <Result call={call} /> },
        { key: "took", title: t("calls.took"), number: true, cell: (call) => took(call) },
        { key: "address", title: t("calls.address"), cell: (call) => <span className="mono">{call.address}</span> },
        { key: "named", title: t("calls.named.column"), cell: (call) => <Named call={call} /> },
      ]}
      card={(call) => <Card call={call} />}
    />
  );
}

const took = ({ micros }: Call) => `${(Number(micros) / 1000).toFixed(1)} ms`;

function Caller({ call }: { call: Call }) {
  const { t } = useI18n();
  const [, change] = useUrlParams();
  if (!call.actorId) return <span className="soft">{t("calls.nobody")}</span>;
  const name = call.actorName || call.actorId;
  return (
    <button
      type="button"
      className="link"
      title={t("calls.actorOnly", { name })}
      onClick={() => change({ actor: call.actorId, ...FIRST_PAGE })}
    >
      {name}
    </button>
  );
}

function Rpc({ call }: { call: Call }) {
  const { method, service } = rpcParts(call.rpc);
  return (
    <span className="two-lines mono">
      <span>{method}</span>
      <span className="soft">{service}</span>
    </span>
  );
}

function Named({ call }: { call: Call }) {
  return <span className="mono call-named">{call.named.map((one) => one.replace("=", " ")).join(" · ")}</span>;
}

function Result({ call }: { call: Call }) {
  const { t } = useI18n();
  const name = resultName(call.result);
  return (
    <span className="two-lines narrow">
      <span className={`call-${name}`}>{t(resultKey(name))}</span>
      {call.reason && <span className="soft mono">{call.reason}</span>}
    </span>
  );
}

function Card({ call }: { call: Call }) {
  const format = useFormat();
  return (
    <>
      <Rpc call={call} />
      <span className="card-line soft">
        <span>{format.time(call.at, true)}</span>
        <Caller call={call} />
      </span>
      <span className="card-line">
        <Result call={call} />
        <span className="mono soft">{call.address}</span>
      </span>
      {call.named.length > 0 && <Named call={call} />}
    </>
  );
}

import { App, Button } from "antd";
import { useState } from "react";
import type { Event, FieldChange, HistoryEntry } from "../gen/qudao/history/v1/history_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { prettyJson } from "./pretty-json";

export function Entry({ entry }: { entry: HistoryEntry }) {
  const { locale, t } = useI18n();
  const phone = usePhone();
  const [open, setOpen] = useState(false);
  const event = entry.event;
  if (!event) return null;
  const sentence = locale === "zh-CN" ? entry.sentenceZh : entry.sentenceEn;
  return (
    <li className="entry">
      <div className="entry-words">
        <h3>{sentence || event.eventType}</h3>
        <Origin event={event} />
        {entry.changes.length > 0 && <Changes changes={entry.changes} />}
        {phone && (
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t(open ? "history.hideRaw" : "history.showRaw")}
          </Button>
        )}
      </div>
      {(!phone || open) && <Raw event={event} />}
    </li>
  );
}

function Origin({ event }: { event: Event }) {
  const { t } = useI18n();
  const format = useFormat();
  const origin = event.origin;
  return (
    <>
      <p className="soft">
        {format.time(event.recordedAt, true)} · {origin?.actorName || origin?.actorId || t("history.system")}
      </p>
      {origin?.correlationId && (
        <p className="soft entry-ids">
          {t("history.correlation")} <CopyId value={origin.correlationId} />
        </p>
      )}
    </>
  );
}

function CopyId({ value }: { value: string }) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => message.success(t("history.copied")),
      () => undefined,
    );
  return (
    <button type="button" className="copy mono" title={t("history.copy")} onClick={() => void copy()}>
      {value}
    </button>
  );
}

const SHOWN = 8;

function Changes({ changes }: { changes: FieldChange[] }) {
  const { t } = useI18n();
  const [all, setAll] = useState(false);
  const shown = all ? changes : changes.slice(0, SHOWN);
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t("history.changes")}>
        <table className="changes">
          <thead>
            <tr>
              <th scope="col">{t("history.field")}</th>
              <th scope="col">{t("history.before")}</th>
              <th scope="col">{t("history.after")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((change) => (
              <tr key={change.path}>
                <th scope="row" className="mono">{change.path || "/"}</th>
                <td className="mono"><Value json={change.beforeJson} /></td>
                <td className="mono"><Value json={change.afterJson} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changes.length > SHOWN && !all && (
        <Button size="small" type="text" onClick={() => setAll(true)}>
          {t("history.allChanges", { n: changes.length })}
        </Button>
      )}
    </>
  );
}

function Value({ json }: { json: string }) {
  if (json === "") return <span className="soft">–</span>;
  return <>{json.length > 200 ? `${json.slice(0, 200)}…` : json}</>;
}

function Raw({ event }: { event: Event }) {
  const { t } = useI18n();
  const [exact, setExact] = useState(false);
  return (
    <div className="entry-raw">
      <header>
        <strong className="mono">
          {event.eventType} <span className="soft">v{event.eventVersion}</span>
        </strong>
        <span className="soft mono">
          {event.context}/{event.aggregate} · #{event.position.toString()} · {t("history.version")}{" "}
          {event.version.toString()}
        </span>
        <Button size="small" type="text" aria-pressed={exact} onClick={() => setExact(!exact)}>
          {t(exact ? "history.indented" : "history.exact")}
        </Button>
      </header>
      <pre tabIndex={0} aria-label={t("history.raw")} className={exact ? "wrap" : ""}>
        {exact ? event.payloadJson : prettyJson(event.payloadJson)}
      </pre>
    </div>
  );
}

import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { HistoryService, type Event, type FieldChange, type HistoryEntry } from "../gen/qudao/history/v1/history_service_pb";
import { useI18n } from "../i18n/i18n";
import { actorName } from "../i18n/names";
import { useMay } from "../session/session";
import { CopyId } from "../ui/copy-id";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { JsonText } from "./json-text";

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
      {(!phone || open) && <Raw event={event} shown={entry.shownJson || event.payloadJson} />}
    </li>
  );
}

function Origin({ event }: { event: Event }) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const origin = event.origin;
  return (
    <>
      <p className="soft">
        {format.time(event.recordedAt, true)} · {actorName(origin, t)}
      </p>
      {origin?.correlationId && (
        <p className="soft entry-ids">
          {t("history.correlation")} <CopyId value={origin.correlationId} />
          {may(HistoryService.method.getCausationTree) && (
            <>
              {" · "}
              <Link to={`/audit/story/${origin.correlationId}`}>{t("history.story")}</Link>
            </>
          )}
        </p>
      )}
    </>
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

/** As stored, or indented with what is personal in it revealed. */
function Raw({ event, shown }: { event: Event; shown: string }) {
  const { t } = useI18n();
  return (
    <JsonText className="entry-raw" label={t("history.raw")} json={event.payloadJson} shown={shown}>
      <strong className="mono">
        {event.eventType} <span className="soft">v{event.eventVersion}</span>
      </strong>
      <span className="soft mono">
        {event.context}/{event.aggregate} · #{event.position.toString()} · {t("history.version")}{" "}
        {event.version.toString()}
      </span>
    </JsonText>
  );
}

import type { MouseEvent } from "react";
import { Link, useNavigate } from "react-router";
import type { Event, HistoryEntry } from "../gen/qudao/history/v1/history_service_pb";
import { historyPath } from "../history/path";
import { useI18n } from "../i18n/i18n";
import { actorName, contextName, eventName } from "../i18n/names";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { useUrlParams } from "../ui/url-state";
import { FIRST_PAGE } from "./state";

export function objectOf(event: Event): string {
  return `${event.aggregate}/${event.objectId}`;
}

// A control inside of a row does its own thing and does not open the row.
const alone = (event: MouseEvent) => event.stopPropagation();

/** Found events; a row opens the history of its object. */
export function EventTable({ entries }: { entries: HistoryEntry[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const navigate = useNavigate();
  const event = (entry: HistoryEntry) => entry.event as Event;
  return (
    <DataTable<HistoryEntry>
      label={t("audit.title")}
      rows={entries.filter((entry) => entry.event)}
      rowKey={(entry) => event(entry).eventId}
      onOpen={(entry) => void navigate(historyPath(objectOf(event(entry))))}
      columns={[
        { key: "time", title: t("audit.column.time"), cell: (entry) => format.time(event(entry).recordedAt, true) },
        { key: "actor", title: t("audit.column.actor"), cell: (entry) => <Actor event={event(entry)} /> },
        { key: "what", title: t("audit.column.what"), cell: (entry) => <What entry={entry} event={event(entry)} /> },
        { key: "object", title: t("audit.column.object"), cell: (entry) => <span className="mono">{objectOf(event(entry))}</span> },
        { key: "context", title: t("audit.context"), cell: (entry) => contextName(event(entry).context, t) },
        {
          key: "story",
          title: t("audit.column.story"),
          cell: (entry) => (
            <Link to={`/audit/story/${event(entry).eventId}`} onClick={alone}>
              {t("history.story")}
            </Link>
          ),
        },
      ]}
      card={(entry) => <Card entry={entry} event={event(entry)} />}
    />
  );
}

function Actor({ event }: { event: Event }) {
  const { t } = useI18n();
  const [, change] = useUrlParams();
  const name = actorName(event.origin, t);
  const actor = event.origin?.actorId ?? "";
  return (
    <button
      type="button"
      className="link"
      title={t("audit.actorOnly", { name })}
      onClick={(click) => {
        alone(click);
        change({ actor, ...FIRST_PAGE });
      }}
    >
      {name}
    </button>
  );
}

function What({ entry, event }: { entry: HistoryEntry; event: Event }) {
  const { locale, t } = useI18n();
  return (
    <span className="two-lines">
      <span>{(locale === "zh-CN" ? entry.sentenceZh : entry.sentenceEn) || eventName(event.eventType, t)}</span>
      <span className="soft">{eventName(event.eventType, t)}</span>
    </span>
  );
}

function Card({ entry, event }: { entry: HistoryEntry; event: Event }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <What entry={entry} event={event} />
      <span className="card-line soft">
        <span>{format.time(event.recordedAt, true)}</span>
        <span>{actorName(event.origin, t)}</span>
      </span>
      <span className="card-line soft">
        <span className="mono">{objectOf(event)}</span>
        <span>{contextName(event.context, t)}</span>
      </span>
    </>
  );
}

import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { useI18n } from "../i18n/i18n";
import { Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { Entry } from "./entry";

/** All that ever happened to one object, oldest first. */
export function ObjectHistory({ object, tick = "" }: { object: string; tick?: string }) {
  const { t } = useI18n();
  const history = useClient(HistoryService);
  const query = useQuery(
    `history/${object}`,
    (signal) => history.getObjectHistory({ object }, { signal }),
    { tick },
  );
  return (
    <QueryView
      query={query}
      skeleton={<Panel><Loading rows={8} /></Panel>}
      isEmpty={(data) => data.entries.length === 0}
      empty={<Panel><Empty title={t("history.none")} todo={t("history.none.todo")} /></Panel>}
    >
      {(data) => (
        <ol className="timeline" aria-label={t("history.timeline", { n: data.entries.length })}>
          {data.entries.map((entry) => (
            <Entry key={entry.event?.eventId} entry={entry} />
          ))}
        </ol>
      )}
    </QueryView>
  );
}

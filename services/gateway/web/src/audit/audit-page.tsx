import { Button } from "antd";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService, type IndexedUpTo, type ListEventsResponse } from "../gen/qudao/history/v1/history_service_pb";
import { useI18n } from "../i18n/i18n";
import { contextName } from "../i18n/names";
import { useTick } from "../live/live";
import { useUser } from "../session/session";
import { useFormat } from "../ui/format";
import { Page, Panel } from "../ui/page";
import { Pager } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { AuditTabs } from "./audit-tabs";
import { EventTable } from "./event-table";
import { AuditFilters } from "./filters";
import { isFiltered, isStory, requestOf } from "./state";

/** Events of all contexts by who, what, when and why, the newest first. */
export default function AuditPage() {
  const { t } = useI18n();
  const history = useClient(HistoryService);
  const { timeZone } = useUser();
  const [params] = useUrlParams();
  const askable = isStory(params.get("story") ?? "");
  const tick = `${useTick("event_index_order")}/${useTick("event_index_partner")}`;
  const query = useQuery(
    `audit?${params}`,
    (signal) => history.listEvents(requestOf(params, timeZone), { signal }),
    { tick, keep: true, enabled: askable },
  );
  return (
    <Page title={t("audit.title")}>
      <AuditTabs />
      <AuditFilters />
      <Panel className="panel-flush">
        {askable ? (
          <QueryView
            query={query}
            isEmpty={(data) => data.entries.length === 0}
            empty={<Nothing filtered={isFiltered(params)} />}
          >
            {(data) => <Found found={data} />}
          </QueryView>
        ) : (
          <Empty title={t("audit.story.bad")} todo={t("audit.story.bad.todo")} />
        )}
      </Panel>
    </Page>
  );
}

function Found({ found: { entries, indexed, nextToken } }: { found: ListEventsResponse }) {
  return (
    <>
      <EventTable entries={entries} />
      <footer className="list-foot">
        <Indexed indexed={indexed} />
        <Pager page={{ nextToken }} rows={entries.length} />
      </footer>
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  if (!filtered) return <Empty title={t("audit.nothing")} todo={t("audit.nothing.todo")} />;
  return (
    <Empty
      title={t("audit.none")}
      todo={t("audit.none.todo")}
      action={<Button onClick={() => void navigate("/audit")}>{t("audit.clear")}</Button>}
    />
  );
}

/** An auditor has to know what an empty answer says nothing about. */
function Indexed({ indexed }: { indexed: IndexedUpTo[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const where = indexed.map(({ context, position }) =>
    t("audit.indexed.one", { context: contextName(context, t), n: format.count(position) }),
  );
  return <span className="soft">{t("audit.indexed", { where: where.join(" · ") })}</span>;
}

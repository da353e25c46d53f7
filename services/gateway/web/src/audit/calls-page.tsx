import { Button } from "antd";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { AccessLogService } from "../gen/qudao/history/v1/access_log_service_pb";
import { useI18n } from "../i18n/i18n";
import { useUser } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Pager } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { AuditTabs } from "./audit-tabs";
import { CallFilters } from "./calls-filters";
import { callsRequest, isFiltered } from "./calls-state";
import { CallTable } from "./calls-table";

/** Who called what, also when they only looked, and when they were refused. */
export default function CallsPage() {
  const { t } = useI18n();
  const accessLog = useClient(AccessLogService);
  const { timeZone } = useUser();
  const [params] = useUrlParams();
  const query = useQuery(
    `calls?${params}`,
    (signal) => accessLog.listCalls(callsRequest(params, timeZone), { signal }),
    { keep: true },
  );
  return (
    <Page title={t("calls.title")} extra={<Button onClick={query.refetch}>{t("calls.reload")}</Button>}>
      <AuditTabs />
      <CallFilters />
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.calls.length === 0}
          empty={<Nothing filtered={isFiltered(params)} />}
        >
          {(data) => (
            <>
              <CallTable calls={data.calls} />
              <footer className="list-foot">
                <span className="soft">{t("calls.hint")}</span>
                <Pager page={{ nextToken: data.nextToken }} rows={data.calls.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  if (!filtered) return <Empty title={t("calls.nothing")} todo={t("calls.nothing.todo")} />;
  return (
    <Empty
      title={t("calls.none")}
      todo={t("calls.none.todo")}
      action={<Button onClick={() => void navigate("/audit/calls")}>{t("audit.clear")}</Button>}
    />
  );
}

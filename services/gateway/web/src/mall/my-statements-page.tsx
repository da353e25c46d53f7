import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { StatementQueryService } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { MALL_PATH } from "../shell/surface";
import { StatementTable } from "../statements/statement-table";
import { STATEMENTS } from "../statements/words";
import "../statements/statements.css";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { MallPage } from "./mall-page";

/** Statements that the brand has sent. */
export default function MyStatementsPage() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const statements = useClient(StatementQueryService);
  const [params] = useUrlParams();
  const token = params.get("token") ?? "";
  const query = useQuery(`my-statements/${token}`, (signal) => statements.listStatements({ page: { size: PAGE_SIZE, token } }, { signal }), {
    tick: useTick(STATEMENTS),
    keep: true,
  });
  return (
    <MallPage title={t("mall.statements")} back={`${MALL_PATH}/me`} className="me-entries">
      <QueryView
        query={query}
        skeleton={<Loading rows={6} />}
        isEmpty={(data) => data.statements.length === 0}
        empty={<Empty title={t("stm.none")} todo={t("stm.none.todo.dealer")} />}
      >
        {(data) => (
          <Panel className="panel-flush">
            <StatementTable
              statements={data.statements}
              onOpen={({ statementId }) => void navigate(`${MALL_PATH}/statements/${encodeURIComponent(statementId)}`)}
            />
            <footer className="list-foot">
              <FreshnessMark freshness={data.freshness} projection={STATEMENTS} />
              <Pager page={data.page} rows={data.statements.length} />
            </footer>
          </Panel>
        )}
      </QueryView>
    </MallPage>
  );
}

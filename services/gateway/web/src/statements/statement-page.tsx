import { PrinterOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import type { FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import { StatementQueryService, type Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { StatementActions } from "./statement-actions";
import { StatementFacts } from "./statement-facts";
import { StatementLines } from "./statement-lines";
import { StatementStory } from "./statement-story";
import { useStatement } from "./use-statements";
import { STATEMENTS } from "./words";
import "./statements.css";

export default function StatementPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const may = useMay();
  if (may(StatementQueryService.method.getStatement)) return <One key={id} id={id} />;
  return (
    <Page title={t("nav.statements")}>
      <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
    </Page>
  );
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const { query, setSeen } = useStatement(id);
  const [marked, setMarked] = useState<ReadonlyMap<bigint, FundsEntry>>(new Map());
  const statement = query.data?.statement;
  const done = (position: bigint) => {
    setMarked(new Map());
    setSeen(position);
  };
  return (
    <Page
      title={t("stm.of", { id })}
      extra={
        statement && (
          <>
            <PaperButton id={id} />
            <StatementActions statement={statement} marked={marked} onDone={done} onStale={query.refetch} />
          </>
        )
      }
    >
      <p className="back">
        <Link to="/statements">‹ {t("nav.statements")}</Link>
      </p>
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {(data) =>
          data.statement && (
            <>
              <Panel>
                <StatementFacts statement={data.statement} />
                <FreshnessMark freshness={data.freshness} projection={STATEMENTS} />
              </Panel>
              <Parts statement={data.statement} marked={marked} onMark={setMarked} />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

function PaperButton({ id }: { id: string }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  return (
    <Button icon={<PrinterOutlined />} data-paper onClick={() => void navigate(`/statements/${encodeURIComponent(id)}/paper`)}>
      {t("stm.paper")}
    </Button>
  );
}

interface PartsProps {
  statement: Statement;
  marked: ReadonlyMap<bigint, FundsEntry>;
  onMark: (marked: ReadonlyMap<bigint, FundsEntry>) => void;
}

function Parts({ statement, marked, onMark }: PartsProps) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const hasHistory = may(HistoryService.method.getObjectHistory);
  const wanted = params.get("tab");
  const tab = wanted === "story" || (wanted === "history" && hasHistory) ? wanted : "lines";
  return (
    <>
      <Segmented
        aria-label={t("stm.of", { id: statement.statementId })}
        value={tab}
        options={[
          { value: "lines", label: t("stm.lines") },
          { value: "story", label: t("stm.story") },
          ...(hasHistory ? [{ value: "history", label: t("nav.history") }] : []),
        ]}
        onChange={(next) => change({ tab: next === "lines" ? "" : next, page: "", token: "" }, { replace: true })}
      />
      {tab === "history" && <ObjectHistory object={`statement/${statement.statementId}`} tick={statement.version.toString()} />}
      {tab === "story" && <StatementStory statement={statement} />}
      {tab === "lines" && <StatementLines statement={statement} marked={marked} onMark={onMark} />}
    </>
  );
}

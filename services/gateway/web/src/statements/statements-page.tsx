import { Button, Select } from "antd";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { ACCOUNTS, namesOf } from "../funds/words";
import { StatementQueryService } from "../gen/qudao/order/v1/statement_query_service_pb";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { isDealer, useMay, useUser } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { statementsSheet } from "../tables/sheets/statements";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { LONG_DAYS, statusesFor } from "./rules";
import { StatementTable } from "./statement-table";
import { STATEMENTS, STATUSES, type StatusName } from "./words";
import "./statements.css";

const MakeDialog = lazy(() => import("./make-dialog"));
const MakeAllDialog = lazy(() => import("./make-all-dialog"));

/** Statements of account; people of a dealer are shown those of their own company that were sent. */
export default function StatementsPage() {
  const { t } = useI18n();
  const may = useMay();
  const [seen, setSeen] = useState(0n);
  return (
    <Page title={t("nav.statements")} extra={may(StatementService.method.makeStatement) && <Making onDone={setSeen} />}>
      {may(StatementQueryService.method.listStatements) ? (
        <Statements seen={seen} />
      ) : (
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      )}
    </Page>
  );
}

function Making({ onDone }: { onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const [open, setOpen] = useState<"one" | "all">();
  const close = () => setOpen(undefined);
  const done = (position: bigint) => {
    close();
    onDone(position);
  };
  return (
    <>
      <Button data-make-all onClick={() => setOpen("all")}>
        {t("stm.all")}
      </Button>
      <Button type="primary" data-make onClick={() => setOpen("one")}>
        {t("stm.make")}
      </Button>
      <Suspense>
        {open === "one" && <MakeDialog onClose={close} onDone={done} />}
        {open === "all" && <MakeAllDialog onClose={close} onDone={onDone} />}
      </Suspense>
    </>
  );
}

const FIRST_PAGE = { page: "", token: "" };

function Statements({ seen }: { seen: bigint }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const statements = useClient(StatementQueryService);
  const own = isDealer(useUser());
  const [params, change] = useUrlParams();
  const status = STATUSES[params.get("status") as StatusName];
  const account = ACCOUNTS[params.get("account") as keyof typeof ACCOUNTS];
  const ask = (page: PageWanted, signal: AbortSignal) =>
    statements.listStatements(
      {
        page,
        search: params.get("q") ?? "",
        statuses: status ? [status] : [],
        accounts: account ? [account] : [],
        waitingDays: params.get("waiting") ? LONG_DAYS : 0,
        minPosition: seen,
      },
      { signal },
    );
  const query = useQuery(`statements?${params}`, (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal), {
    tick: `${useTick(STATEMENTS)}/${seen}`,
    keep: true,
  });
  const filtered = ["q", "status", "account", "waiting"].some((name) => params.get(name));
  const clear = <Button onClick={() => change({ q: "", status: "", account: "", waiting: "", ...FIRST_PAGE })}>{t("filter.clear")}</Button>;
  return (
    <>
      <Filters own={own}>
        <ExportMenu name={t("nav.statements")} sheet={statementsSheet} ask={ask} rowsOf={(part) => part.statements} />
      </Filters>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.statements.length === 0}
          empty={
            filtered ? (
              <Empty title={t("stm.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("stm.none")} todo={t(own ? "stm.none.todo.dealer" : "stm.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <StatementTable
                statements={data.statements}
                onOpen={({ statementId }) => void navigate(`/statements/${encodeURIComponent(statementId)}`)}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={STATEMENTS} />
                <Pager page={data.page} rows={data.statements.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

function Filters({ own, children }: { own: boolean; children: ReactNode }) {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  const waiting = Boolean(params.get("waiting"));
  return (
    <div className="filters">
      <SearchBox label={t(own ? "stm.search.own" : "stm.search")} />
      <Select
        className="pick-status"
        aria-label={t("order.status")}
        placeholder={t("order.status")}
        allowClear
        value={params.get("status") || undefined}
        options={statusesFor(own).map((value) => ({ value, label: t(`stm.status.${value}`) }))}
        onChange={(next: string | undefined) => change({ status: next ?? "", ...FIRST_PAGE })}
      />
      <Select
        className="pick-status"
        aria-label={t("stm.account")}
        placeholder={t("stm.account")}
        allowClear
        value={params.get("account") || undefined}
        options={namesOf(ACCOUNTS).map((value) => ({ value, label: t(`funds.account.${value}`) }))}
        onChange={(next: string | undefined) => change({ account: next ?? "", ...FIRST_PAGE })}
      />
      <div className="chips">
        <button
          type="button"
          className={`chip ${waiting ? "chip-on" : ""}`}
          aria-pressed={waiting}
          data-waiting
          onClick={() => change({ waiting: waiting ? "" : "1", ...FIRST_PAGE })}
        >
          {t("stm.chip.waiting")}
        </button>
      </div>
      {children}
    </div>
  );
}

import { Button, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { nameOf, namesOf } from "../funds/words";
import { chosenIn } from "../funds/chips";
import { BankLineService } from "../gen/qudao/order/v1/bank_line_service_pb";
import { ReconciliationQueryService, type BankLine, type ListBankLinesResponse } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { BankImport } from "./bank-import";
import { LineTable } from "./line-table";
import { LineButtons, LineDialog, useMayAct, type LineAct } from "./line-actions";
import { actsOn, LINES, RECONCILIATION, OPEN_LINES } from "./words";

const FIRST_PAGE = { page: "", token: "" };
const NAMES = namesOf(LINES);

/** Lines of bank statements: what each of them is, and what somebody still has to say about. */
export function BankLines() {
  const { t } = useI18n();
  const lists = useClient(ReconciliationQueryService);
  const [params, change] = useUrlParams();
  const [act, setAct] = useState<LineAct>();
  const [seen, setSeen] = useState(0n);
  const mayAct = useMayAct();
  const status = chosenIn(params, "status", [...NAMES, "todo" as const]);
  const statuses = status === "todo" ? OPEN_LINES.map((name) => LINES[name]) : status ? [LINES[status]] : [];
  const query = useQuery(
    `bank-lines?${params}`,
    (signal) =>
      lists.listBankLines(
        {
          page: { size: PAGE_SIZE, token: params.get("token") ?? "" },
          search: params.get("q") ?? "",
          bankAccount: params.get("account") ?? "",
          statuses,
          minPosition: seen,
        },
        { signal },
      ),
    { tick: `${useTick(RECONCILIATION)}/${seen}`, keep: true },
  );
  const done = (position: bigint) => {
    setAct(undefined);
    setSeen(position);
  };
  const isFiltered = ["q", "status", "account"].some((name) => params.get(name));
  const clear = <Button onClick={() => change({ q: "", status: "", account: "", ...FIRST_PAGE })}>{t("filter.clear")}</Button>;
  const buttons = (line: BankLine) => <LineButtons line={line} onAct={setAct} />;
  const hasActs = (line: BankLine) => mayAct && actsOn(nameOf(LINES, line.status)).length > 0;
  return (
    <>
      <Filters data={query.data} onImported={setSeen} />
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.lines.length === 0}
          empty={
            isFiltered ? (
              <Empty title={t("recon.lines.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("recon.lines.none")} todo={t("recon.lines.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <LineTable lines={data.lines} actions={data.lines.some(hasActs) ? buttons : undefined} />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={RECONCILIATION} />
                <Pager page={data.page} rows={data.lines.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {act && <LineDialog act={act} onClose={() => setAct(undefined)} onDone={done} onStale={query.refetch} />}
    </>
  );
}

/** How many there are of each status stands beside it. */
function Filters({ data, onImported }: { data: ListBankLinesResponse | undefined; onImported: (position: bigint) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const [params, change] = useUrlParams();
  const chosen = params.get("status") ?? "";
  const countOf = (names: readonly (keyof typeof LINES)[]) =>
    (data?.counts ?? []).reduce((sum, { status, count }) => sum + (names.some((name) => LINES[name] === status) ? Number(count) : 0), 0);
  const chip = (name: string, text: string, count: number) => (
    <button
      key={name}
      type="button"
      className={`chip ${chosen === name ? "chip-on" : ""}`}
      aria-pressed={chosen === name}
      data-status={name || "all"}
      onClick={() => change({ status: name, ...FIRST_PAGE })}
    >
      {text}
      {data && <span className="chip-count">{format.count(count)}</span>}
    </button>
  );
  const accounts = data?.bankAccounts ?? [];
  return (
    <div className="filters">
      <SearchBox label={t("recon.lines.search")} />
      {accounts.length > 1 && (
        <Select
          className="pick-status"
          aria-label={t("recon.account")}
          placeholder={t("recon.account")}
          allowClear
          value={params.get("account") || undefined}
          options={accounts.map((value) => ({ value, label: value }))}
          onChange={(next: string | undefined) => change({ account: next ?? "", ...FIRST_PAGE })}
        />
      )}
      <div className="chips" role="group" aria-label={t("order.status")}>
        {chip("", t("filter.all"), countOf(NAMES))}
        {chip("todo", t("recon.todo"), countOf(OPEN_LINES))}
        {NAMES.map((name) => chip(name, t(`recon.line.${name}`), countOf([name])))}
      </div>
      {may(BankLineService.method.importBankLine) && <BankImport accounts={accounts} onDone={onImported} />}
    </div>
  );
}

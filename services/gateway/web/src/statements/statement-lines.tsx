import { Button } from "antd";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { EntryTable } from "../funds/entry-table";
import type { FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import { StatementQueryService, type Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { entriesSheet } from "../tables/sheets/funds";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { isAsked, isDisputed } from "./rules";

interface Props {
  statement: Statement;
  /** Lines that are to be disputed, by their positions. */
  marked: ReadonlyMap<bigint, FundsEntry>;
  onMark: (marked: ReadonlyMap<bigint, FundsEntry>) => void;
}

/** Every line of it, page by page; the dealer marks those that are wrong. */
export function StatementLines({ statement, marked, onMark }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const statements = useClient(StatementQueryService);
  const [params] = useUrlParams();
  const { statementId, dealerId } = statement;
  const ask = (page: PageWanted, signal: AbortSignal) => statements.listStatementLines({ page, statementId }, { signal });
  const token = params.get("token") ?? "";
  const query = useQuery(`statement-lines/${statementId}/${token}`, (signal) => ask({ size: PAGE_SIZE, token }, signal), { keep: true });
  const marks = isAsked(statement) && may(StatementService.method.disputeStatement);
  const disputed = new Map(isDisputed(statement) ? statement.disputed.flatMap(({ position, reason }) => (position === undefined ? [] : [[position, reason]])) : []);
  const turn = (entry: FundsEntry) => {
    const next = new Map(marked);
    if (!next.delete(entry.position)) next.set(entry.position, entry);
    onMark(next);
  };
  return (
    <Panel
      className="panel-flush"
      title={t("stm.lines")}
      extra={<ExportMenu name={statementId} sheet={entriesSheet} ask={ask} rowsOf={(part) => part.lines} />}
    >
      <QueryView query={query} isEmpty={({ lines }) => lines.length === 0} empty={<Empty title={t("stm.lines.none")} />}>
        {({ lines, page }) => (
          <>
            <EntryTable
              entries={lines}
              dealerId={dealerId}
              {...((marks || disputed.size > 0) && {
                actions: (entry) =>
                  marks ? (
                    <Button size="small" danger={marked.has(entry.position)} aria-pressed={marked.has(entry.position)} data-mark onClick={() => turn(entry)}>
                      {t(marked.has(entry.position) ? "stm.marked" : "stm.mark")}
                    </Button>
                  ) : (
                    disputed.has(entry.position) && <span className="tag tag-statement-disputed">{disputed.get(entry.position)}</span>
                  ),
              })}
            />
            <footer className="list-foot">
              <Pager page={page} rows={lines.length} />
            </footer>
          </>
        )}
      </QueryView>
    </Panel>
  );
}

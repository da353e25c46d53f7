import { Button } from "antd";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { Chips, chosenIn } from "../funds/chips";
import { namesOf } from "../funds/words";
import { StockFilter, StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { stockSheet } from "../tables/sheets/goods";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import type { Allowed, StockAct } from "./acts";
import { RowButtons } from "./stock-buttons";
import { StockDialog } from "./stock-dialog";
import { StockTable } from "./stock-table";
import { FILTERS, STOCK } from "./words";

const NAMES = namesOf(FILTERS);

interface Props {
  allowed: Allowed;
  act: StockAct | undefined;
  onAct: (act: StockAct | undefined) => void;
  /** How far what was done here is in the log. */
  seen: bigint;
  onDone: (position: bigint) => void;
}

/** What there is of products, and what is done with it. */
export function StockList({ allowed, act, onAct, seen, onDone }: Props) {
  const { t } = useI18n();
  const stock = useClient(StockQueryService);
  const [params, change] = useUrlParams();
  const filter = chosenIn(params, "filter", NAMES);
  const ask = (page: PageWanted, signal: AbortSignal) =>
    stock.listStock(
      { page, search: params.get("q") ?? "", filter: filter ? FILTERS[filter] : StockFilter.UNSPECIFIED, minPosition: seen },
      { signal },
    );
  const query = useQuery(
    `stock?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick(STOCK)}/${seen}`, keep: true },
  );
  const clear = <Button onClick={() => change({ q: "", filter: "", page: "", token: "" })}>{t("filter.clear")}</Button>;
  const acts = allowed.count || allowed.receive || allowed.end;
  return (
    <>
      <div className="filters">
        <SearchBox label={t("stock.search")} />
        <Chips label={t("funds.filter")} param="filter" names={NAMES} textOf={(name) => `stock.${name}`} />
        <ExportMenu name={t("nav.stock")} sheet={stockSheet} ask={ask} rowsOf={(part) => part.items} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.items.length === 0}
          empty={
            params.get("q") || filter ? (
              <Empty title={t("stock.noneFound")} todo={t("funds.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("stock.none")} todo={t(allowed.count ? "stock.none.todo" : "stock.none.told")} />
            )
          }
        >
          {(data) => (
            <>
              <StockTable
                items={data.items}
                onOpen={(item) => onAct({ kind: "see", item })}
                actions={acts ? (item) => <RowButtons item={item} allowed={allowed} onAct={onAct} /> : undefined}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={STOCK} />
                <Pager page={data.page} rows={data.items.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {act && (
        <StockDialog
          // A count that begins in another dialog is another one.
          key={act.kind}
          act={act}
          allowed={allowed}
          listed={query.data?.items ?? []}
          onAct={onAct}
          onClose={() => onAct(undefined)}
          onDone={(position) => {
            onAct(undefined);
            onDone(position);
          }}
          onStale={query.refetch}
        />
      )}
    </>
  );
}

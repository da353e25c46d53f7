import { Button } from "antd";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FundsFilter, FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { dealerFundsSheet } from "../tables/sheets/funds";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { Chips, chosenIn } from "./chips";
import { DealerTable } from "./dealer-table";
import { FILTERS, FUNDS, namesOf } from "./words";

const NAMES = namesOf(FILTERS);

/** All dealers with their credit and money. */
export function DealerList({ seen }: { seen: bigint }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const funds = useClient(FundsQueryService);
  const [params] = useSearchParams();
  const filter = chosenIn(params, "filter", NAMES);
  const ask = (page: PageWanted, signal: AbortSignal) =>
    funds.listDealerFunds(
      { page, search: params.get("q") ?? "", filter: filter ? FILTERS[filter] : FundsFilter.UNSPECIFIED, minPosition: seen },
      { signal },
    );
  const query = useQuery(
    `funds?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick(FUNDS)}/${seen}`, keep: true },
  );
  const clear = <Button onClick={() => void navigate("/funds")}>{t("filter.clear")}</Button>;
  const filtered = params.get("q") || filter;
  return (
    <>
      <div className="filters">
        <SearchBox label={t("funds.search")} />
        <Chips label={t("funds.filter")} param="filter" names={NAMES} textOf={(name) => `funds.filter.${name}`} />
        <ExportMenu name={t("funds.tab.dealers")} sheet={dealerFundsSheet} ask={ask} rowsOf={(part) => part.dealers} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.dealers.length === 0}
          empty={
            filtered ? (
              <Empty title={t("dealers.none")} todo={t("funds.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("funds.none")} todo={t("funds.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <DealerTable
                dealers={data.dealers}
                onOpen={({ dealerId }) => void navigate(`/funds/${encodeURIComponent(dealerId)}`)}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={FUNDS} />
                <Pager page={data.page} rows={data.dealers.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

import { Button, Select } from "antd";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { Chips } from "../funds/chips";
import { namesOf } from "../funds/words";
import { AfterSaleQueryService } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { isDealer, useMay, useUser } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { afterSalesSheet } from "../tables/sheets/fulfilment";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { AfterSaleTable } from "./after-sale-table";
import { statusesOf, TABS, type TabName } from "./rules";
import { AFTER_SALES, STATUSES } from "./words";

/** After-sale cases; people of a dealer are shown those of their own company. */
export default function AfterSalesPage() {
  const { t } = useI18n();
  const may = useMay();
  return (
    <Page title={t("nav.afterSales")}>
      {may(AfterSaleQueryService.method.listAfterSales) ? (
        <AfterSales />
      ) : (
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      )}
    </Page>
  );
}

const TAB_NAMES = Object.keys(TABS) as TabName[];
const FIRST_PAGE = { page: "", token: "" };

function AfterSales() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const cases = useClient(AfterSaleQueryService);
  const own = isDealer(useUser());
  const [params, change] = useUrlParams();
  const ask = (page: PageWanted, signal: AbortSignal) =>
    cases.listAfterSales({ page, search: params.get("q") ?? "", statuses: statusesOf(params) }, { signal });
  const query = useQuery(
    `after-sales?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: useTick(AFTER_SALES), keep: true },
  );
  const filtered = ["q", "status", "tab"].some((name) => params.get(name));
  const clear = <Button onClick={() => change({ q: "", status: "", tab: "", ...FIRST_PAGE })}>{t("filter.clear")}</Button>;
  return (
    <>
      <Filters>
        <ExportMenu name={t("nav.afterSales")} sheet={afterSalesSheet} ask={ask} rowsOf={(part) => part.afterSales} />
      </Filters>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.afterSales.length === 0}
          empty={
            filtered ? (
              <Empty title={t("case.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("case.none")} todo={t(own ? "case.none.own" : "case.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <AfterSaleTable
                cases={data.afterSales}
                onOpen={({ afterSaleId }) => void navigate(`/after-sales/${encodeURIComponent(afterSaleId)}`)}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={AFTER_SALES} />
                <Pager page={data.page} rows={data.afterSales.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

/** Who has to do something, or one status of all. */
function Filters({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const own = isDealer(useUser());
  const [params, change] = useUrlParams();
  const tab = params.get("tab") ?? "";
  return (
    <div className="filters">
      <Chips label={t("case.tabs")} param="tab" names={TAB_NAMES} textOf={(name) => `case.tab.${name}`} />
      <SearchBox label={t(own ? "case.search.own" : "case.search")} />
      {tab === "" && (
        <Select
          className="pick-status"
          aria-label={t("order.status")}
          placeholder={t("order.status")}
          allowClear
          value={params.get("status") || undefined}
          options={namesOf(STATUSES).map((value) => ({ value, label: t(`case.status.${value}`) }))}
          onChange={(next: string | undefined) => change({ status: next ?? "", ...FIRST_PAGE })}
        />
      )}
      {children}
    </div>
  );
}

import { Button, Select } from "antd";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { Chips } from "../funds/chips";
import { namesOf } from "../funds/words";
import { ShipmentQueryService, type Shipment } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { isDealer, useMay, useUser } from "../session/session";
import { warehouseIds } from "../stock/warehouses";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { shipmentsSheet } from "../tables/sheets/fulfilment";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { STUCK, wantedOf, warehouseChoices } from "./rules";
import { ShipmentTable } from "./shipment-table";
import { SHIPMENTS, STATUSES, type StatusName } from "./words";

/** Shipments; people of a dealer are shown those of their own company. */
export default function ShipmentsPage() {
  const { t } = useI18n();
  const may = useMay();
  return (
    <Page title={t("nav.shipments")}>
      {may(ShipmentQueryService.method.listShipments) ? (
        <Shipments />
      ) : (
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      )}
    </Page>
  );
}

const FIRST_PAGE = { page: "", token: "" };

function Shipments() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const shipments = useClient(ShipmentQueryService);
  const own = isDealer(useUser());
  const [params, change] = useUrlParams();
  const { statuses, stuck } = wantedOf(params);
  const ask = (page: PageWanted, signal: AbortSignal) =>
    shipments.listShipments(
      { page, search: params.get("q") ?? "", warehouseId: params.get("warehouse") ?? "", statuses, stuck },
      { signal },
    );
  const query = useQuery(
    `shipments?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: useTick(SHIPMENTS), keep: true },
  );
  const filtered = ["q", "tab", "warehouse"].some((name) => params.get(name));
  const clear = <Button onClick={() => change({ q: "", tab: "", warehouse: "", ...FIRST_PAGE })}>{t("filter.clear")}</Button>;
  return (
    <>
      <Filters listed={query.data?.shipments ?? []}>
        <ExportMenu name={t("nav.shipments")} sheet={shipmentsSheet} ask={ask} rowsOf={(part) => part.shipments} />
      </Filters>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.shipments.length === 0}
          empty={
            stuck && !params.get("q") && !params.get("warehouse") ? (
              <Empty title={t("ship.noneStuck")} todo={t("ship.noneStuck.todo")} action={clear} />
            ) : filtered ? (
              <Empty title={t("ship.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("ship.none")} todo={t(own ? "ship.none.own" : "ship.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <ShipmentTable
                shipments={data.shipments}
                onOpen={({ shipmentId }) => void navigate(`/shipments/${encodeURIComponent(shipmentId)}`)}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={SHIPMENTS} />
                <Pager page={data.page} rows={data.shipments.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

const NAMES = namesOf(STATUSES);

function Filters({ listed, children }: { listed: Shipment[]; children: ReactNode }) {
  const { t } = useI18n();
  const own = isDealer(useUser());
  // People of a dealer are not told what is stuck.
  const tabs: (StatusName | typeof STUCK)[] = own ? NAMES : [STUCK, ...NAMES];
  return (
    <div className="filters">
      <Chips label={t("order.status")} param="tab" names={tabs} textOf={(name) => `ship.tab.${name}`} />
      <SearchBox label={t(own ? "ship.search.own" : "ship.search")} />
      {!own && <WarehouseFilter listed={listed} />}
      {children}
    </div>
  );
}

const MOST = 200;

function WarehouseFilter({ listed }: { listed: Shipment[] }) {
  const { t } = useI18n();
  const stock = useClient(StockQueryService);
  const may = useMay();
  const [params, change] = useUrlParams();
  const chosen = params.get("warehouse") ?? "";
  const kept = useQuery("warehouses", (signal) => stock.listStock({ page: { size: MOST } }, { signal }), {
    enabled: may(StockQueryService.method.listStock),
  });
  const choices = warehouseChoices(warehouseIds(undefined, kept.data?.items ?? []), listed, chosen);
  return (
    <Select
      className="pick-status"
      aria-label={t("stock.warehouse")}
      placeholder={t("stock.warehouse")}
      allowClear
      showSearch
      value={chosen || undefined}
      options={choices.map((value) => ({ value, label: value }))}
      onChange={(next: string | undefined) => change({ warehouse: next ?? "", ...FIRST_PAGE })}
    />
  );
}

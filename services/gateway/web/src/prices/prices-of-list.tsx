import { useState } from "react";
import { useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { CatalogueQueryService, type PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { ImportButton } from "../imports/import-button";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { pricesSheet } from "../tables/sheets/goods";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { PriceActDialog, type PriceAct } from "./price-actions";
import { PriceTable } from "./price-table";

interface Props {
  list: PriceList;
  seen: bigint;
  onDone: (position: bigint) => void;
}

/** What products cost by a list, now and from announced days on. */
export function PricesOfList({ list, seen, onDone }: Props) {
  const { t } = useI18n();
  const catalogue = useClient(CatalogueQueryService);
  const [params] = useSearchParams();
  const [act, setAct] = useState<PriceAct>();
  const { priceListId } = list;
  const may = useMay();
  const ask = (page: PageWanted, signal: AbortSignal) =>
    catalogue.listPrices({ priceListId, page, search: params.get("q") ?? "", minPosition: seen }, { signal });
  const query = useQuery(
    `prices/${priceListId}?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick("products")}/${seen}`, keep: true },
  );
  const done = (position: bigint) => {
    setAct(undefined);
    onDone(position);
  };
  return (
    <>
      <div className="filters">
        <SearchBox label={t("prices.product.search")} />
        <ExportMenu name={list.name} sheet={pricesSheet(list.currencyCode)} ask={ask} rowsOf={(part) => part.prices} />
        {may(PriceListService.method.setBasePrices) && <ImportButton what={{ of: "prices", list }} onDone={onDone} />}
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.prices.length === 0}
          empty={
            params.get("q") ? (
              <Empty title={t("products.none")} todo={t("products.none.todo")} />
            ) : (
              <Empty title={t("prices.empty")} todo={t("prices.empty.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <PriceTable list={list} prices={data.prices} onAct={setAct} />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="products" />
                <Pager page={data.page} rows={data.prices.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {act && <PriceActDialog act={act} list={list} onClose={() => setAct(undefined)} onDone={done} />}
    </>
  );
}

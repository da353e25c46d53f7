import { Button } from "antd";
import type { ReactNode } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useAudienceWords } from "../audience/use-audience-words";
import type { AudienceWords } from "../audience/words";
import { CatalogueQueryService, type PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { priceListsSheet } from "../tables/sheets/goods";
import { DataTable, type Column } from "../ui/data-table";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { ForWhom, OnDays } from "./placement-words";

interface Props {
  /** How far what was done here is in the log. */
  seen: bigint;
  /** The way to a first list, for who may create one. */
  create: ReactNode;
}

function columns(t: Translate, words: AudienceWords): Column<PriceList>[] {
  return [
    { key: "name", title: t("prices.name"), cell: (list) => list.name },
    { key: "id", title: t("prices.id"), cell: (list) => <span className="mono">{list.priceListId}</span> },
    { key: "currency", title: t("currency.label"), cell: (list) => list.currencyCode },
    { key: "products", title: t("prices.products"), number: true, cell: (list) => words.format.count(list.productCount) },
    {
      key: "audience",
      title: t("audience.title"),
      cell: (list) => (
        <div className="wrap">
          <ForWhom list={list} words={words} />
        </div>
      ),
    },
    { key: "days", title: t("days.title"), cell: (list) => <OnDays list={list} /> },
  ];
}

export function PriceLists({ seen, create }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const catalogue = useClient(CatalogueQueryService);
  const [params] = useSearchParams();
  const ask = (page: PageWanted, signal: AbortSignal) =>
    catalogue.listPriceLists({ page, search: params.get("q") ?? "", minPosition: seen }, { signal });
  const query = useQuery(
    `price-lists?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick("products")}/${seen}`, keep: true },
  );
  const words = useAudienceWords((query.data?.priceLists ?? []).map(({ placement }) => placement?.audience));
  const clear = <Button onClick={() => void navigate("/prices")}>{t("filter.clear")}</Button>;
  return (
    <>
      <div className="filters">
        <SearchBox label={t("prices.search")} />
        <ExportMenu name={t("prices.tab.lists")} sheet={priceListsSheet} ask={ask} rowsOf={(part) => part.priceLists} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.priceLists.length === 0}
          empty={
            params.get("q") ? (
              <Empty title={t("prices.noneFound")} todo={t("prices.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("prices.none")} todo={t("prices.none.todo")} action={create} />
            )
          }
        >
          {(data) => (
            <>
              <DataTable
                label={t("nav.prices")}
                columns={columns(t, words)}
                rows={data.priceLists}
                rowKey={(list) => list.priceListId}
                onOpen={(list) => void navigate(`/prices/${encodeURIComponent(list.priceListId)}`)}
                card={(list) => <ListCard list={list} words={words} />}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="products" />
                <Pager page={data.page} rows={data.priceLists.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

function ListCard({ list, words }: { list: PriceList; words: AudienceWords }) {
  return (
    <>
      <span className="card-line">
        <strong>{list.name}</strong>
        <span className="soft">
          {words.t("prices.count", { n: words.format.count(list.productCount) })} · {list.currencyCode}
        </span>
      </span>
      <span className="card-line soft">
        <OnDays list={list} />
        <span className="mono">{list.priceListId}</span>
      </span>
      {list.placement && (
        <span className="soft">
          <ForWhom list={list} words={words} brief />
        </span>
      )}
    </>
  );
}

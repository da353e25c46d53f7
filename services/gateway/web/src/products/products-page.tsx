import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { useI18n } from "../i18n/i18n";
import { ImportButton } from "../imports/import-button";
import { useTick } from "../live/live";
import { isDealer, useMay, useUser } from "../session/session";
import { availableText } from "../stock/left";
import { OutTag } from "../stock/left-tag";
import { STOCK, STOCK_AGAIN_MS } from "../stock/words";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { productsSheet } from "../tables/sheets/goods";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useSeldom } from "../ui/use-slow";
import { Breaks } from "./breaks";
import { ProductPicture } from "./picture";
import { taxWords } from "./tax-words";

export default function ProductsPage() {
  const { t } = useI18n();
  const format = useFormat();
  const dealer = isDealer(useUser());
  const may = useMay();
  /** How far what was imported is in the log. */
  const [seen, setSeen] = useState(0n);
  const navigate = useNavigate();
  const orders = useClient(OrderQueryService);
  const [params] = useSearchParams();
  const ask = (page: PageWanted, signal: AbortSignal) =>
    orders.listProducts({ page, search: params.get("q") ?? "", minPosition: seen }, { signal });
  const query = useQuery(
    `products?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick("products")}/${seen}/${useSeldom(useTick(STOCK), STOCK_AGAIN_MS)}`, keep: true },
  );
  const price = (product: Product) =>
    product.unitPriceMinor === undefined ? (
      <span className="soft">{t("products.noPrice")}</span>
    ) : (
      <>
        {`${format.money(product.unitPriceMinor, product.currencyCode)} / ${product.baseUnit}`}
        <Breaks breaks={product.breaks} unit={product.baseUnit} currency={product.currencyCode} />
      </>
    );
  // People of a dealer are not told of floors, and a brand without any needs no column for them.
  const floorColumn = (products: Product[]): Column<Product>[] =>
    products.every((product) => product.floorPriceMinor === undefined)
      ? []
      : [
          {
            key: "floor",
            title: t("products.floor"),
            number: true,
            cell: (p) => (p.floorPriceMinor === undefined ? "" : format.money(p.floorPriceMinor, p.currencyCode)),
          },
        ];
  // A brand that has said nothing of taxes needs no column for them.
  const taxColumn = (products: Product[]): Column<Product>[] =>
    products.every(({ tax }) => tax === undefined) ? [] : [{ key: "tax", title: t("product.tax"), number: true, cell: ({ tax }) => taxWords(tax, t) }];
  const available = ({ available: n }: Product) =>
    n === undefined ? "" : n === 0n ? <OutTag /> : availableText(n, dealer, format.count);
  // A brand that keeps no stock needs no column for it.
  const stockColumn = (products: Product[]): Column<Product>[] =>
    products.every((product) => product.available === undefined)
      ? []
      : [{ key: "available", title: t("products.available"), number: true, cell: available }];
  const retired = (product: Product) =>
    product.retired && <span className="tag tag-cancelled">{t("products.retired")}</span>;
  const { publishProduct, renameProduct } = ProductService.method;
  const bring = may(publishProduct) && may(renameProduct) && <ImportButton what={{ of: "products" }} onDone={setSeen} />;
  return (
    <Page title={t("nav.products")} extra={bring}>
      <div className="filters">
        <SearchBox label={t("products.search")} />
        <ExportMenu name={t("nav.products")} sheet={productsSheet(dealer)} ask={ask} rowsOf={(part) => part.products} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.products.length === 0}
          empty={<Empty title={t("products.none")} todo={t("products.none.todo")} />}
        >
          {(data) => (
            <>
              <DataTable
                label={t("nav.products")}
                rows={data.products}
                rowKey={(product) => product.productId}
                onOpen={(product) => void navigate(`/products/${encodeURIComponent(product.productId)}`)}
                columns={[
                  {
                    key: "name",
                    title: t("dimension.product"),
                    cell: (p) => (
                      <span className="product-named">
                        <ProductPicture id={p.pictureId} name="" className="small" />
                        <span>
                          {p.name} {retired(p)}
                          {p.isNew && <span className="tag tag-gift">{t("product.new")}</span>}
                        </span>
                      </span>
                    ),
                  },
                  { key: "id", title: t("products.id"), cell: (p) => <span className="mono">{p.productId}</span> },
                  { key: "category", title: t("dimension.category"), cell: (p) => p.categoryPath.join(" › ") },
                  { key: "price", title: t("order.price"), number: true, cell: price },
                  ...taxColumn(data.products),
                  ...floorColumn(data.products),
                  ...stockColumn(data.products),
                ]}
                card={(p) => (
                  <>
                    <span className="card-line">
                      <span className="product-named">
                        <ProductPicture id={p.pictureId} name="" className="small" />
                        <strong>{p.name}</strong>
                      </span>
                      <strong className="num">{price(p)}</strong>
                    </span>
                    <span className="card-line soft">
                      <span>
                        {p.categoryPath.join(" › ")}
                        {p.floorPriceMinor !== undefined &&
                          ` · ${t("products.floor")} ${format.money(p.floorPriceMinor, p.currencyCode)}`}
                      </span>
                      {retired(p) || <span className="mono">{p.productId}</span>}
                    </span>
                    {p.available !== undefined && (
                      <span className="card-line soft">
                        <span>{t("products.available")}</span>
                        <span className="num">{available(p)}</span>
                      </span>
                    )}
                  </>
                )}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="products" />
                <Pager page={data.page} rows={data.products.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

import { App, Button, Segmented } from "antd";
import { lazy, Suspense, useState, type ComponentType } from "react";
import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { OrderQueryService, type GetProductResponse, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n, type Key } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { DataTable } from "../ui/data-table";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { Breaks } from "./breaks";
import type { DialogProps } from "./describe-dialog";
import { levelForms, type LevelForm } from "./details-form";
import { Gallery } from "./gallery";
import { taxWords } from "./tax-words";

type Dialog = "describe" | "package" | "tax" | "pictures";

const DIALOGS: Record<Dialog, ComponentType<DialogProps>> = {
  describe: lazy(() => import("./describe-dialog")),
  package: lazy(() => import("./packaging-dialog")),
  tax: lazy(() => import("./tax-dialog")),
  pictures: lazy(() => import("./pictures-dialog")),
};

const BUTTONS: [Dialog, Key, (typeof ProductService.method)[keyof typeof ProductService.method]][] = [
  ["describe", "product.describe", ProductService.method.describeProduct],
  ["package", "product.package", ProductService.method.packageProduct],
  ["tax", "product.tax.set", ProductService.method.setProductTax],
  ["pictures", "product.pictures.edit", ProductService.method.arrangeProductPictures],
];

/** All that is known of a product, and what can be changed of it. */
export default function ProductPage() {
  const { id = "" } = useParams();
  return <One key={id} id={id} />;
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const orders = useClient(OrderQueryService);
  const { message } = App.useApp();
  const [seen, setSeen] = useState(0n);
  const [open, setOpen] = useState<Dialog>();
  const query = useQuery(`product/${id}`, (signal) => orders.getProduct({ productId: id, minPosition: seen }, { signal }), {
    tick: `${useTick("products")}/${seen}`,
    keep: true,
  });
  const product = query.data?.product;
  const done = (position: bigint) => {
    setSeen(position);
    setOpen(undefined);
    void message.success(t("product.saved"));
  };
  const Form = open && DIALOGS[open];
  return (
    <Page title={product?.name ?? t("dimension.product")} extra={product && !product.retired && <Actions onOpen={setOpen} />}>
      <p className="back">
        <Link to="/products">‹ {t("nav.products")}</Link>
      </p>
      <QueryView query={query}>{(told) => told.product && <Detail told={told} product={told.product} tick={seen.toString()} />}</QueryView>
      {Form && query.data && (
        <Suspense>
          <Form told={query.data} onClose={() => setOpen(undefined)} onDone={done} onStale={query.refetch} />
        </Suspense>
      )}
    </Page>
  );
}

function Actions({ onOpen }: { onOpen: (dialog: Dialog) => void }) {
  const { t } = useI18n();
  const may = useMay();
  return (
    <>
      {BUTTONS.filter(([, , method]) => may(method)).map(([dialog, words]) => (
        <Button key={dialog} data-edit={dialog} onClick={() => onOpen(dialog)}>
          {t(words)}
        </Button>
      ))}
    </>
  );
}

function Detail({ told, product, tick }: { told: GetProductResponse; product: Product; tick: string }) {
  const { t, locale } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const history = may(HistoryService.method.getObjectHistory);
  const tab = history && params.get("tab") === "history" ? "history" : "facts";
  const described = locale === "en" ? told.descriptionEn || told.descriptionZh : told.descriptionZh || told.descriptionEn;
  return (
    <>
      {history && (
        <Segmented
          aria-label={t("product.views")}
          value={tab}
          options={[
            { value: "facts", label: t("product.facts") },
            { value: "history", label: t("nav.history") },
          ]}
          onChange={(next) => change({ tab: next === "facts" ? "" : String(next) }, { replace: true })}
        />
      )}
      {tab === "history" ? (
        <ObjectHistory object={`product/${product.productId}`} tick={tick} />
      ) : (
        <>
          <Panel className="product-sheet">
            <Gallery ids={told.pictureIds} name={product.name} />
            <div>
              {described && <p className="product-description">{described}</p>}
              <Facts told={told} product={product} />
              <FreshnessMark freshness={told.freshness} projection="products" />
            </div>
          </Panel>
          <Levels product={product} />
        </>
      )}
    </>
  );
}

function Facts({ told, product }: { told: GetProductResponse; product: Product }) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const id = encodeURIComponent(product.productId);
  const rows: [string, React.ReactNode][] = [
    [t("products.id"), <span key="id" className="mono">{product.productId}</span>],
    [t("dimension.category"), product.categoryPath.join(" › ")],
    [t("product.brandSeries"), [product.brand, product.series].filter(Boolean).join(" · ")],
    [
      t("order.price"),
      product.unitPriceMinor === undefined ? (
        <span key="price" className="soft">{t("products.noPrice")}</span>
      ) : (
        <span key="price">
          {format.money(product.unitPriceMinor, product.currencyCode)} / {product.baseUnit}{" "}
          <Breaks breaks={product.breaks} unit={product.baseUnit} currency={product.currencyCode} />
        </span>
      ),
    ],
    [t("product.tax"), told.taxes.map(({ tax, effectiveOn }) => [taxWords(tax, t), effectiveOn && t("product.from", { day: effectiveOn })].filter(Boolean).join(" ")).join(" · ")],
    [t("product.shelfLife"), product.shelfLifeDays > 0 ? t("product.days", { n: product.shelfLifeDays }) : ""],
    [t("product.storage"), told.storage],
    [t("product.newUntil"), told.newUntil],
    [
      t("product.successor"),
      told.successorProductId && <Link key="successor" to={`/products/${encodeURIComponent(told.successorProductId)}`}>{told.successorProductId}</Link>,
    ],
  ];
  return (
    <>
      {product.retired && <p><span className="tag tag-cancelled">{t("products.retired")}</span></p>}
      <FactList facts={rows.filter(([, value]) => value)} />
      <p className="soft">
        <Link to={`/?product=${id}`}>{t("product.sales")}</Link>
        {may(PriceListService.method.explainPrice) && (
          <>
            {" · "}
            <Link to={`/prices?tab=explain&product=${id}`}>{t("explain.title")}</Link>
          </>
        )}
      </p>
    </>
  );
}

function Levels({ product }: { product: Product }) {
  const { t } = useI18n();
  const format = useFormat();
  const code = ({ barcode }: LevelForm) => (barcode ? <span className="mono">{barcode}</span> : <span className="soft">–</span>);
  return (
    <Panel title={t("product.levels")} className="panel-flush">
      <DataTable<LevelForm>
        label={t("product.levels")}
        rows={levelForms(product)}
        rowKey={({ unit }) => unit}
        columns={[
          { key: "unit", title: t("product.level.unit"), cell: ({ unit }) => unit },
          { key: "count", title: t("product.level.count"), number: true, cell: ({ baseQuantity }) => format.count(baseQuantity ?? 0) },
          { key: "barcode", title: t("product.barcode"), cell: code },
        ]}
        card={(level) => (
          <span className="card-line">
            <strong>
              {level.unit} · {format.count(level.baseQuantity ?? 0)}
            </strong>
            {code(level)}
          </span>
        )}
      />
    </Panel>
  );
}

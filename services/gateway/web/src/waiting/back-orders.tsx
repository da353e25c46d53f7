import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { WaitingQueryService, type BackOrderedProduct } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { WaitingService } from "../gen/qudao/order/v1/waiting_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat, type Format } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { ExpectDialog } from "./expect-dialog";
import { LineDialog } from "./line-dialog";
import { WAITING } from "./words";

type Act = { kind: "line" | "expect"; product: BackOrderedProduct };

/** 欠货清单: products that orders wait for, who waits, and until when. */
export function BackOrders() {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const backOrders = useClient(WaitingQueryService);
  const [params] = useUrlParams();
  const [act, setAct] = useState<Act>();
  const [seen, setSeen] = useState(0n);
  const query = useQuery(
    `back-orders?${params}`,
    (signal) =>
      backOrders.listBackOrderedProducts(
        { page: { size: PAGE_SIZE, token: params.get("token") ?? "" }, search: params.get("q") ?? "", minPosition: seen },
        { signal },
      ),
    { tick: `${useTick(WAITING)}/${seen}`, keep: true },
  );
  const expects = may(WaitingService.method.expectStock);
  return (
    <>
      <div className="filters">
        <SearchBox label={t("stock.search")} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.products.length === 0}
          empty={<Empty title={t("waiting.none")} todo={t("waiting.none.todo")} />}
        >
          {(data) => (
            <>
              <DataTable
                label={t("waiting.list")}
                rows={data.products}
                rowKey={(product) => product.productId}
                onOpen={(product) => setAct({ kind: "line", product })}
                columns={columns(t, format)}
                {...(expects && {
                  actions: (product: BackOrderedProduct) => (
                    <Button size="small" data-act="expect" onClick={() => setAct({ kind: "expect", product })}>
                      {t("waiting.expect")}
                    </Button>
                  ),
                })}
                card={(product) => <Card product={product} />}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={WAITING} />
                <Pager page={data.page} rows={data.products.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {act?.kind === "line" && <LineDialog product={act.product} onClose={() => setAct(undefined)} />}
      {act?.kind === "expect" && (
        <ExpectDialog
          product={act.product}
          onClose={() => setAct(undefined)}
          onDone={(position) => {
            setAct(undefined);
            setSeen(position);
          }}
        />
      )}
    </>
  );
}

function columns(t: Translate, format: Format): Column<BackOrderedProduct>[] {
  return [
    { key: "product", title: t("dimension.product"), cell: (one) => <Named product={one} /> },
    { key: "waiting", title: t("waiting.quantity"), number: true, cell: (one) => <strong>{format.count(one.waiting)}</strong> },
    { key: "orders", title: t("waiting.orders"), number: true, cell: (one) => format.count(one.orders) },
    { key: "oldest", title: t("waiting.oldest"), cell: (one) => format.time(one.oldestAt) },
    { key: "expected", title: t("waiting.expected"), cell: (one) => one.expectedOn || t("waiting.expected.unknown") },
  ];
}

function Named({ product: { productId, productName, baseUnit } }: { product: BackOrderedProduct }) {
  return (
    <span className="two-lines narrow">
      <span>{productName}</span>
      <span className="soft">
        <span className="mono">{productId}</span> · {baseUnit}
      </span>
    </span>
  );
}

function Card({ product }: { product: BackOrderedProduct }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <span className="card-line">
        <strong>{product.productName}</strong>
        <strong className="num">{t("waiting.n", { n: format.count(product.waiting), unit: product.baseUnit })}</strong>
      </span>
      <span className="card-line soft">
        <span>{t("waiting.orders.n", { n: format.count(product.orders) })}</span>
        <span>{product.expectedOn ? t("waiting.expected.on", { day: product.expectedOn }) : t("waiting.expected.unknown")}</span>
      </span>
    </>
  );
}

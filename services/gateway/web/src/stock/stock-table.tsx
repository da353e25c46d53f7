import type { ReactNode } from "react";
import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { OutTag } from "./left-tag";

interface Props {
  items: StockItem[];
  onOpen: (item: StockItem) => void;
  actions: ((item: StockItem) => ReactNode) | undefined;
}

/** Products with what there is of them, what orders have taken, and what they can still take. */
export function StockTable({ items, onOpen, actions }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <DataTable
      label={t("nav.stock")}
      rows={items}
      rowKey={(item) => item.productId}
      onOpen={onOpen}
      columns={[
        { key: "product", title: t("dimension.product"), cell: (item) => <Product item={item} /> },
        { key: "onHand", title: t("stock.onHand"), number: true, cell: (item) => format.count(item.onHand) },
        { key: "reserved", title: t("stock.reserved"), number: true, cell: (item) => format.count(item.reserved) },
        { key: "available", title: t("stock.available"), number: true, cell: (item) => <Available item={item} /> },
        { key: "warehouses", title: t("stock.warehouse"), cell: (item) => <Warehouses item={item} /> },
        { key: "changed", title: t("stock.changed"), cell: (item) => format.time(item.changedAt) },
      ]}
      {...(actions && { actions })}
      card={(item) => <Card item={item} />}
    />
  );
}

function Product({ item: { productId, productName, baseUnit } }: { item: StockItem }) {
  return (
    <span className="two-lines narrow">
      <span>{productName}</span>
      <span className="soft">
        <span className="mono">{productId}</span> · {baseUnit}
      </span>
    </span>
  );
}

function Available({ item: { available } }: { item: StockItem }) {
  const format = useFormat();
  return available === 0n ? <OutTag /> : <strong data-stock-available>{format.count(available)}</strong>;
}

/** The one, or how many. */
function Warehouses({ item: { warehouses } }: { item: StockItem }) {
  const { t } = useI18n();
  const [only] = warehouses;
  if (warehouses.length === 1 && only) return <span className="mono">{only.warehouseId}</span>;
  return <>{t("stock.warehouses.n", { n: warehouses.length })}</>;
}

function Card({ item }: { item: StockItem }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <span className="card-line">
        <strong>{item.productName}</strong>
        <span className="stock-card-available">
          {item.available > 0n && <span className="soft">{t("stock.available")} </span>}
          <Available item={item} />
        </span>
      </span>
      <span className="card-line soft">
        <span>
          {t("stock.onHand.n", { n: format.count(item.onHand) })} · {t("stock.reserved.n", { n: format.count(item.reserved) })}
        </span>
        <Warehouses item={item} />
      </span>
    </>
  );
}

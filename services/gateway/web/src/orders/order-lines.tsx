import { sum } from "../format/number";
import type { GetOrderResponse, OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { taxWords } from "../products/tax-words";
import { useProductNames } from "../products/use-product-names";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { netOf } from "./lines";

/** What was ordered, and below it what was given besides. */
export function OrderLines({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const product = useProductNames(order.lines.map((line) => line.insteadOfProductId));
  const columns = useColumns(order, product);
  return (
    <Panel className="panel-flush">
      <DataTable<OrderLine>
        label={t("order.goods")}
        rows={order.lines}
        rowKey={(line) => String(line.lineNo)}
        columns={columns}
        card={(line) => <LineCard line={line} currency={order.summary?.currencyCode ?? ""} product={product} />}
      />
    </Panel>
  );
}

function useColumns(order: GetOrderResponse, product: (id: string) => string): Column<OrderLine>[] {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor: bigint) => format.money(minor, order.summary?.currencyCode ?? "");
  const amount = (quantity: bigint, line: OrderLine) => (
    <span className={quantity === line.quantity - line.closedQuantity ? "" : "soft"}>{format.count(quantity)}</span>
  );
  const off = order.summary?.offMinor ?? 0n;
  const discount: Column<OrderLine> = {
    key: "off",
    title: t("order.off"),
    number: true,
    cell: (line) => (line.offMinor > 0n ? money(-line.offMinor) : <span className="soft">–</span>),
    footer: money(-off),
  };
  const taxes: Column<OrderLine> = {
    key: "tax",
    title: t("order.tax.line"),
    number: true,
    cell: (line) =>
      line.tax ? (
        <>
          <span className="soft">{taxWords(line.tax, t)}</span> {money(line.taxMinor)}
        </>
      ) : (
        <span className="soft">–</span>
      ),
    footer: money(sum(order.lines.map((line) => line.taxMinor))),
  };
  const disputed = sum(order.lines.map((line) => line.disputed));
  const differs: Column<OrderLine> = {
    key: "disputed",
    title: t("order.disputed"),
    number: true,
    cell: (line) => (line.disputed > 0n ? format.count(line.disputed) : <span className="soft">–</span>),
    footer: format.count(disputed),
  };
  const closedCount = sum(order.lines.map((line) => line.closedQuantity));
  const closed: Column<OrderLine> = {
    key: "closed",
    title: t("order.closed"),
    number: true,
    cell: (line) => (line.closedQuantity > 0n ? format.count(line.closedQuantity) : <span className="soft">–</span>),
    footer: format.count(closedCount),
  };
  return [
    { key: "no", title: "#", cell: (line) => line.lineNo },
    {
      key: "product",
      title: t("dimension.product"),
      cell: (line) => <LineName line={line} product={product} />,
      footer: t("table.total"),
    },
    {
      key: "price",
      title: t("order.price"),
      number: true,
      cell: (line) => (line.giftPromotionId ? <span className="soft">–</span> : `${money(line.unitPriceMinor)} / ${line.baseUnit}`),
    },
    {
      key: "quantity",
      title: t("order.quantity"),
      number: true,
      cell: (line) => format.count(line.quantity),
      footer: format.count(sum(order.lines.map((line) => line.quantity))),
    },
    { key: "shipped", title: t("order.shipped"), number: true, cell: (line) => amount(line.shipped, line) },
    { key: "received", title: t("order.received"), number: true, cell: (line) => amount(line.received, line) },
    ...(disputed > 0n ? [differs] : []),
    ...(closedCount > 0n ? [closed] : []),
    ...(off > 0n ? [discount] : []),
    ...(order.lines.some((line) => line.tax) ? [taxes] : []),
    {
      key: "net",
      title: t("order.net"),
      number: true,
      cell: (line) => money(netOf(line)),
      footer: money(order.summary?.netMinor ?? 0n),
    },
  ];
}

function LineName({ line, product }: { line: OrderLine; product: (id: string) => string }) {
  const { t } = useI18n();
  return (
    <>
      {line.giftPromotionId && <span className="tag tag-gift">{t("promotion.gift")}</span>} {line.productName || line.productId}
      {line.insteadOfProductId && (
        <span className="soft"> {t("promotion.instead", { name: product(line.insteadOfProductId) })}</span>
      )}
    </>
  );
}

interface CardProps {
  line: OrderLine;
  currency: string;
  product: (id: string) => string;
}

function LineCard({ line, currency, product }: CardProps) {
  const { t } = useI18n();
  const format = useFormat();
  const gift = line.giftPromotionId !== "";
  return (
    <>
      <span className="card-line">
        <strong>
          <LineName line={line} product={product} />
        </strong>
        <strong className="num">{format.money(netOf(line), currency)}</strong>
      </span>
      <span className="card-line soft">
        <span>
          {format.count(line.quantity)} {line.baseUnit}
          {!gift && ` × ${format.money(line.unitPriceMinor, currency)}`}
        </span>
        {line.offMinor > 0n && (
          <span className="num">
            {t("order.off")} {format.money(-line.offMinor, currency)}
          </span>
        )}
        {line.tax && (
          <span className="num">
            {t("order.tax")} {format.money(line.taxMinor, currency)}
          </span>
        )}
      </span>
      <span className="card-line soft">
        <span>
          {t("order.shipped")} {format.count(line.shipped)} · {t("order.received")} {format.count(line.received)}
          {line.disputed > 0n && ` · ${t("order.disputed")} ${format.count(line.disputed)}`}
          {line.closedQuantity > 0n && ` · ${t("order.closed")} ${format.count(line.closedQuantity)}`}
        </span>
      </span>
    </>
  );
}

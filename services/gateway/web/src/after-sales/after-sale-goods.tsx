import type { AfterSale, AfterSaleGoods } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { CauseTag } from "./marks";
import { PARTS } from "./return-form";
import { canReturn, expectedOf } from "./rules";

/** What a case is about, and what came back of it. */
export function AfterSaleGoodsPanel({ one }: { one: AfterSale }) {
  const { t } = useI18n();
  const format = useFormat();
  const dash = <span className="soft">–</span>;
  const back: Column<AfterSaleGoods>[] = PARTS.map((part) => ({
    key: part,
    title: t(`case.${part}`),
    number: true,
    cell: (goods) => (canReturn(goods) ? format.count(goods[part]) : dash),
  }));
  return (
    <Panel className="panel-flush" title={t("case.goods")}>
      <DataTable
        label={t("case.goods")}
        rows={one.lines}
        rowKey={(goods) => `${goods.lineNo}/${goods.cause}`}
        columns={[
          { key: "no", title: "#", cell: (goods) => goods.lineNo },
          { key: "product", title: t("dimension.product"), cell: (goods) => goods.productName || goods.productId },
          { key: "cause", title: t("case.cause"), cell: (goods) => <CauseTag cause={goods.cause} /> },
          { key: "quantity", title: t("order.quantity"), number: true, cell: (goods) => `${format.count(goods.quantity)} ${goods.baseUnit}` },
          ...(one.goodsReturn ? back : []),
          { key: "note", title: t("case.said"), cell: (goods) => <span className="wrap">{goods.note || dash}</span> },
        ]}
        card={(goods) => <Card goods={goods} returns={one.goodsReturn} />}
      />
    </Panel>
  );
}

function Card({ goods, returns }: { goods: AfterSaleGoods; returns: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  const parts = PARTS.filter((part) => goods[part] > 0).map((part) => `${t(`case.${part}`)} ${format.count(goods[part])}`);
  const open = expectedOf(goods);
  if (returns && canReturn(goods) && open > 0) parts.push(t("case.expected", { n: format.count(open), unit: goods.baseUnit }));
  return (
    <>
      <span className="card-line">
        <strong>{goods.productName || goods.productId}</strong>
        <strong className="num">
          {format.count(goods.quantity)} {goods.baseUnit}
        </strong>
      </span>
      <span className="card-line soft">
        <CauseTag cause={goods.cause} />
        {parts.length > 0 && <span className="card-detail">{parts.join(" · ")}</span>}
      </span>
      {goods.note && <span className="soft card-detail">{goods.note}</span>}
    </>
  );
}

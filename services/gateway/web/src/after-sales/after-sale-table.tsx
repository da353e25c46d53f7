import type { ReactNode } from "react";
import { nameOf } from "../funds/words";
import type { AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { CaseTag, CauseTag } from "./marks";
import { SETTLEMENTS } from "./words";

interface Props {
  cases: AfterSale[];
  /** Whether they are of one order, whose page this is. */
  ofOrder?: boolean;
  /** Absent where there is no page of a case. */
  onOpen?: (one: AfterSale) => void;
}

/** Cases with what they are about, and how they stand. */
export function AfterSaleTable({ cases, ofOrder = false, onOpen }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const own = isDealer(useUser());
  const id = (one: AfterSale) => <span className="mono">{one.afterSaleId}</span>;
  const whose: Column<AfterSale> = {
    key: "dealer",
    title: t("order.dealer"),
    cell: (one) => <TwoLines first={one.dealerName || one.dealerId} second={id(one)} />,
  };
  const number: Column<AfterSale> = { key: "id", title: t("case.number"), cell: id };
  const order: Column<AfterSale> = { key: "order", title: t("order.number"), cell: (one) => <span className="mono">{one.orderId}</span> };
  return (
    <DataTable
      label={t("nav.afterSales")}
      rows={cases}
      rowKey={(one) => one.afterSaleId}
      {...(onOpen && { onOpen })}
      columns={[
        ...(ofOrder ? [number] : own ? [number, order] : [whose, order]),
        { key: "status", title: t("order.status"), cell: (one) => <CaseTag status={one.status} /> },
        { key: "goods", title: t("case.goods"), cell: (one) => <Goods one={one} /> },
        { key: "quantity", title: t("order.quantity"), number: true, cell: (one) => format.count(unitsOf(one)) },
        { key: "outcome", title: t("case.outcome"), cell: (one) => <Outcome one={one} /> },
        { key: "asked", title: t("case.requestedAt"), cell: (one) => format.time(one.requestedAt) },
      ]}
      card={(one) => <Card one={one} named={!ofOrder && !own} ofOrder={ofOrder} />}
    />
  );
}

const unitsOf = ({ lines }: AfterSale) => lines.reduce((sum, { quantity }) => sum + quantity, 0);

function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <span className="two-lines narrow">
      <span className="nowrap">{first}</span>
      <span className="soft">{second}</span>
    </span>
  );
}

/** What it is about: the first goods, and how many more there are. */
function Goods({ one: { lines } }: { one: AfterSale }) {
  const { t } = useI18n();
  const [first] = lines;
  if (!first) return <>–</>;
  return (
    <span className="case-goods">
      <span>
        {first.productName || first.productId}
        {lines.length > 1 && <span className="soft"> {t("case.more", { n: lines.length })}</span>}
      </span>
      <CauseTag cause={first.cause} />
    </span>
  );
}

/** How it ended, or what the dealer would like. */
function Outcome({ one }: { one: AfterSale }) {
  const { t } = useI18n();
  const format = useFormat();
  const ended = nameOf(SETTLEMENTS, one.settlement);
  const wish = nameOf(SETTLEMENTS, one.wish);
  if (ended) {
    return (
      <span>
        {t(`case.settlement.${ended}`)}
        {one.amountMinor > 0n && <strong className="num"> {format.money(one.amountMinor, one.currencyCode)}</strong>}
      </span>
    );
  }
  return <span className="soft">{wish ? t("case.wishes", { what: t(`case.settlement.${wish}`) }) : "–"}</span>;
}

function Card({ one, named, ofOrder }: { one: AfterSale; named: boolean; ofOrder: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <span className="card-line">
        <strong>{named ? one.dealerName || one.dealerId : <span className="mono">{one.afterSaleId}</span>}</strong>
        <CaseTag status={one.status} />
      </span>
      <span className="card-line">
        <Goods one={one} />
        <span className="nowrap">{t("order.pieces", { n: format.count(unitsOf(one)) })}</span>
      </span>
      <span className="card-line soft">
        <span>{format.time(one.requestedAt)}</span>
        <Outcome one={one} />
      </span>
      {!ofOrder && (
        <span className="card-line soft">
          <span className="mono">{one.orderId}</span>
          {named && <span className="mono">{one.afterSaleId}</span>}
        </span>
      )}
    </>
  );
}

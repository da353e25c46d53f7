import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { formatShare } from "../format/number";
import type { QuerySalesResponse, SalesRow } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable, type Column } from "../ui/data-table";
import { Delta } from "../ui/delta";
import { useFormat } from "../ui/format";
import { remainder, ZERO } from "./figures";

const STEP = 100;

interface Props {
  label: string;
  head: string;
  answer: QuerySalesResponse;
  nameOf: (row: SalesRow) => ReactNode;
  onOpen?: (row: SalesRow) => void;
  more?: Column<SalesRow>[];
  comparedName?: string;
}

/** Exact figures that add up to the total under them, however much of the list is shown. */
export function SalesTable({ label, head, answer, nameOf, onOpen, more = [], comparedName }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const [shown, setShown] = useState(STEP);
  const rows = answer.rows.slice(0, shown);
  const total = answer.total?.figures ?? ZERO;
  const hidden = Number(answer.rowCount) - rows.length;
  const rest = remainder(rows, total);
  const money = (minor: bigint) => format.money(minor, answer.currencyCode);
  const compares = (answer.total?.compared?.orders ?? 0n) > 0n;

  const columns: Column<SalesRow>[] = [
    {
      key: "name",
      title: head,
      cell: nameOf,
      footer: (
        <>
          {rest && <div className="soft">{t("table.rest", { n: hidden })}</div>}
          <div>{t("table.total")}</div>
        </>
      ),
    },
    ...more,
    {
      key: "gross",
      title: t("measure.gross"),
      number: true,
      cell: (row) => money(row.figures?.grossMinor ?? 0n),
      footer: (
        <>
          {rest && <div className="soft">{money(rest.grossMinor)}</div>}
          <div data-total="gross">{money(total.grossMinor)}</div>
        </>
      ),
    },
    {
      key: "share",
      title: t("table.share"),
      number: true,
      cell: (row) => formatShare(row.figures?.grossMinor ?? 0n, total.grossMinor),
      footer: (
        <>
          {rest && <div className="soft">{formatShare(rest.grossMinor, total.grossMinor)}</div>}
          <div>{total.grossMinor === 0n ? "–" : "100.0%"}</div>
        </>
      ),
    },
    {
      key: "quantity",
      title: t("measure.quantity"),
      number: true,
      cell: (row) => format.count(row.figures?.quantity ?? 0n),
      footer: (
        <>
          {rest && <div className="soft">{format.count(rest.quantity)}</div>}
          <div>{format.count(total.quantity)}</div>
        </>
      ),
    },
    {
      key: "orders",
      title: t("measure.orders"),
      number: true,
      cell: (row) => format.count(row.figures?.orders ?? 0n),
      footer: (
        <>
          {rest && <div className="soft">&nbsp;</div>}
          <div>{format.count(total.orders)}</div>
        </>
      ),
    },
    {
      key: "average",
      title: t("measure.average"),
      number: true,
      cell: (row) => money(row.figures?.averageOrderMinor ?? 0n),
      footer: (
        <>
          {rest && <div className="soft">&nbsp;</div>}
          <div>{money(total.averageOrderMinor)}</div>
        </>
      ),
    },
  ];
  if (compares) {
    columns.push({
      key: "previous",
      title: comparedName ?? t("delta.previous"),
      number: true,
      cell: (row) =>
        row.compared ? (
          <Delta now={row.figures?.grossMinor ?? 0n} before={row.compared.grossMinor} />
        ) : (
          "–"
        ),
    });
  }
  return (
    <>
      <DataTable
        label={label}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.keys.map((key) => key.id).join("/")}
        {...(onOpen && { onOpen })}
      />
      {answer.rows.length > shown && (
        <Button type="text" block onClick={() => setShown((n) => n + STEP)}>
          {t("table.more", { n: answer.rows.length - shown })}
        </Button>
      )}
    </>
  );
}

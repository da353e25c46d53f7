import type { Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { AccountName, periodOf, StatementTag, Waiting } from "./statement-marks";

interface Props {
  statements: Statement[];
  onOpen: (statement: Statement) => void;
}

/** Statements with what they close with, and who is waited for. */
export function StatementTable({ statements, onOpen }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const own = isDealer(useUser());
  const id = (one: Statement) => <span className="mono">{one.statementId}</span>;
  const whose: Column<Statement> = {
    key: "dealer",
    title: t("order.dealer"),
    cell: (one) => (
      <span className="two-lines narrow">
        <span className="nowrap">{one.dealerName}</span>
        <span className="soft">{id(one)}</span>
      </span>
    ),
  };
  const money = (one: Statement, minor: bigint) => format.money(minor, one.currencyCode);
  return (
    <DataTable
      label={t("nav.statements")}
      rows={statements}
      rowKey={(one) => one.statementId}
      onOpen={onOpen}
      columns={[
        own ? { key: "id", title: t("stm.number"), cell: id } : whose,
        { key: "account", title: t("stm.account"), cell: (one) => <AccountName statement={one} /> },
        { key: "period", title: t("stm.period"), cell: (one) => <span className="nowrap">{periodOf(one)}</span> },
        {
          key: "status",
          title: t("order.status"),
          cell: (one) => (
            <span className="two-lines narrow">
              <span>
                <StatementTag statement={one} />
              </span>
              <Waiting statement={one} />
            </span>
          ),
        },
        { key: "opening", title: t("stm.opening"), number: true, cell: (one) => money(one, one.openingMinor) },
        { key: "closing", title: t("stm.closing"), number: true, cell: (one) => <strong>{money(one, one.closingMinor)}</strong> },
        { key: "overdue", title: t("stm.overdue"), number: true, cell: (one) => <Overdue one={one} /> },
        { key: "lines", title: t("stm.lines"), number: true, cell: (one) => format.count(one.lineCount) },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{own ? periodOf(one) : one.dealerName}</strong>
            <strong className="num">{money(one, one.closingMinor)}</strong>
          </span>
          <span className="card-line soft">
            <span>
              <AccountName statement={one} />
              {!own && ` · ${periodOf(one)}`}
            </span>
            <StatementTag statement={one} />
          </span>
          <span className="card-line soft">
            {id(one)}
            <Waiting statement={one} />
          </span>
        </>
      )}
    />
  );
}

function Overdue({ one: { overdueMinor, currencyCode } }: { one: Statement }) {
  const format = useFormat();
  return overdueMinor > 0n ? <span className="statement-late">{format.money(overdueMinor, currencyCode)}</span> : <span className="soft">–</span>;
}

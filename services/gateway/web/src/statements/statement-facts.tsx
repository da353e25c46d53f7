import type { ReactNode } from "react";
import { Link } from "react-router";
import { kindKey, signed } from "../funds/words";
import type { Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { useStatementsPath } from "./paths";
import { isDisputed, isOwed } from "./rules";
import { AccountName, periodOf, StatementTag, Waiting } from "./statement-marks";

type Fact = [string, ReactNode];

/** What it is about, what moved, and what is there in the end. */
export function StatementFacts({ statement }: { statement: Statement }) {
  const { t } = useI18n();
  const path = useStatementsPath();
  const other = (name: string, id: string): Fact[] =>
    id === "" ? [] : [[name, <Link key={id} className="mono" to={`${path}/${encodeURIComponent(id)}`}>{id}</Link>]];
  const facts: Fact[] = [
    [t("order.dealer"), statement.dealerName || statement.dealerId],
    [t("stm.account"), <AccountName key="account" statement={statement} />],
    [t("stm.period"), <span key="period" className="nowrap">{periodOf(statement)}</span>],
    ...other(t("stm.follows"), statement.follows),
    ...other(t("stm.replaces"), statement.replaces),
    ...other(t("stm.replacedBy"), statement.replacedBy),
    [t("stm.digest"), <span key="digest" className="mono soft" title={statement.digest}>{statement.digest.slice(0, 16)}</span>],
  ];
  return (
    <div className="statement-facts">
      <p className="statement-marks">
        <StatementTag statement={statement} /> <Waiting statement={statement} />
      </p>
      {isDisputed(statement) && <Disputed statement={statement} />}
      <StatementTotals statement={statement} />
      <FactList facts={facts} />
    </div>
  );
}

function Disputed({ statement: { disputed } }: { statement: Statement }) {
  const { t } = useI18n();
  return (
    <div className="hold-notice" data-disputed>
      <strong>{t("stm.disputed")}</strong>
      {disputed.map(({ position, reason }) => (
        <span key={String(position)} className="wrap">
          {position === undefined ? t("stm.dispute.whole") : `#${position}`}: {reason}
        </span>
      ))}
    </div>
  );
}

/** From the opening by what moved to the closing: it adds up before the reader's eyes. */
export function StatementTotals({ statement }: { statement: Statement }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor: bigint) => format.money(minor, statement.currencyCode);
  const owed = isOwed(statement);
  const { sums, account, openingMinor, closingMinor, openingHeldMinor, closingHeldMinor, overdueMinor, overdueDays } = statement;
  return (
    <table className="statement-totals" aria-label={t("stm.totals")}>
      <thead>
        <tr>
          <td />
          <th scope="col" className="num">{t(owed ? "funds.receivable" : "stm.balance")}</th>
          <th scope="col" className="num">{t("stm.held")}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t(owed ? "stm.opening.owed" : "stm.opening")}</th>
          <td className="num">{money(openingMinor)}</td>
          <td className="num">{money(openingHeldMinor)}</td>
        </tr>
        {sums.map(({ kind, count, changeMinor, heldChangeMinor }) => (
          <tr key={kind}>
            <th scope="row">{t("stm.sum", { kind: t(kindKey(kind, account)), n: count })}</th>
            <td className="num">{changeMinor === 0n ? "–" : signed(changeMinor, money)}</td>
            <td className="num">{heldChangeMinor === 0n ? "–" : signed(heldChangeMinor, money)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr data-closing>
          <th scope="row">{t(owed ? "stm.closing.owed" : "stm.closing")}</th>
          <td className="num">{money(closingMinor)}</td>
          <td className="num">{money(closingHeldMinor)}</td>
        </tr>
        {overdueMinor > 0n && (
          <tr className="statement-late">
            <th scope="row">{t("stm.overdue")}</th>
            <td className="num" colSpan={2}>
              {t("stm.overdue.days", { money: money(overdueMinor), n: overdueDays })}
            </td>
          </tr>
        )}
      </tfoot>
    </table>
  );
}

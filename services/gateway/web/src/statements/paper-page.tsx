import { Button } from "antd";
import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { kindKey, signed } from "../funds/words";
import type { FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import { StatementQueryService, type Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useBrand } from "../session/brand";
import { useUser } from "../session/session";
import { everyRow } from "../tables/every-row";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { Page } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import { AccountName, periodOf, StatementTag } from "./statement-marks";
import { StatementTotals } from "./statement-facts";
import "./statements.css";

/** A statement with all its lines, as a sheet of paper that both sign. */
export default function PaperPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const statements = useClient(StatementQueryService);
  const query = useQuery(`statement-paper/${id}`, async (signal) => {
    const { statement } = await statements.getStatement({ statementId: id }, { signal });
    const { rows } = await everyRow(
      (page, now) => statements.listStatementLines({ page, statementId: id }, { signal: now }),
      (part) => part.lines,
      { signal },
    );
    return { statement, lines: rows };
  });
  return (
    <main id="content" className="paper">
      <Page
        title={t("stm.of", { id })}
        extra={
          <Button type="primary" className="no-print" disabled={!query.data} onClick={() => window.print()}>
            {t("stm.paper")}
          </Button>
        }
      >
        <p className="back no-print">
          <Link to={`/statements/${encodeURIComponent(id)}`}>‹ {t("stm.paper.back")}</Link>
        </p>
        <QueryView query={query} skeleton={<Loading rows={8} />}>
          {({ statement, lines }) => statement && <Sheet statement={statement} lines={lines} />}
        </QueryView>
      </Page>
    </main>
  );
}

function Sheet({ statement, lines }: { statement: Statement; lines: FundsEntry[] }) {
  const { t } = useI18n();
  const user = useUser();
  const { look } = useBrand();
  return (
    <div className="paper-sheet" role="region" aria-label={t("stm.of", { id: statement.statementId })} tabIndex={0}>
      <FactList
        facts={[
          [t("stm.paper.brand"), look?.name || user.tenantName || user.tenantId],
          [t("order.dealer"), statement.dealerName || statement.dealerId],
          [t("stm.account"), <AccountName key="account" statement={statement} />],
          [t("stm.period"), periodOf(statement)],
          [t("order.status"), <StatementTag key="status" statement={statement} />],
        ]}
      />
      <StatementTotals statement={statement} />
      <Lines statement={statement} lines={lines} />
      <p className="soft paper-digest">
        {t("stm.digest")} <span className="mono">{statement.digest}</span>
      </p>
      <p className="paper-signs">
        <span>{t("stm.paper.sign.brand")}</span>
        <span>{t("stm.paper.sign.dealer")}</span>
        <span>{t("stm.paper.sign.date")}</span>
      </p>
    </div>
  );
}

function Lines({ statement: { currencyCode }, lines }: { statement: Statement; lines: FundsEntry[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor: bigint) => format.money(minor, currencyCode);
  const change = (minor: bigint) => (minor === 0n ? "–" : signed(minor, money));
  return (
    <table className="paper-lines">
      <thead>
        <tr>
          <th scope="col">{t("funds.entry.time")}</th>
          <th scope="col">{t("funds.entry.kind")}</th>
          <th scope="col">{t("funds.entry.source")}</th>
          <th scope="col" className="num">{t("funds.entry.change")}</th>
          <th scope="col" className="num">{t("funds.entry.held")}</th>
          <th scope="col" className="num">{t("funds.entry.balance")}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.position.toString()}>
            <td className="nowrap">{format.time(line.occurredAt)}</td>
            <td>{t(kindKey(line.kind, line.account))}</td>
            <td>{[line.orderId, line.remittanceId, line.ofDealerName, line.reason].filter(Boolean).join(" · ")}</td>
            <td className="num">{change(line.changeMinor)}</td>
            <td className="num">{change(line.heldChangeMinor)}</td>
            <td className="num">{money(line.balanceMinor ?? 0n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

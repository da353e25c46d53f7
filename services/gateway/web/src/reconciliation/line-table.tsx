import type { ReactNode } from "react";
import type { BankLine } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { LineTag } from "./marks";

interface Props {
  lines: BankLine[];
  actions: ((line: BankLine) => ReactNode) | undefined;
}

/** What the bank has, and what it is. */
export function LineTable({ lines, actions }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const amount = (one: BankLine) => <strong className="num">{format.money(one.amountMinor, one.currencyCode)}</strong>;
  const reference = (one: BankLine) => <span className="mono">{one.bankReference}</span>;
  return (
    <DataTable
      label={t("recon.lines")}
      rows={lines}
      rowKey={(one) => one.lineId}
      columns={[
        { key: "day", title: t("recon.day"), cell: (one) => <TwoLines first={one.bookedOn} second={<span className="mono">{one.bankAccount}</span>} /> },
        { key: "reference", title: t("recon.reference"), cell: (one) => <TwoLines first={reference(one)} second={one.memo} /> },
        { key: "payer", title: t("recon.payer"), cell: (one) => <TwoLines first={one.payerName || "–"} second={<span className="mono">{one.payerAccount}</span>} /> },
        { key: "amount", title: t("recon.amount"), number: true, cell: amount },
        { key: "status", title: t("order.status"), cell: (one) => <LineTag status={one.status} /> },
        { key: "what", title: t("recon.what"), cell: (one) => <What line={one} /> },
      ]}
      {...(actions && { actions })}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{one.payerName || one.memo || one.bankReference}</strong>
            {amount(one)}
          </span>
          <span className="card-line soft">
            <span>{one.bookedOn}</span>
            <LineTag status={one.status} />
          </span>
          <span className="card-line soft">
            {reference(one)}
            <What line={one} />
          </span>
        </>
      )}
    />
  );
}

function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <span className="two-lines narrow">
      <span className="nowrap">{first}</span>
      {second && <span className="soft wrap">{second}</span>}
    </span>
  );
}

/** The remittance, with what was reported where that is another amount, and another dealer's that claims the line, too; or why it is none. */
function What({ line: { remittanceId, rivalRemittanceId, dealerName, reportedMinor, amountMinor, currencyCode, reason } }: { line: BankLine }) {
  const { t } = useI18n();
  const format = useFormat();
  if (remittanceId === "") return <span className="soft wrap">{reason || "–"}</span>;
  return (
    <span className="two-lines narrow">
      <span className="nowrap">{dealerName}</span>
      <span className="soft mono">{remittanceId}</span>
      {reportedMinor !== 0n && reportedMinor !== amountMinor && (
        <span className="soft wrap">{t("recon.reported", { money: format.money(reportedMinor, currencyCode) })}</span>
      )}
      {rivalRemittanceId !== "" && <span className="soft wrap">{t("recon.rival", { id: rivalRemittanceId })}</span>}
    </span>
  );
}

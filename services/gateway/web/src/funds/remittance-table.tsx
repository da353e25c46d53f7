import type { ReactNode } from "react";
import type { Remittance } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { usePersonNames } from "../promotions/use-person-names";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { RemittanceTag } from "./remittance-status";
import { nameOf, PURPOSES } from "./words";

interface Props {
  remittances: Remittance[];
  /** Whether they are of one dealer, whose page this is. */
  ofOne: boolean;
  actions: ((remittance: Remittance) => ReactNode) | undefined;
}

/** Money that was sent, by whom it was reported and what came of it. */
export function RemittanceTable({ remittances, ofOne, actions }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const person = usePersonNames(remittances.flatMap(({ reportedBy, decidedBy }) => [reportedBy, decidedBy]));
  const number = (one: Remittance) => <span className="mono">{one.remittanceId}</span>;
  const whose: Column<Remittance> = ofOne
    ? { key: "id", title: t("remit.number"), cell: number }
    : { key: "dealer", title: t("order.dealer"), cell: (one) => <TwoLines first={one.dealerName} second={number(one)} /> };
  return (
    <DataTable
      label={t("funds.tab.remittances")}
      rows={remittances}
      rowKey={(one) => one.remittanceId}
      columns={[
        whose,
        { key: "status", title: t("order.status"), cell: (one) => <Outcome remittance={one} person={person} /> },
        { key: "purpose", title: t("remit.purpose"), cell: (one) => <Purpose remittance={one} /> },
        { key: "amount", title: t("remit.amount"), number: true, cell: (one) => <Amount remittance={one} /> },
        { key: "reference", title: t("remit.reference"), cell: (one) => <Reference remittance={one} /> },
        { key: "paid", title: t("remit.paidOn"), cell: (one) => one.paidOn },
        {
          key: "reported",
          title: t("remit.reportedBy"),
          cell: (one) => <TwoLines first={format.time(one.reportedAt)} second={person(one.reportedBy)} />,
        },
      ]}
      {...(actions && { actions })}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{ofOne ? <Purpose remittance={one} /> : one.dealerName}</strong>
            <Amount remittance={one} />
          </span>
          <span className="card-line soft">
            <span>
              {!ofOne && (
                <>
                  <Purpose remittance={one} /> ·{" "}
                </>
              )}
              {one.paidOn}
            </span>
            <Outcome remittance={one} person={person} />
          </span>
          <span className="card-line soft">
            <Reference remittance={one} />
            <span className="mono">{one.remittanceId}</span>
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
      <span className="soft">{second}</span>
    </span>
  );
}

function Purpose({ remittance: { purpose } }: { remittance: Remittance }) {
  const { t } = useI18n();
  const name = nameOf(PURPOSES, purpose);
  return <>{name ? t(`remit.purpose.${name}`) : "–"}</>;
}

/** What has arrived, and what was reported where that is something else. */
function Amount({ remittance: { amountMinor, receivedMinor, currencyCode } }: { remittance: Remittance }) {
  const { t } = useI18n();
  const format = useFormat();
  const other = receivedMinor !== 0n && receivedMinor !== amountMinor;
  return (
    <span className="num">
      <strong>{format.money(other ? receivedMinor : amountMinor, currencyCode)}</strong>
      {other && <span className="soft credit-note">{t("remit.reported.n", { money: format.money(amountMinor, currencyCode) })}</span>}
    </span>
  );
}

function Reference({ remittance: { bankReference, note } }: { remittance: Remittance }) {
  return (
    <span className="two-lines narrow">
      <span className="mono">{bankReference}</span>
      {note && <span className="soft wrap">{note}</span>}
    </span>
  );
}

function Outcome({ remittance: { status, reason, decidedBy, decidedAt }, person }: { remittance: Remittance; person: (id: string) => string }) {
  const format = useFormat();
  return (
    <span className="two-lines narrow">
      <span>
        <RemittanceTag status={status} />
      </span>
      {reason && <span className="soft wrap">{reason}</span>}
      {decidedBy && (
        <span className="soft">
          {person(decidedBy)} · {format.time(decidedAt)}
        </span>
      )}
    </span>
  );
}

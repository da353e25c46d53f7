import type { ReactNode } from "react";
import type { BillTotals } from "../gen/qudao/order/v1/provider_bill_service_pb";
import type { ListedDifference, ProviderBill } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { ProviderMark } from "../payments/payment-marks";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { DifferenceKind, DifferenceTag } from "./marks";

/** Bills day by day: what came in and went back, by both. */
export function BillTable({ bills }: { bills: ProviderBill[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const both = ({ there, here, currencyCode }: ProviderBill, pick: (totals: BillTotals) => bigint) => {
    const [theirs, ours] = [there ? pick(there) : 0n, here ? pick(here) : 0n];
    return (
      <span className="num">
        <strong>{format.money(theirs, currencyCode)}</strong>
        {theirs !== ours && <span className="soft credit-note">{t("recon.here.n", { money: format.money(ours, currencyCode) })}</span>}
      </span>
    );
  };
  const open = (bill: ProviderBill) =>
    bill.openCount > 0 ? <span className="tag tag-difference-open">{t("recon.open.n", { n: format.count(bill.openCount) })}</span> : <span className="soft">{t("recon.allFine")}</span>;
  return (
    <DataTable
      label={t("recon.bills.days")}
      rows={bills}
      rowKey={(one) => one.billId}
      columns={[
        { key: "day", title: t("recon.day"), cell: (one) => one.day },
        { key: "provider", title: t("online.provider"), cell: (one) => <ProviderMark provider={one.provider} /> },
        { key: "merchant", title: t("recon.merchant"), cell: (one) => <span className="mono">{one.merchant}</span> },
        { key: "paid", title: t("recon.paid"), number: true, cell: (one) => both(one, (it) => it.paidMinor) },
        { key: "back", title: t("recon.back"), number: true, cell: (one) => both(one, (it) => it.refundedMinor) },
        { key: "fee", title: t("recon.fee"), number: true, cell: (one) => format.money(one.feeMinor, one.currencyCode) },
        { key: "open", title: t("recon.differences"), cell: open },
        { key: "compared", title: t("recon.comparedAt"), cell: (one) => format.time(one.comparedAt) },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{one.day}</strong>
            {both(one, (it) => it.paidMinor)}
          </span>
          <span className="card-line soft">
            <ProviderMark provider={one.provider} />
            {open(one)}
          </span>
        </>
      )}
    />
  );
}

interface Props {
  differences: ListedDifference[];
  actions: ((one: ListedDifference) => ReactNode) | undefined;
}

export function DifferenceTable({ differences, actions }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor: bigint | undefined, currency: string) => (minor === undefined ? "–" : format.money(minor, currency));
  const number = ({ difference }: ListedDifference) => <span className="mono">{difference?.refund || difference?.payment || difference?.transaction || "–"}</span>;
  const kind = ({ difference }: ListedDifference) => difference && <DifferenceKind kind={difference.kind} isRefund={difference.isRefund} />;
  return (
    <DataTable
      label={t("recon.differences")}
      rows={differences}
      rowKey={(one) => `${one.billId}/${one.difference?.differenceId}`}
      columns={[
        { key: "day", title: t("recon.day"), cell: (one) => one.day },
        { key: "provider", title: t("online.provider"), cell: (one) => <ProviderMark provider={one.provider} /> },
        { key: "kind", title: t("recon.kind"), cell: kind },
        { key: "number", title: t("recon.number"), cell: number },
        { key: "there", title: t("recon.there"), number: true, cell: (one) => money(one.difference?.thereMinor, one.currencyCode) },
        { key: "here", title: t("recon.here"), number: true, cell: (one) => money(one.difference?.hereMinor, one.currencyCode) },
        {
          key: "status",
          title: t("order.status"),
          cell: (one) => (
            <span className="two-lines narrow">
              <span>
                <DifferenceTag status={one.status} />
              </span>
              {one.reason && <span className="soft wrap">{one.reason}</span>}
            </span>
          ),
        },
      ]}
      {...(actions && { actions })}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{kind(one)}</strong>
            <DifferenceTag status={one.status} />
          </span>
          <span className="card-line soft">
            {number(one)}
            <span>{one.day}</span>
          </span>
          <span className="card-line soft">
            <span>
              {t("recon.there")} {money(one.difference?.thereMinor, one.currencyCode)}
            </span>
            <span>
              {t("recon.here")} {money(one.difference?.hereMinor, one.currencyCode)}
            </span>
          </span>
        </>
      )}
    />
  );
}

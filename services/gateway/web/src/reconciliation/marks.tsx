import { nameOf } from "../funds/words";
import type { BillDifferenceKind } from "../gen/qudao/order/v1/provider_bill_service_pb";
import type { BankLineStatus, BillDifferenceStatus } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DIFFERENCES, KINDS, LINES } from "./words";

export function LineTag({ status }: { status: BankLineStatus }) {
  const { t } = useI18n();
  const name = nameOf(LINES, status);
  return <span className={`tag tag-line-${name ?? "unknown"}`}>{t(name ? `recon.line.${name}` : "status.unknown")}</span>;
}

export function DifferenceTag({ status }: { status: BillDifferenceStatus }) {
  const { t } = useI18n();
  const name = nameOf(DIFFERENCES, status);
  return <span className={`tag tag-difference-${name ?? "unknown"}`}>{t(name ? `recon.difference.${name}` : "status.unknown")}</span>;
}

export function DifferenceKind({ kind, isRefund }: { kind: BillDifferenceKind; isRefund: boolean }) {
  const { t } = useI18n();
  const name = nameOf(KINDS, kind);
  return (
    <>
      {t(name ? `recon.kind.${name}` : "status.unknown")} · {t(isRefund ? "recon.refund" : "recon.payment")}
    </>
  );
}

import type { Credit } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { creditLeft, creditShares } from "./amounts";

const PARTS = ["overdue", "receivable", "reserved"] as const;

/** How much of the credit is taken, and by what; the rest of the bar is what is left. */
export function CreditBar({ credit }: { credit: Credit }) {
  const { t } = useI18n();
  const format = useFormat();
  const shares = creditShares(credit);
  const { receivableMinor, reservedMinor, overdueMinor, currencyCode } = credit;
  const money = (minor: bigint) => format.money(minor, currencyCode);
  const words = t("funds.bar", {
    receivable: money(receivableMinor),
    overdue: money(overdueMinor),
    reserved: money(reservedMinor),
    available: money(creditLeft(credit)),
  });
  return (
    <span className="credit-bar" role="img" aria-label={words} title={words}>
      {PARTS.map((part) => (
        <span key={part} className={`credit-${part}`} style={{ width: `${shares[part]}%` }} />
      ))}
    </span>
  );
}

// Amounts of credit and money: as people type them, and as a bar shows them.
import { parseDecimal, showDecimal } from "../format/decimal";
import { currencyDigits } from "../format/money";
import type { Credit, DealerFunds } from "../gen/qudao/order/v1/funds_query_service_pb";

/** What one command moves at most, in the smallest unit of the currency. */
const MOST_MINOR = 1_000_000_000_000n;

/** An amount that the contract takes; of a limit, `least` is 0. */
export function parseAmount(text: string, currency: string, least = 1n): bigint | undefined {
  const amount = parseDecimal(text, currencyDigits(currency));
  return amount !== undefined && amount >= least && amount <= MOST_MINOR ? amount : undefined;
}

export function typedAmount(minor: bigint, currency: string): string {
  return showDecimal(minor, currencyDigits(currency));
}

/** How much credit there is today, and how much of it is taken. */
export function creditTotal({ limitMinor, temporaryMinor }: Credit): bigint {
  return limitMinor + temporaryMinor;
}

export function creditUsed({ receivableMinor, reservedMinor }: Credit): bigint {
  return receivableMinor + reservedMinor;
}

export interface CreditShares {
  overdue: number;
  receivable: number;
  reserved: number;
}

/** Parts of the bar in percent; what is taken beyond the limit makes the whole larger. */
export function creditShares(credit: Credit): CreditShares {
  const [total, used] = [creditTotal(credit), creditUsed(credit)];
  const whole = used > total ? used : total;
  const share = (part: bigint) => (whole > 0n ? Number((part * 1000n) / whole) / 10 : 0);
  const { overdueMinor, receivableMinor, reservedMinor } = credit;
  return { overdue: share(overdueMinor), receivable: share(receivableMinor - overdueMinor), reserved: share(reservedMinor) };
}

/** Of the dealer's own account, and not of another one's that it draws on. */
export function ownCredit({ credit }: DealerFunds): Credit | undefined {
  return credit && credit.ofDealerId === "" ? credit : undefined;
}

export function isBlocked(credit: Credit | undefined): boolean {
  return credit !== undefined && credit.blockedReason !== "";
}

/** What orders can still take: nothing while no more credit is given. */
export function creditLeft(credit: Credit | undefined): bigint {
  return credit && !isBlocked(credit) ? credit.availableMinor : 0n;
}

/** The money that a dealer's accounts are in; of one without any, what the brand sells in. */
export function currencyOf({ credit, currencyCode }: DealerFunds, usual: string): string {
  return credit?.currencyCode || currencyCode || usual;
}

// From what an order is paid, and what people choose of it.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { creditLeft } from "../funds/amounts";
import type { DealerFunds } from "../gen/qudao/order/v1/funds_query_service_pb";
import { CreditStanding, HoldReason, type OrderPayment, type PaymentChoiceSchema, type QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import type { Key } from "../i18n/i18n";

/** In the order in which they are used. */
export const SOURCES = ["rebate", "prepaid", "credit"] as const;

export type Source = (typeof SOURCES)[number];

export type Amounts = Record<Source, bigint>;

/** What is sent of a choice; nothing where all that is there is used. */
export function choiceOf(without: Source[] = []): { payment?: MessageInitShape<typeof PaymentChoiceSchema> } {
  if (without.length === 0) return {};
  const left = (source: Source) => without.includes(source);
  return { payment: { withoutRebate: left("rebate"), withoutPrepaid: left("prepaid"), withoutCredit: left("credit") } };
}

/** In one order, whichever was left out first: what is chosen, and not how, tells attempts apart. */
export function withSource(without: Source[], source: Source, used: boolean): Source[] {
  return SOURCES.filter((one) => (one === source ? !used : without.includes(one)));
}

export function usedOf({ rebateMinor, prepaidMinor, creditMinor }: OrderPayment): Amounts {
  return { rebate: rebateMinor, prepaid: prepaidMinor, credit: creditMinor };
}

export function availableFor(quote: QuoteOrderResponse): Amounts {
  return { rebate: quote.rebateAvailableMinor, prepaid: quote.prepaidAvailableMinor, credit: quote.creditAvailableMinor };
}

export function availableOf({ rebate, prepaid, credit }: DealerFunds): Amounts {
  return {
    rebate: rebate?.availableMinor ?? 0n,
    prepaid: prepaid?.availableMinor ?? 0n,
    // Whether payments are too late is for the order to judge.
    credit: creditLeft(credit),
  };
}

/** What there is anything to choose about: what is there, is used, or was left out. */
export function offered(available: Amounts, used: Amounts | undefined, without: Source[]): Source[] {
  return SOURCES.filter((one) => available[one] > 0n || (used?.[one] ?? 0n) > 0n || without.includes(one));
}

export function isOnHold(payment: OrderPayment | undefined): boolean {
  return payment?.creditStanding === CreditStanding.ON_HOLD;
}

export function openMinor(payment: OrderPayment | undefined): bigint {
  return payment?.openMinor ?? 0n;
}

/** What can be paid of an order: what is open, and credit that it waits for. */
export function dueMinor(payment: OrderPayment | undefined): bigint {
  return openMinor(payment) + (payment && isOnHold(payment) ? payment.creditMinor : 0n);
}

const REASONS = new Map<HoldReason, Key>([
  [HoldReason.OVER_LIMIT, "pay.reason.overLimit"],
  [HoldReason.OVERDUE, "pay.reason.overdue"],
  [HoldReason.BLOCKED, "pay.reason.blocked"],
]);

/** Why an order waits for credit, as far as this page knows the words for it. */
export function holdReasons({ holdReasons: reasons }: Pick<OrderPayment, "holdReasons">): Key[] {
  return reasons.flatMap((reason) => REASONS.get(reason) ?? []);
}

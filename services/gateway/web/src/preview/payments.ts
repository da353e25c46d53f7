// What orders of the made-up brand are paid from.
import { create } from "@bufbuild/protobuf";
import { CreditStanding, HoldReason, OrderPaymentSchema, type OrderPayment, type PaymentChoice } from "../gen/qudao/order/v1/order_service_pb";
import { dealerFunds } from "./funds";
import type { DemoFunds } from "./funds-world";
import type { World } from "./world";

const least = (a: bigint, b: bigint) => (a < b ? a : b);

export interface DemoMeans {
  rebateAvailableMinor: bigint;
  prepaidAvailableMinor: bigint;
  creditAvailableMinor: bigint;
}

export function meansOf(world: World, funds: DemoFunds, dealerId: string, net: bigint): DemoMeans {
  const { rebate, prepaid, credit } = dealerFunds(world, funds, dealerId);
  return {
    rebateAvailableMinor: least(rebate.availableMinor, (net * BigInt(funds.rules.rebateSharePercent)) / 100n),
    prepaidAvailableMinor: prepaid.availableMinor,
    creditAvailableMinor: credit?.availableMinor ?? 0n,
  };
}

/** Nothing where the brand is paid elsewhere. */
export function paymentOf(world: World, funds: DemoFunds, dealerId: string, net: bigint, choice: PaymentChoice | undefined): OrderPayment | undefined {
  if (!funds.rules.settledHere) return undefined;
  const { rebateAvailableMinor, prepaidAvailableMinor, creditAvailableMinor } = meansOf(world, funds, dealerId, net);
  const { credit } = dealerFunds(world, funds, dealerId);
  const rebateMinor = choice?.withoutRebate ? 0n : least(rebateAvailableMinor, net);
  const prepaidMinor = choice?.withoutPrepaid ? 0n : least(prepaidAvailableMinor, net - rebateMinor);
  const rest = net - rebateMinor - prepaidMinor;
  const onCredit = credit !== undefined && credit.limitMinor > 0n && !choice?.withoutCredit ? rest : 0n;
  const missing = onCredit > creditAvailableMinor ? onCredit - creditAvailableMinor : 0n;
  const late = (credit?.overdueDays ?? 0) > (funds.rules.overdueGraceDays ?? 365);
  const blocked = (credit?.blockedReason ?? "") !== "";
  const reasons = [
    ...(blocked ? [HoldReason.BLOCKED] : []),
    ...(late ? [HoldReason.OVERDUE] : []),
    ...(missing > 0n && !blocked ? [HoldReason.OVER_LIMIT] : []),
  ];
  const { NOT_NEEDED, RESERVED, ON_HOLD } = CreditStanding;
  const held = onCredit > 0n && reasons.length > 0;
  return create(OrderPaymentSchema, {
    rebateMinor, prepaidMinor, creditMinor: onCredit, openMinor: rest - onCredit,
    creditStanding: onCredit === 0n ? NOT_NEEDED : held ? ON_HOLD : RESERVED,
    holdReasons: held ? reasons : [], missingCreditMinor: held ? missing : 0n,
  });
}

/** An order costs so much less; what was taken last goes back first. */
export function payLess(payment: OrderPayment, minor: bigint) {
  let left = minor;
  for (const part of ["onlineMinor", "creditMinor", "prepaidMinor", "rebateMinor"] as const) {
    const back = least(payment[part], left);
    payment[part] -= back;
    left -= back;
  }
  if (payment.creditMinor === 0n) payment.creditStanding = CreditStanding.NOT_NEEDED;
}

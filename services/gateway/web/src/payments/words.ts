// What enums of the contract are called here: in addresses, in texts and in class names.
import { PaymentClosure, PaymentMismatch, PaymentStatus, RefundStatus } from "../gen/qudao/order/v1/payment_query_service_pb";
import { ParkedVerdict, PaymentProvider, PaymentScene } from "../gen/qudao/order/v1/payment_service_pb";

/** The read model behind all lists of payments. */
export const PAYMENTS = "payments";

export const STATUSES = {
  starting: PaymentStatus.STARTING,
  waiting: PaymentStatus.WAITING,
  captured: PaymentStatus.CAPTURED,
  parked: PaymentStatus.PARKED,
  refunding: PaymentStatus.REFUNDING,
  partlyRefunded: PaymentStatus.PARTLY_REFUNDED,
  refunded: PaymentStatus.REFUNDED,
  refundFailed: PaymentStatus.REFUND_FAILED,
  closed: PaymentStatus.CLOSED,
} as const;

export const REFUNDS = {
  asked: RefundStatus.ASKED,
  done: RefundStatus.DONE,
  failed: RefundStatus.FAILED,
  replaced: RefundStatus.REPLACED,
} as const;

export const PROVIDERS = {
  wechat: PaymentProvider.WECHAT_PAY,
  alipay: PaymentProvider.ALIPAY,
} as const;

export const SCENES = {
  code: PaymentScene.CODE,
  phone: PaymentScene.PHONE,
} as const;

export const CLOSURES = {
  expired: PaymentClosure.EXPIRED,
  withdrawn: PaymentClosure.WITHDRAWN,
  refused: PaymentClosure.REFUSED,
} as const;

export const MISMATCHES = {
  amount: PaymentMismatch.AMOUNT,
  currency: PaymentMismatch.CURRENCY,
  paidTwice: PaymentMismatch.PAID_TWICE,
} as const;

export const VERDICTS = {
  take: ParkedVerdict.TAKE,
  giveBack: ParkedVerdict.GIVE_BACK,
  dismiss: ParkedVerdict.DISMISS,
} as const;

export type StatusName = keyof typeof STATUSES;
export type ProviderName = keyof typeof PROVIDERS;
export type VerdictName = keyof typeof VERDICTS;

// What enums of the contract are called here: in addresses, in texts and in class names.
import { AfterSaleStatus } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleCause, AfterSaleSettlement } from "../gen/qudao/order/v1/after_sale_service_pb";
import { DifferenceKind } from "../gen/qudao/order/v1/order_service_pb";

/** The read model behind all lists of cases. */
export const AFTER_SALES = "after_sales";

export const STATUSES = {
  requested: AfterSaleStatus.REQUESTED,
  awaitingReturn: AfterSaleStatus.AWAITING_RETURN,
  inTransit: AfterSaleStatus.IN_TRANSIT,
  partlyReturned: AfterSaleStatus.PARTLY_RETURNED,
  toSettle: AfterSaleStatus.TO_SETTLE,
  settled: AfterSaleStatus.SETTLED,
  refused: AfterSaleStatus.REFUSED,
  withdrawn: AfterSaleStatus.WITHDRAWN,
} as const;

/** What people ask for most comes first. */
export const CAUSES = {
  quality: AfterSaleCause.QUALITY,
  damaged: AfterSaleCause.DAMAGED,
  wrongGoods: AfterSaleCause.WRONG_GOODS,
  short: AfterSaleCause.SHORT,
  nearExpiry: AfterSaleCause.NEAR_EXPIRY,
  unsold: AfterSaleCause.UNSOLD,
  other: AfterSaleCause.OTHER,
} as const;

export const SETTLEMENTS = {
  creditNote: AfterSaleSettlement.CREDIT_NOTE,
  refund: AfterSaleSettlement.REFUND,
  replacement: AfterSaleSettlement.REPLACEMENT,
  writeOff: AfterSaleSettlement.WRITE_OFF,
} as const;

export const DIFFERENCES = {
  short: DifferenceKind.SHORT,
  damaged: DifferenceKind.DAMAGED,
  wrongGoods: DifferenceKind.WRONG_GOODS,
} as const;

export type StatusName = keyof typeof STATUSES;
export type CauseName = keyof typeof CAUSES;
export type SettlementName = keyof typeof SETTLEMENTS;
export type DifferenceName = keyof typeof DIFFERENCES;

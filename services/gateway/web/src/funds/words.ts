// What enums of the contract are called here: in addresses, in texts and in class names.
import { FundsAccount, FundsEntryKind, FundsFilter, RemittanceStatus } from "../gen/qudao/order/v1/funds_query_service_pb";
import { RemittancePurpose } from "../gen/qudao/order/v1/remittance_service_pb";
import type { Key } from "../i18n/i18n";

/** The read model behind all lists of credit and money. */
export const FUNDS = "funds";

export const FILTERS = {
  withCredit: FundsFilter.WITH_CREDIT,
  overdue: FundsFilter.OVERDUE,
  nearlyUsed: FundsFilter.NEARLY_USED,
  blocked: FundsFilter.BLOCKED,
} as const;

export const ACCOUNTS = {
  credit: FundsAccount.CREDIT,
  prepaid: FundsAccount.PREPAID,
  rebate: FundsAccount.REBATE,
} as const;

export const REMITTANCES = {
  reported: RemittanceStatus.REPORTED,
  confirmed: RemittanceStatus.CONFIRMED,
  rejected: RemittanceStatus.REJECTED,
} as const;

export const PURPOSES = {
  topUp: RemittancePurpose.TOP_UP,
  repayment: RemittancePurpose.REPAYMENT,
} as const;

const KINDS = {
  topUp: FundsEntryKind.TOP_UP,
  grant: FundsEntryKind.GRANT,
  deduction: FundsEntryKind.DEDUCTION,
  payBack: FundsEntryKind.PAY_BACK,
  hold: FundsEntryKind.HOLD,
  release: FundsEntryKind.RELEASE,
  capture: FundsEntryKind.CAPTURE,
  repayment: FundsEntryKind.REPAYMENT,
  limit: FundsEntryKind.LIMIT,
  temporary: FundsEntryKind.TEMPORARY,
  block: FundsEntryKind.BLOCK,
  unblock: FundsEntryKind.UNBLOCK,
  temporaryEnd: FundsEntryKind.TEMPORARY_END,
  refund: FundsEntryKind.REFUND,
} as const;

export type FilterName = keyof typeof FILTERS;
export type AccountName = keyof typeof ACCOUNTS;
export type RemittanceName = keyof typeof REMITTANCES;
export type PurposeName = keyof typeof PURPOSES;

export function namesOf<Name extends string>(values: Record<Name, number>): Name[] {
  return Object.keys(values) as Name[];
}

export function nameOf<Name extends string>(values: Record<Name, number>, value: number): Name | undefined {
  return namesOf(values).find((name) => values[name] === value);
}

/** What is shipped on credit is not taken from an account, but owed from then on. */
export function kindKey(kind: FundsEntryKind, account: FundsAccount): Key {
  const name = nameOf(KINDS, kind);
  if (name === "capture" && account === FundsAccount.CREDIT) return "funds.kind.captureCredit";
  return name ? `funds.kind.${name}` : "funds.kind.unknown";
}

/** With a plus, where something is more by it. */
export function signed(minor: bigint, money: (minor: bigint) => string): string {
  return minor > 0n ? `+${money(minor)}` : money(minor);
}

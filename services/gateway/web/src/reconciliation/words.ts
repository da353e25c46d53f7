// What enums of the contract are called here: in addresses, in texts and in class names.
import { BillDifferenceKind } from "../gen/qudao/order/v1/provider_bill_service_pb";
import { BankLineStatus, BillDifferenceStatus } from "../gen/qudao/order/v1/reconciliation_query_service_pb";

/** The read model behind these lists. */
export const RECONCILIATION = "reconciliation";

export const LINES = {
  open: BankLineStatus.OPEN,
  differs: BankLineStatus.DIFFERS,
  proposed: BankLineStatus.PROPOSED,
  matched: BankLineStatus.MATCHED,
  setAside: BankLineStatus.SET_ASIDE,
} as const;

export const DIFFERENCES = {
  open: BillDifferenceStatus.OPEN,
  resolved: BillDifferenceStatus.RESOLVED,
  gone: BillDifferenceStatus.GONE,
} as const;

export const KINDS = {
  onlyThere: BillDifferenceKind.ONLY_THERE,
  onlyHere: BillDifferenceKind.ONLY_HERE,
  amount: BillDifferenceKind.AMOUNT,
} as const;

export type LineName = keyof typeof LINES;

/** What somebody has to do something about. */
export const OPEN_LINES: readonly LineName[] = ["open", "differs", "proposed"];

/** What can be done with a line of this status. */
export type ActName = "confirm" | "propose" | "assign" | "setAside" | "reopen";

export function actsOn(status: LineName | undefined): ActName[] {
  switch (status) {
    case "proposed":
      return ["confirm", "reopen"];
    case "open":
    case "differs":
      return ["propose", "assign", "setAside"];
    case "setAside":
      return ["reopen"];
    default:
      return [];
  }
}

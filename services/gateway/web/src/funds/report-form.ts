// A remittance as people report it, and what is wrong with it.
import type { Key } from "../i18n/i18n";
import { parseAmount } from "./amounts";
import type { PurposeName } from "./words";

export interface ReportForm {
  dealerId: string;
  purpose: PurposeName;
  /** What was typed. */
  amount: string;
  paidOn: string;
  reference: string;
  note: string;
}

const SHORTEST_REFERENCE = 4;
export const LONGEST_REFERENCE = 64;

export type Problems = Map<string, Key>;

export function isReference(text: string): boolean {
  const { length } = text.trim();
  return length >= SHORTEST_REFERENCE && length <= LONGEST_REFERENCE;
}

/** What is wrong with which field, by its name in the contract. */
export function reportProblems({ dealerId, amount, paidOn, reference }: ReportForm, currency: string): Problems {
  const found: Problems = new Map();
  if (dealerId === "") found.set("dealer_id", "newOrder.needDealer");
  if (parseAmount(amount, currency) === undefined) found.set("amount_minor", "number.bad");
  if (paidOn === "") found.set("paid_on", "remit.paidOn.needed");
  if (!isReference(reference)) found.set("bank_reference", "remit.reference.bad");
  return found;
}

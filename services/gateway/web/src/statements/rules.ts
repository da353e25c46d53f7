import { FundsAccount } from "../gen/qudao/order/v1/funds_query_service_pb";
import { StatementStatus, type Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { nameOf } from "../funds/words";
import { STATUSES, type StatusName } from "./words";

const { DRAFT, SENT, DISPUTED, CORRECTING, DISCARDED } = StatementStatus;

/** After so many days somebody looks after what was not answered. */
export const LONG_DAYS = 7;

export const isDraft = ({ status }: Statement) => status === DRAFT;
export const isDisputed = ({ status }: Statement) => status === DISPUTED;
/** Whether the dealer can agree to it or dispute it. */
export const isAsked = ({ status }: Statement) => status === SENT || status === CORRECTING;
/** Whether it was sent and is not ended. */
export const isOpen = ({ status }: Statement) => status === SENT || status === DISPUTED || status === CORRECTING;

/** Of credit, a balance is what is owed. */
export const isOwed = ({ account }: Statement) => account === FundsAccount.CREDIT;

/** Statuses that somebody may look for: to people of a dealer there are no drafts. */
export function statusesFor(own: boolean): StatusName[] {
  const all = Object.keys(STATUSES) as StatusName[];
  return own ? all.filter((name) => STATUSES[name] !== DRAFT && STATUSES[name] !== DISCARDED) : all;
}

export const statusName = (status: StatementStatus) => nameOf(STATUSES, status);

/** The last day of the month before the one that a day is in. */
export function lastMonthEnd(today: string): string {
  const [year = 0, month = 1] = today.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, 0)).toISOString().slice(0, 10);
}

// What enums of the contract are called here: in addresses, in texts and in class names.
import { StatementAct, StatementStatus } from "../gen/qudao/order/v1/statement_query_service_pb";
import { DisputeVerdict } from "../gen/qudao/order/v1/statement_service_pb";

/** The read model behind all lists of statements. */
export const STATEMENTS = "statements";

export const STATUSES = {
  draft: StatementStatus.DRAFT,
  sent: StatementStatus.SENT,
  disputed: StatementStatus.DISPUTED,
  correcting: StatementStatus.CORRECTING,
  agreed: StatementStatus.AGREED,
  replaced: StatementStatus.REPLACED,
  discarded: StatementStatus.DISCARDED,
} as const;

export const ACTS = {
  made: StatementAct.MADE,
  sent: StatementAct.SENT,
  agreed: StatementAct.AGREED,
  disputed: StatementAct.DISPUTED,
  rejected: StatementAct.REJECTED,
  accepted: StatementAct.ACCEPTED,
  replaced: StatementAct.REPLACED,
  discarded: StatementAct.DISCARDED,
} as const;

/** What the dealer does about a statement; all else is done by the brand. */
export const BY_DEALER = new Set<StatementAct>([StatementAct.AGREED, StatementAct.DISPUTED]);

export const VERDICTS = {
  rejected: DisputeVerdict.REJECTED,
  accepted: DisputeVerdict.ACCEPTED,
} as const;

export type StatusName = keyof typeof STATUSES;
export type VerdictName = keyof typeof VERDICTS;

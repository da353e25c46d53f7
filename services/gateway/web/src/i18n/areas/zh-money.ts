import { zhFunds } from "../zh-funds";
import { zhPayments } from "../zh-payments";
import { zhReconciliation } from "../zh-reconciliation";
import { zhStatements } from "../zh-statements";

export const words = { ...zhFunds, ...zhPayments, ...zhReconciliation, ...zhStatements };

import { enFunds } from "../en-funds";
import { enPayments } from "../en-payments";
import { enReconciliation } from "../en-reconciliation";
import { enStatements } from "../en-statements";

export const words = { ...enFunds, ...enPayments, ...enReconciliation, ...enStatements };

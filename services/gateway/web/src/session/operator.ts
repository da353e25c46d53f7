import type { DescMethod } from "@bufbuild/protobuf";
import { useMemo, useSyncExternalStore } from "react";
import { followOperator, storedOperator } from "./operator-store";
import { mayCall, useUser } from "./session";

const NOBODY = {};

/** What this person may do with the operator's token, if they have shown one, and how to send it. */
export function useOperator() {
  const { roles } = useUser();
  const operator = useSyncExternalStore(followOperator, storedOperator);
  return useMemo(() => {
    const all = [...roles, ...(operator?.roles ?? [])];
    return {
      operator,
      may: (method: DescMethod) => mayCall(all, method),
      headers: operator ? bearer(operator.token) : NOBODY,
    };
  }, [roles, operator]);
}

export function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}

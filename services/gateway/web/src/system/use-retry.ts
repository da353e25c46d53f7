import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { OperationsService, type ParkedFact } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { useOperator } from "../session/operator";
import { useFormat } from "../ui/format";
import { keyOf, outcomeOfRetry } from "./facts";

/**
 * Has a parked fact tried once more and tells how it went. It belongs to the list: the fact, and
 * what shows it, are gone as soon as it could be applied.
 */
export function useRetry(onApplied: (fact: ParkedFact, words: string) => void, onTried: () => void) {
  const { t } = useI18n();
  const format = useFormat();
  const operations = useClient(OperationsService);
  const { headers } = useOperator();
  const [tried, setTried] = useState({ key: "", words: "" });
  const action = useAction();
  const start = (fact: ParkedFact) =>
    action.run(async () => {
      const { projection, position } = fact;
      const key = keyOf(fact);
      setTried({ key, words: t("parked.retrying") });
      try {
        await operations.retryParkedFact({ projection, position }, { headers });
        const look = async () => (await operations.getParkedFact({ projection, position }, { headers })).fact;
        const outcome = await outcomeOfRetry(look);
        setTried({ key, words: "" });
        if (outcome?.applied) return onApplied(fact, t("parked.applied", { n: format.count(position) }));
        setTried({ key, words: outcome ? t("parked.failedAgain", { reason: outcome.reason }) : t("parked.tooLate") });
        onTried();
      } catch (error) {
        setTried({ key, words: "" });
        throw error;
      }
    });
  return { ...action, start, tried };
}

export type Retry = ReturnType<typeof useRetry>;

import { useCallback, useEffect, useState } from "react";
import { useClient } from "../api/clients";
import { PaymentQueryService, type Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { askAgainMillis } from "./rules";

export interface Followed {
  id: string;
  /** What is shown has to be as of here, at least. */
  position: bigint;
}

interface Found {
  payment: Payment;
  position: bigint;
}

const FAILED_AGAIN_MS = 3_000;

/** How a payment stands: asked again and again, as long as somebody looks at the page. */
export function usePayment({ id, position }: Followed) {
  const payments = useClient(PaymentQueryService);
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (id === "") return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    const ask = async () => {
      clearTimeout(timer);
      if (asking || document.visibilityState === "hidden") return;
      asking = true;
      let wait: number | undefined = FAILED_AGAIN_MS;
      try {
        const { payment, freshness } = await payments.getPayment({ paymentId: id, minPosition: position }, { signal: abort.signal });
        if (abort.signal.aborted) return;
        setError(undefined);
        if (payment) {
          setFound({ payment, position: freshness?.position ?? position });
          wait = askAgainMillis(payment);
        }
      } catch (failure) {
        if (abort.signal.aborted) return;
        setError(failure);
      }
      asking = false;
      if (wait !== undefined) timer = setTimeout(ask, wait);
    };
    void ask();
    // Whoever comes back, from paying perhaps, is told at once.
    document.addEventListener("visibilitychange", ask);
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [id, position, payments, attempt]);

  const current = found?.payment.paymentId === id ? found : undefined;
  return { payment: current?.payment, position: current?.position ?? 0n, error, retry: useCallback(() => setAttempt((n) => n + 1), []) };
}

import { nameOf } from "../funds/words";
import type { Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { CLOSURES, MISMATCHES } from "./words";

/** Why it is closed, or what does not fit, in a word or two. */
export function usePaymentDetail({ closure, parked, detail }: Payment): string {
  const { t } = useI18n();
  const why = nameOf(CLOSURES, closure);
  const mismatch = parked && nameOf(MISMATCHES, parked.mismatch);
  if (mismatch) return t(`online.mismatch.${mismatch}`);
  return why ? t(`online.closure.${why}`) : detail;
}

// Figures of ordering as the cockpit writes them. They come rounded down, and stay so: no share is
// shown better than it is.
import type { CycleTime, OrderMetrics } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import type { Translate } from "../i18n/i18n";

/** What the brand claims: orders are released within two hours, and 99.9 % of lines are right. */
export const CLAIM_MILLISECONDS = 7_200_000n;
export const CLAIM_ACCURACY_PPM = 999_000n;

/** `2 h 05 min`, as exact as its two largest units. */
export function cycleText(milliseconds: bigint, t: Translate): string {
  const seconds = Number(milliseconds / 1000n);
  if (seconds < 60) return t("time.seconds", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("time.minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    const rest = minutes % 60;
    return rest === 0 ? t("time.hours", { n: hours }) : `${t("time.hours", { n: hours })} ${t("time.minutes", { n: rest })}`;
  }
  return t("metrics.days", { n: tenths(BigInt(Math.floor(hours / 2.4))) });
}

/** `99.95%` of parts per million. */
export function ppmText(ppm: bigint): string {
  return `${hundredths(ppm / 100n)}%`;
}

/** A share of something; a dash of nothing. */
export function shareText(whole: bigint, ppm: bigint): string {
  return whole === 0n ? "–" : ppmText(ppm);
}

export function hundredths(value: bigint): string {
  return `${value / 100n}.${String(value % 100n).padStart(2, "0")}`;
}

export function tenths(value: bigint): string {
  return `${value / 10n}.${value % 10n}`;
}

/** Whether a claim holds; undefined while nothing can be said. */
export function releaseMet(release: CycleTime | undefined): boolean | undefined {
  if (!release || release.orders === 0n) return undefined;
  return release.p50Milliseconds <= CLAIM_MILLISECONDS;
}

export function accuracyMet({ accuracy }: Pick<OrderMetrics, "accuracy">): boolean | undefined {
  if (!accuracy || accuracy.receivedLines === 0n) return undefined;
  return accuracy.accuracyPpm >= CLAIM_ACCURACY_PPM;
}

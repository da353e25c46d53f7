import type { Translate } from "../i18n/i18n";

/** `2026-11-23 14:05` in the tenant's time zone. */
export function formatTime(rfc3339: string, timeZone: string, seconds = false): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.getTime())) return "–";
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: timeZone || "UTC",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(time);
  const get = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const day = `${get("year")}-${get("month")}-${get("day")}`;
  const clock = `${get("hour")}:${get("minute")}`;
  return seconds ? `${day} ${clock}:${get("second")}` : `${day} ${clock}`;
}

/** The day on which clocks of the time zone were at that moment, `2026-11-23`. */
export function dayOf(rfc3339: string, timeZone: string): string {
  return formatTime(rfc3339, timeZone).slice(0, 10);
}

/** Relative within a day, the date and time after that. */
export function formatAgo(rfc3339: string, now: number, timeZone: string, t: Translate): string {
  const at = Date.parse(rfc3339);
  if (Number.isNaN(at)) return "–";
  const seconds = Math.max(0, (now - at) / 1000);
  if (seconds < 10) return t("time.secondsAgo", { n: seconds.toFixed(1) });
  if (seconds < 60) return t("time.secondsAgo", { n: Math.floor(seconds) });
  if (seconds < 3600) return t("time.minutesAgo", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("time.hoursAgo", { n: Math.floor(seconds / 3600) });
  return formatTime(rfc3339, timeZone);
}

/** Milliseconds from the recording of an event to its arrival in a read model. */
export function lagMillis(eventTime: string, appliedAt: string): number | undefined {
  const lag = Date.parse(appliedAt) - Date.parse(eventTime);
  return Number.isNaN(lag) ? undefined : Math.max(0, lag);
}

/** `0.4` for seconds under ten, whole seconds above. */
export function formatLagSeconds(millis: number): string {
  const seconds = millis / 1000;
  if (seconds < 0.1) return "<0.1";
  return seconds < 10 ? seconds.toFixed(1) : Math.round(seconds).toString();
}

/**
 * The moment at which clocks of the time zone show `2026-11-23T14:05`, as RFC 3339; empty when
 * that is no time.
 */
export function instantOf(wall: string, timeZone: string): string {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return "";
  const ahead = (at: number) =>
    Date.parse(`${formatTime(new Date(at).toISOString(), timeZone, true).replace(" ", "T")}Z`) - at;
  // The zone may have changed its offset between the first guess and the moment itself.
  const guess = asUtc - ahead(asUtc);
  return new Date(asUtc - ahead(guess)).toISOString();
}

/** `0.4 s`, `12 min`, `3 h`: how long something takes. */
export function formatDuration(millis: number, t: Translate): string {
  const seconds = millis / 1000;
  if (seconds < 60) return t("time.seconds", { n: formatLagSeconds(millis) });
  if (seconds < 3600) return t("time.minutes", { n: Math.round(seconds / 60) });
  return t("time.hours", { n: Math.round(seconds / 3600) });
}

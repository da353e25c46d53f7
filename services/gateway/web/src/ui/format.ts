import { useMemo } from "react";
import { formatMoney } from "../format/money";
import { formatInteger, type Locale } from "../format/number";
import { formatTime } from "../format/time";
import { useI18n } from "../i18n/i18n";
import { useSession } from "../session/session";

export interface Format {
  locale: Locale;
  money: (minor: bigint, currency?: string) => string;
  count: (value: bigint | number) => string;
  time: (rfc3339: string, seconds?: boolean) => string;
}

/** Formats in the reader's language and the tenant's currency and time zone. */
export function useFormat(): Format {
  const { locale } = useI18n();
  const user = useSession().session?.user;
  const currencyCode = user?.currencyCode ?? "";
  const timeZone = user?.timeZone ?? "";
  return useMemo(
    () => ({
      locale,
      money: (minor, currency) => formatMoney(minor, currency || currencyCode, locale),
      count: (value) => formatInteger(value, locale),
      time: (rfc3339, seconds) => formatTime(rfc3339, timeZone, seconds),
    }),
    [locale, currencyCode, timeZone],
  );
}

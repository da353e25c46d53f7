import { ACCOUNTS, nameOf } from "../funds/words";
import type { Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { LONG_DAYS, statusName } from "./rules";

export function StatementTag({ statement: { status } }: { statement: Statement }) {
  const { t } = useI18n();
  const name = statusName(status);
  return <span className={`tag tag-statement-${name ?? "unknown"}`}>{t(name ? `stm.status.${name}` : "status.unknown")}</span>;
}

/** For how long somebody is waited for. */
export function Waiting({ statement: { waitingSince, waitingDays } }: { statement: Statement }) {
  const { t } = useI18n();
  if (!waitingSince || waitingDays === 0) return null;
  return <span className={waitingDays >= LONG_DAYS ? "statement-late" : "soft"}>{t("stm.waiting", { n: waitingDays })}</span>;
}

export function AccountName({ statement: { account, currencyCode } }: { statement: Statement }) {
  const { t } = useI18n();
  const name = nameOf(ACCOUNTS, account);
  return (
    <>
      {name ? t(`funds.account.${name}`) : "–"} · {currencyCode}
    </>
  );
}

export const periodOf = ({ fromDate, untilDate }: Statement) => `${fromDate} – ${untilDate}`;

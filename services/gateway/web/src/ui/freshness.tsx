import { Tooltip } from "antd";
import { formatAgo, formatLagSeconds, lagMillis } from "../format/time";
import type { Freshness } from "../gen/qudao/common/v1/receipt_pb";
import { useI18n } from "../i18n/i18n";
import { useLive, useNow, useProjection } from "../live/live";
import { useUser } from "../session/session";
import { useFormat } from "./format";

type Health = "live" | "behind" | "polling" | "offline";

function useHealth(position: bigint, projection: string): Health {
  const { connection } = useLive();
  const status = useProjection(projection);
  if (connection === "offline") return "offline";
  if (status && status.logPosition > status.position && status.logPosition > position) return "behind";
  return connection === "live" || connection === "connecting" ? "live" : "polling";
}

/** How old an answer is and whether newer facts are on their way. */
export function FreshnessMark({ freshness, projection }: { freshness?: Freshness; projection: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { timeZone } = useUser();
  const now = useNow();
  const health = useHealth(freshness?.position ?? 0n, projection);
  if (!freshness?.appliedAt) return <span className="freshness soft">{t("fresh.never")}</span>;
  const lag = lagMillis(freshness.eventTime, freshness.appliedAt);
  const ago = formatAgo(freshness.appliedAt, now, timeZone, t);
  // After a rebuild old events are applied late; that says nothing about the way they took.
  const lagText = lag !== undefined && lag < 60_000 ? t("fresh.lag", { n: formatLagSeconds(lag) }) : "";
  return (
    <Tooltip
      title={t("fresh.tip", {
        position: freshness.position.toString(),
        event: format.time(freshness.eventTime, true),
        applied: format.time(freshness.appliedAt, true),
      })}
    >
      <span className={`freshness freshness-${health}`}>
        <span className="dot" aria-hidden="true" />
        {health !== "live" && <b>{t(`fresh.${health}`)}</b>}
        <span>
          {ago}
          {lagText && ` · ${lagText}`}
        </span>
      </span>
    </Tooltip>
  );
}

/** The state of the connection, shown only while it is not what it should be. */
export function ConnectionBadge() {
  const { t } = useI18n();
  const { connection } = useLive();
  if (connection === "live" || connection === "connecting") return null;
  return (
    <span className={`badge badge-${connection}`} role="status">
      {t(`fresh.${connection}`)}
    </span>
  );
}

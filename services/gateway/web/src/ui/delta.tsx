import { changePermille, formatPermille } from "../format/number";
import { useI18n } from "../i18n/i18n";

interface Props {
  label?: string;
  now: bigint;
  before: bigint;
  /** What stands there when there is nothing to compare with; else "new". */
  empty?: string;
}

/** Growth by arrow, sign and colour; which colour means up is set by the language in CSS. */
export function Delta({ label, now, before, empty }: Props) {
  const { t } = useI18n();
  const change = changePermille(now, before);
  if (change === undefined) {
    return (
      <span className="delta" title={t("delta.noBase")}>
        {label && <span className="soft">{label} </span>}
        {empty ?? (now === 0n ? "–" : t("delta.new"))}
      </span>
    );
  }
  const direction = change > 0n ? "up" : change < 0n ? "down" : "flat";
  const arrow = { up: "▲", down: "▼", flat: "＝" }[direction];
  return (
    <span className={`delta delta-${direction}`}>
      {label && <span className="soft">{label} </span>}
      <span aria-hidden="true">{arrow}</span> {formatPermille(change)}
    </span>
  );
}

import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";

export function OutTag() {
  const { t } = useI18n();
  return <span className="tag tag-cancelled">{t("stock.out")}</span>;
}

/** That there is nothing, or so little. */
export function LeftTag({ available }: { available: bigint | number }) {
  const { t } = useI18n();
  const format = useFormat();
  if (Number(available) === 0) return <OutTag />;
  return <span className="tag tag-submitted">{t("stock.left", { n: format.count(available) })}</span>;
}

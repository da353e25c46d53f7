import type { PageInfo } from "../gen/qudao/common/v1/page_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";

interface Props {
  page: PageInfo | undefined;
  /** How many of them stand above. */
  shown: number;
  words: "waiting.others.orders" | "waiting.others.products";
}

/** How many more there are than one page has: what is not shown must not look as if it were not there. */
export function Others({ page, shown, words }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const more = (page?.total ?? 0n) - BigInt(shown);
  return more > 0n ? <p className="soft" data-others={String(more)}>{t(words, { n: format.count(more) })}</p> : null;
}

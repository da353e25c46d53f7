import type { Dealer } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { classWords } from "./classes";
import type { DealerClasses } from "./use-dealer-classes";

/** What a dealer will be, and from when on. */
export function AnnouncedTags({ dealer, classes }: { dealer: Dealer; classes: DealerClasses }) {
  const { t } = useI18n();
  return (
    <>
      {dealer.announced.map((one) => (
        <span key={one.effectiveOn} className="tag tag-announced">
          {t("classes.announced", { day: one.effectiveOn, what: classWords(one, classes, t) })}
        </span>
      ))}
    </>
  );
}

import type { ReactNode } from "react";
import { Sentences } from "../audience/sentences";
import { audienceWords, daysWords, scopeWords } from "../audience/words";
import { Measure, type PromotionTerms } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { kindOf } from "./kinds";
import { useTermsWords } from "./use-terms-words";
import { groupWords, hasScope, offerWords, partsWords, quotaWords } from "./words";

interface Props {
  terms: PromotionTerms;
  /** What it gives is still being written. */
  unfinished?: boolean;
}

/** What a promotion says, in words. */
export function TermsView({ terms, unfinished = false }: Props) {
  const { t } = useI18n();
  const words = useTermsWords(terms);
  return (
    <dl className="terms">
      <Row name={t("promo.kind")}>
        <strong>{t(`promo.kind.${kindOf(terms)}`)}</strong>
      </Row>
      {terms.measure === Measure.SETS && !unfinished && <Row name={t("promo.parts")}>{partsWords(terms, words)}</Row>}
      <Row name={t("promo.offer")}>
        {unfinished ? <span className="soft">{t("promo.unfinished")}</span> : <Sentences said={offerWords(terms, words)} />}
      </Row>
      {hasScope(terms) && (
        <Row name={t("scope.title")}>
          <Sentences said={scopeWords(terms.scope, words)} />
        </Row>
      )}
      <Row name={t("audience.title")}>
        <Sentences said={audienceWords(terms.audience, words)} />
      </Row>
      <Row name={t("days.title")}>{daysWords(terms, t)}</Row>
      <Row name={t("promo.group")}>
        <Sentences said={groupWords(terms, words)} />
      </Row>
      <Row name={t("promo.quota")}>
        <Sentences said={quotaWords(terms, words)} />
      </Row>
    </dl>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

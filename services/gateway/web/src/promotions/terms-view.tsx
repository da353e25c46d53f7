import type { ReactNode } from "react";
import { Measure, type PromotionTerms } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { kindOf } from "./kinds";
import { useTermsWords } from "./use-terms-words";
import { audienceWords, daysWords, groupWords, hasScope, offerWords, partsWords, quotaWords, scopeWords } from "./words";

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
        <Row name={t("promo.scope")}>
          <Sentences said={scopeWords(terms, words)} />
        </Row>
      )}
      <Row name={t("promo.audience")}>
        <Sentences said={audienceWords(terms, words)} />
      </Row>
      <Row name={t("promo.days")}>{daysWords(terms, t)}</Row>
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

function Sentences({ said }: { said: string[] }) {
  return (
    <ul>
      {said.map((one, i) => (
        <li key={i}>{one}</li>
      ))}
    </ul>
  );
}

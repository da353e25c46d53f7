import type { ReactNode } from "react";
import { Sentences } from "../audience/sentences";
import { audienceWords, daysWords, scopeWords } from "../audience/words";
import type { AssortmentTerms } from "../gen/qudao/order/v1/assortment_service_pb";
import { useI18n } from "../i18n/i18n";
import { EFFECT_HINTS, EFFECT_NAMES } from "./rule-form";
import { useRulesWords } from "./use-rules-words";

/** What a rule says, in words. */
export function RuleView({ terms }: { terms: AssortmentTerms }) {
  const { t } = useI18n();
  const words = useRulesWords([terms]);
  return (
    <dl className="terms">
      <Row name={t("range.effect")}>
        <strong>{t(EFFECT_NAMES[terms.effect] ?? "promo.unknown")}</strong>
        <p className="soft">{t(EFFECT_HINTS[terms.effect] ?? "promo.unknown")}</p>
      </Row>
      <Row name={t("audience.title")}>
        <Sentences said={audienceWords(terms.audience, words)} />
      </Row>
      <Row name={t("scope.title")}>
        <Sentences said={scopeWords(terms.scope, words)} />
      </Row>
      <Row name={t("days.title")}>{terms.from ? daysWords(terms, t) : "–"}</Row>
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

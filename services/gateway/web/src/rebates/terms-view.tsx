import type { ReactNode } from "react";
import { Sentences } from "../audience/sentences";
import { useAudienceWords } from "../audience/use-audience-words";
import { audienceWords, daysWords, scopeWords } from "../audience/words";
import type { RebateTerms } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { BASES, CYCLES, keyOf, LADDERS, tierWords } from "./words";

/** What a rebate plan says, in words. */
export function RebateTermsView({ terms }: { terms: RebateTerms }) {
  const { t } = useI18n();
  const format = useFormat();
  const { scope } = terms;
  const words = useAudienceWords([terms.audience], [...(scope?.productIds ?? []), ...(scope?.exceptProductIds ?? [])]);
  return (
    <dl className="terms">
      <Row name={t("rebate.cycle")}>{t(keyOf(CYCLES, terms.cycle))}</Row>
      <Row name={t("rebate.basis")}>{t(keyOf(BASES, terms.basis))}</Row>
      <Row name={t("rebate.ladder")}>{t(keyOf(LADDERS, terms.ladder))}</Row>
      <Row name={t("rebate.tiers")}>
        <Sentences said={tierWords(terms, t, format)} />
      </Row>
      <Row name={t("scope.title")}>
        <Sentences said={scopeWords(scope, words)} />
      </Row>
      <Row name={t("audience.title")}>
        <Sentences said={audienceWords(terms.audience, words)} />
      </Row>
      <Row name={t("days.title")}>{daysWords(terms, t)}</Row>
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

import { Button } from "antd";
import { Sentences } from "../audience/sentences";
import { audienceWords, daysWords, scopeWords } from "../audience/words";
import { AssortmentEffect } from "../gen/qudao/order/v1/assortment_service_pb";
import type { AssortmentRule } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { EFFECT_NAMES } from "./rule-form";
import { useRulesWords } from "./use-rules-words";

interface Props {
  rules: AssortmentRule[];
  /** Absent for who may only look. */
  onOpen: ((rule: AssortmentRule) => void) | undefined;
  onRemove: ((rule: AssortmentRule) => void) | undefined;
}

/** Rules in words. */
export function RuleTable({ rules, onOpen, onRemove }: Props) {
  const { t } = useI18n();
  const words = useRulesWords(rules.map(({ terms }) => terms));
  const days = ({ terms }: AssortmentRule) => (terms ? daysWords(terms, t) : "");
  return (
    <DataTable
      label={t("nav.range")}
      rows={rules}
      rowKey={(rule) => rule.ruleId}
      {...(onOpen && { onOpen })}
      columns={[
        { key: "name", title: t("range.name"), cell: (rule) => rule.terms?.name },
        { key: "effect", title: t("range.effect"), cell: (rule) => <EffectTag rule={rule} /> },
        { key: "audience", title: t("audience.title"), cell: ({ terms }) => <Wrapped said={audienceWords(terms?.audience, words)} /> },
        { key: "scope", title: t("scope.title"), cell: ({ terms }) => <Wrapped said={scopeWords(terms?.scope, words)} /> },
        { key: "days", title: t("days.title"), cell: days },
        { key: "id", title: t("range.id"), cell: (rule) => <span className="mono">{rule.ruleId}</span> },
      ]}
      {...(onRemove && {
        actions: (rule: AssortmentRule) => (
          <Button size="small" danger aria-label={t("range.remove.of", { name: rule.terms?.name ?? rule.ruleId })} onClick={() => onRemove(rule)}>
            {t("range.remove")}
          </Button>
        ),
      })}
      card={(rule) => (
        <>
          <span className="card-line">
            <strong>{rule.terms?.name}</strong>
            <EffectTag rule={rule} />
          </span>
          <span className="soft">{audienceWords(rule.terms?.audience, words).join(" · ")}</span>
          <span className="soft">{scopeWords(rule.terms?.scope, words).join(" · ")}</span>
          <span className="card-line soft">
            <span>{days(rule)}</span>
            <span className="mono">{rule.ruleId}</span>
          </span>
        </>
      )}
    />
  );
}

function Wrapped({ said }: { said: string[] }) {
  return (
    <div className="wrap">
      <Sentences said={said} />
    </div>
  );
}

const LOOKS: Record<AssortmentEffect, string> = {
  [AssortmentEffect.UNSPECIFIED]: "",
  [AssortmentEffect.HIDE]: "tag-cancelled",
  [AssortmentEffect.EXCLUSIVE]: "tag-gift",
  [AssortmentEffect.LIMIT]: "tag-submitted",
};

function EffectTag({ rule }: { rule: AssortmentRule }) {
  const { t } = useI18n();
  const effect = rule.terms?.effect ?? AssortmentEffect.UNSPECIFIED;
  return <span className={`tag ${LOOKS[effect] ?? ""}`}>{t(EFFECT_NAMES[effect] ?? "promo.unknown")}</span>;
}

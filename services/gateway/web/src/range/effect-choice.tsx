import { useI18n } from "../i18n/i18n";
import type { ProblemOf } from "../audience/form";
import { EFFECT_HINTS, EFFECT_NAMES, EFFECTS, type RuleForm } from "./rule-form";

interface Props {
  form: RuleForm;
  set: (change: Partial<RuleForm>) => void;
  problem: ProblemOf;
}

/** What a rule does, each kind with what it means. */
export function EffectChoice({ form, set, problem }: Props) {
  const { t } = useI18n();
  const wrong = problem("terms.effect");
  return (
    <fieldset className="field">
      <legend className="hidden">{t("range.effect")}</legend>
      <div className="kinds kinds-three" role="radiogroup" aria-label={t("range.effect")}>
        {EFFECTS.map((effect) => (
          <label key={effect} className={effect === form.effect ? "kind kind-on" : "kind"}>
            <input
              type="radio"
              className="hidden"
              name="rule-effect"
              value={effect}
              checked={effect === form.effect}
              onChange={() => set({ effect })}
            />
            <strong>{t(EFFECT_NAMES[effect])}</strong>
            <span className="soft">{t(EFFECT_HINTS[effect])}</span>
          </label>
        ))}
      </div>
      {wrong && (
        <span className="field-error" role="alert">
          {wrong}
        </span>
      )}
    </fieldset>
  );
}

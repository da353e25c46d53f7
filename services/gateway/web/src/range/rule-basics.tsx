import { Input } from "antd";
import type { ProblemOf } from "../audience/form";
import { useI18n } from "../i18n/i18n";
import { DayField } from "../ui/day-field";
import { Field } from "../ui/field-problems";
import type { RuleForm } from "./rule-form";

interface Props {
  form: RuleForm;
  set: (change: Partial<RuleForm>) => void;
  problem: ProblemOf;
  fixedId: boolean;
}

/** What it is called, and on which days it counts. */
export function RuleBasics({ form, set, problem, fixedId }: Props) {
  const { t } = useI18n();
  return (
    <div className="form-fields">
      <Field label={t("range.name")} problem={problem("terms.name")} hint={t("range.name.hint")}>
        <Input name="rule-name" maxLength={100} value={form.name} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      <Field label={t("range.id")} problem={problem("rule_id")} hint={t("range.id.hint")}>
        <Input
          name="rule-id"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          disabled={fixedId}
          value={form.id}
          onChange={(event) => set({ id: event.target.value.trim().toLowerCase() })}
        />
      </Field>
      <div className="tier-fields">
        <DayField label={t("days.from")} value={form.from} problem={problem("terms.from")} onChange={(from) => set({ from })} />
        <DayField
          label={t("days.until.field")}
          hint={t("days.until.hint")}
          value={form.until}
          problem={problem("terms.until")}
          onChange={(until) => set({ until })}
        />
      </div>
    </div>
  );
}

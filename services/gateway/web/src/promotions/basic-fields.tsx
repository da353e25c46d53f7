import { Input } from "antd";
import { useI18n } from "../i18n/i18n";
import { DayField } from "../ui/day-field";
import { Field } from "../ui/field-problems";
import type { FieldsProps } from "./offer-fields";

/** What it is called, and on which days it counts. */
export function BasicFields({ form, set, problem, fixedId }: FieldsProps & { fixedId: boolean }) {
  const { t } = useI18n();
  return (
    <div className="form-fields">
      <Field label={t("promo.name")} problem={problem("terms.name")} hint={t("promo.name.hint")}>
        <Input name="promotion-name" maxLength={100} value={form.name} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      <Field label={t("promo.id")} problem={problem("promotion_id")} hint={t("promo.id.hint")}>
        <Input
          name="promotion-id"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          disabled={fixedId}
          value={form.id}
          onChange={(event) => set({ id: event.target.value.trim().toLowerCase() })}
        />
      </Field>
      <div className="tier-fields">
        <DayField label={t("promo.from")} value={form.from} problem={problem("terms.from")} onChange={(from) => set({ from })} />
        <DayField
          label={t("promo.until")}
          value={form.until}
          problem={problem("terms.until")}
          hint={t("promo.until.hint")}
          onChange={(until) => set({ until })}
        />
      </div>
    </div>
  );
}

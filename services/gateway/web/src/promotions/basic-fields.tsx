import { DatePicker, Input } from "antd";
import dayjs from "dayjs";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import type { FieldsProps } from "./offer-fields";

const DAY = "YYYY-MM-DD";

/** What it is called, and on which days it counts. */
export function BasicFields({ form, set, problem, fixedId }: FieldsProps & { fixedId: boolean }) {
  const { t } = useI18n();
  return (
    <div className="promo-fields">
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
        <Day label={t("promo.from")} value={form.from} problem={problem("terms.from")} onChange={(from) => set({ from })} />
        <Day
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

interface DayProps {
  label: string;
  value: string;
  problem: string;
  hint?: string;
  onChange: (day: string) => void;
}

function Day({ label, value, problem, hint, onChange }: DayProps) {
  return (
    <Field label={label} problem={problem} {...(hint && { hint })}>
      <DatePicker
        aria-label={label}
        format={DAY}
        value={value ? dayjs(value) : null}
        onChange={(day) => onChange(day?.format(DAY) ?? "")}
      />
    </Field>
  );
}

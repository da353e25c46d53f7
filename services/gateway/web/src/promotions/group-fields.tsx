import { Checkbox, Input, InputNumber } from "antd";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import type { FieldsProps } from "./offer-fields";
import { STACKING_HINTS, STACKING_NAMES, STACKINGS } from "./words";

const MOST_RANK = 1000;
const MOST_QUOTA = 1_000_000_000;

/** How it stands beside other promotions. */
export function GroupFields({ form, set, problem }: FieldsProps) {
  const { t } = useI18n();
  return (
    <div className="form-fields">
      <Field label={t("promo.group.name")} problem={problem("terms.group_name")} hint={t("promo.group.name.hint")}>
        <Input name="group-name" maxLength={50} value={form.groupName} onChange={(event) => set({ groupName: event.target.value })} />
      </Field>
      <fieldset className="field">
        <legend>{t("promo.stacking")}</legend>
        <div className="kinds kinds-three" role="radiogroup" aria-label={t("promo.stacking")}>
          {STACKINGS.map((stacking) => (
            <label key={stacking} className={stacking === form.stacking ? "kind kind-on" : "kind"}>
              <input
                type="radio"
                className="hidden"
                name="promotion-stacking"
                checked={stacking === form.stacking}
                onChange={() => set({ stacking })}
              />
              <strong>{t(STACKING_NAMES[stacking])}</strong>
              <span className="soft">{t(STACKING_HINTS[stacking])}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="tier-fields">
        <Whole
          label={t("promo.group.rank")}
          hint={t("promo.group.rank.hint")}
          problem={problem("terms.group_rank")}
          most={MOST_RANK}
          value={form.groupRank}
          onChange={(groupRank) => set({ groupRank })}
        />
        <Whole
          label={t("promo.rank")}
          hint={t("promo.rank.hint")}
          problem={problem("terms.rank")}
          most={MOST_RANK}
          value={form.rank}
          onChange={(rank) => set({ rank })}
        />
      </div>
      <div className="field">
        <Checkbox checked={form.alone} onChange={(event) => set({ alone: event.target.checked })}>
          {t("promo.alone")}
        </Checkbox>
        <span className="soft field-hint">{t("promo.alone.hint")}</span>
      </div>
    </div>
  );
}

/** How often it is given; nothing typed means without limit. */
export function QuotaFields({ form, set, problem }: FieldsProps) {
  const { t } = useI18n();
  return (
    <div className="tier-fields">
      <Whole
        label={t("promo.quota.total")}
        hint={t("promo.quota.hint")}
        problem={problem("terms.quota_total")}
        most={MOST_QUOTA}
        unlimited
        value={form.quotaTotal}
        onChange={(quotaTotal) => set({ quotaTotal })}
      />
      <Whole
        label={t("promo.quota.each")}
        problem={problem("terms.quota_per_dealer")}
        most={MOST_QUOTA}
        unlimited
        value={form.quotaPerDealer}
        onChange={(quotaPerDealer) => set({ quotaPerDealer })}
      />
    </div>
  );
}

interface WholeProps {
  label: string;
  hint?: string;
  problem: string;
  most: number;
  unlimited?: boolean;
  value: number;
  onChange: (value: number) => void;
}

function Whole({ label, hint, problem, most, unlimited = false, value, onChange }: WholeProps) {
  const { t } = useI18n();
  return (
    <Field label={label} problem={problem} {...(hint && { hint })}>
      <InputNumber
        aria-label={label}
        inputMode="numeric"
        precision={0}
        min={0}
        max={most}
        placeholder={unlimited ? t("promo.quota.none") : "0"}
        value={unlimited && value === 0 ? null : value}
        onChange={(next) => onChange(next ?? 0)}
      />
    </Field>
  );
}
